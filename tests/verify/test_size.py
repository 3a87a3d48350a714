"""The QR's size budget: at most 200 bytes for a name of 14 characters, and modules a cheap printer can print."""

from dataclasses import replace

import pytest
import qrcode
from qrcode.util import MODE_8BIT_BYTE, MODE_NUMBER, QRData

from tests.vectors.algorithms import P256_KEY, SM2_KEY
from tests.verify.sample import FACTS, KEY
from verify.credential import sign
from verify.keyring import Signer
from verify.scanned import digits

HOST = "https://verify.yancheng.example.gov.cn"
WORST = {"sequence": 9_999_999, "status_index": (1 << 24) - 1, "domains": 45, "domains_without_data": 3}
PRINTED_MM, QUIET_MODULES = 35, 4


def measured(name: str, records: int, key: Signer = KEY) -> tuple[int, int, int, float]:
    """bytes, digits, QR version, millimetres per module at 35 mm."""
    token = sign(replace(FACTS, subject_name=name, records=records, **WORST), key)
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=QUIET_MODULES)
    code.add_data(QRData(f"{HOST}/v#".encode(), mode=MODE_8BIT_BYTE))
    code.add_data(QRData(digits(token).encode(), mode=MODE_NUMBER))
    code.make(fit=True)
    return len(token), len(digits(token)), code.version, PRINTED_MM / (code.modules_count + 2 * QUIET_MODULES)


@pytest.mark.parametrize("records", [0, 23, 24, 255, 256, 65_535])
@pytest.mark.parametrize(("key", "most_bytes"), [(KEY, 200), (P256_KEY, 200), (SM2_KEY, 204)])
def test_a_name_of_fourteen_characters_stays_within_the_budget(records: int, key: Signer, most_bytes: int) -> None:
    """SM2's number is one for private use, which takes four bytes more; the QR is no larger for it."""
    size, _, version, module_mm = measured("盐城示例禾苗环保科技有限公司", records, key)
    assert size <= most_bytes
    assert version <= 11
    assert module_mm >= 0.5


def test_the_table_of_sizes() -> None:
    """Run with -s to see it."""
    for name, key in (("Ed25519", KEY), ("ES256", P256_KEY), ("SM2", SM2_KEY)):
        print(f"\n{name}\n名称字数  字节  位数  版本  35 毫米时每格毫米")
        last = 0
        for length in (4, 14, 20, 30, 40, 60, 120):
            size, count, version, module_mm = measured("禾" * length, 300, key)
            print(f"{length:>8}{size:>6}{count:>6}{version:>6}{module_mm:>12.3f}")
            assert last < size <= 512
            last = size
