import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verify.sample import QR, TOKEN, URL
from verify.reasons import Reason, Rejection
from verify.scanned import DIGITS_LIMIT, digits, qr_text, read

DIGITS = digits(TOKEN)
FULL_WIDTH = DIGITS.translate({ord("0") + n: 0xFF10 + n for n in range(10)})
FORGIVEN = {
    "the link": QR,
    "the path form": f"{URL}/v/{DIGITS}",
    "the digits alone": DIGITS,
    "white space around": f"  {QR}\r\n",
    "a line break inside": f"{QR[:90]}\n{QR[90:]}",
    "tabs and ideographic spaces": f"\t{QR[:200]}\u3000{QR[200:]}",
    "a byte order mark": f"\ufeff{QR}",
    "full-width digits": FULL_WIDTH,
    "full-width everything": "".join(chr(ord(c) + 0xFEE0) for c in QR),
    "capitals": QR.replace("https", "HTTPS").replace("verify", "VERIFY"),
    "another host": f"http://other.example:8080/v#{DIGITS}",
}
REFUSED = {
    "": Reason.EMPTY,
    " \n\ufeff": Reason.EMPTY,
    "https://verify.example.gov.cn/v#": Reason.NOT_A_VERIFICATION_CODE,
    f"https://verify.example.gov.cn/w#{DIGITS}": Reason.NOT_A_VERIFICATION_CODE,
    f"ftp://verify.example.gov.cn/v#{DIGITS}": Reason.NOT_A_VERIFICATION_CODE,
    f"https://a@verify.example.gov.cn/v#{DIGITS}": Reason.NOT_A_VERIFICATION_CODE,
    f"https://verify.example.gov.cn/v#{DIGITS}&at=1": Reason.NOT_A_VERIFICATION_CODE,
    f"https://verify.example.gov.cn/v?x=1#{DIGITS}": Reason.NOT_A_VERIFICATION_CODE,
    f"-{DIGITS}": Reason.NOT_A_VERIFICATION_CODE,
    f"{DIGITS}.0": Reason.NOT_A_VERIFICATION_CODE,
    "١٢٣٤": Reason.NOT_A_VERIFICATION_CODE,
    "²³": Reason.NOT_A_VERIFICATION_CODE,
    "javascript:alert(1)": Reason.NOT_A_VERIFICATION_CODE,
    f"0{DIGITS}": Reason.LEADING_ZERO,
    "0": Reason.LEADING_ZERO,
    "9" * (DIGITS_LIMIT + 1): Reason.TOO_LONG,
    "9" * 100_000: Reason.TOO_LONG,
}


@pytest.mark.parametrize("text", FORGIVEN.values(), ids=FORGIVEN.keys())
def test_what_can_only_mean_one_thing_is_read(text: str) -> None:
    assert read(text).token == TOKEN
    assert read(text.encode()).token == TOKEN


@pytest.mark.parametrize(("text", "reason"), REFUSED.items(), ids=range(len(REFUSED)))
def test_anything_else_is_refused_with_its_reason(text: str, reason: Reason) -> None:
    with pytest.raises(Rejection) as refusal:
        read(text)
    assert refusal.value.reason is reason


def test_the_raw_token_is_accepted() -> None:
    assert read(TOKEN).token == TOKEN
    assert read(TOKEN).origin is None


def test_the_host_is_reported_and_does_not_change_the_token() -> None:
    assert read(qr_text(TOKEN, "https://evil.example")).origin == "https://evil.example"


@given(st.binary(min_size=1, max_size=300).filter(lambda data: data[0] != 0))
def test_bytes_become_digits_and_come_back(data: bytes) -> None:
    assert read(digits(data)).token == data


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_any_input_is_read_or_rejected(scanned: str | bytes) -> None:
    try:
        scan = read(scanned)
    except Rejection:
        return
    assert 0 < len(scan.token) <= len(scanned)
