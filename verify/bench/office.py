"""A fictional office in memory for the benchmarks: one key, one trust file, and as many credentials as asked for."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from verify.credential import Facts, ReportType, sign
from verify.keylist import Issuer, KeyEntry, KeyList, ListedCertificate, LogKey, sign_key_list
from verify.keyring import ED25519, Ed25519Signer
from verify.status import CHANGES, WITHDRAWALS, ListKind, StatusList, pack, sign_status_list
from verify.subject import ALPHABET, check_character
from verify.trust import Root, Trust, open_trust
from verify.validity import SHANGHAI

URL = "https://verify.example.gov.cn"
ORIGIN = "verify.example.gov.cn/log"
LOG = Ed25519Signer.from_seed(b"chenghe fictional bench log key1")
STATUS_SPACE = 1 << 20
MOMENT = datetime(2026, 9, 1, 9, tzinfo=SHANGHAI)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class BenchOffice:
    """``now``: the moment its lists are fresh at. ``signer`` signs credentials, lists and the key list."""

    now: datetime
    signer: Ed25519Signer
    trust: Trust

    @classmethod
    def made(cls, certificates: tuple[ListedCertificate, ...] = ()) -> "BenchOffice":
        """``certificates``: of its documents."""
        now = MOMENT
        signer = Ed25519Signer(Ed25519PrivateKey.generate())
        entry = KeyEntry(ED25519, signer.public_key, now - 60 * _DAY, now + 60 * _DAY, (int(ReportType.SPECIAL),))
        issuer = Issuer("云汀市公共信用信息中心（虚构）", "YTZX", URL)
        log = LogKey(ORIGIN, LOG.public_key, ())
        listed = KeyList(1, now - _DAY, now + 60 * _DAY, issuer, (entry,), (log,), certificates)
        keys = sign_key_list(listed, signer)
        lists = (sign_status_list(_list(kind, now), signer) for kind in (WITHDRAWALS, CHANGES))
        return cls(now, signer, open_trust(Root(ED25519, signer.public_key), keys, *lists))

    def tokens(self, count: int) -> list[bytes]:
        """Credentials of ``count`` different subjects, issued over the twenty days before ``now``."""
        return [self.token(number) for number in range(count)]

    def token(self, number: int) -> bytes:
        return sign(self.facts(number), self.signer)

    def facts(self, number: int) -> Facts:
        body = "9132" + "".join(secrets.choice(ALPHABET) for _ in range(13))
        issued_at = self.now - timedelta(days=number % 20, seconds=number % 50_000)
        return Facts(
            report_type=ReportType.SPECIAL,
            sequence=number % 9_999_999 + 1,
            issued_at=issued_at,
            status_index=number * 7919 % STATUS_SPACE,
            subject_code=body + check_character(body),
            subject_name=f"云汀示例{number:06}环保科技",
            period_from=date(2023, 7, 1),
            period_to=date(2026, 7, 31),
            domains=45,
            records=number % 24,
            domains_without_data=number % 3,
            content_root=secrets.token_bytes(32),
        )


def _list(kind: ListKind, now: datetime) -> StatusList:
    return StatusList(kind.uri(URL), now, now + _DAY, 3600, pack({}, STATUS_SPACE))
