"""The rehearsal: everything is done once with a throw-away key, and checked as a stranger would, before we sign.

Steps: sign with the throw-away key → print → read the QR back from the PNG → read QR, package and lines back from the
docx → ``check`` with a trust file made for this rehearsal → valid, or nothing is signed. The PDF of the same outline is
set too, every character with its glyph; reading it back would cost as much as all the rest (docs/decisions/0149).

Source: design §6.
"""

from dataclasses import dataclass
from datetime import timedelta

from verify.binding import DocumentInHand
from verify.check import check
from verify.credential import encode_facts, sign
from verify.documents.reading import read
from verify.errors import IssuingError
from verify.issuing.freezing import Draft
from verify.issuing.pdf.press import Press
from verify.issuing.printing import Prepared, Printed, prepare, print_report
from verify.keylist import Issuer, KeyEntry, KeyList, sign_key_list
from verify.keyring import Signer
from verify.reasons import Reason, Rejection
from verify.signing import throwaway_signer
from verify.status import StatusList, pack, sign_status_list, status_uri
from verify.trust import Root, Trust, open_trust
from verify.validity import valid_until

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A draft that would verify, and the payload that may be signed for it."""

    prepared: Prepared
    payload: bytes


def rehearse(draft: Draft, issuer: Issuer, algorithm: int, status_size: int, press: Press) -> Rehearsed:
    """``algorithm``: of the key that will sign.

    Raises IssuingError (REHEARSAL_FAILED) when the report would not verify, PDF_FAILED when it cannot be set.
    """
    signer = throwaway_signer(algorithm)
    try:
        prepared = prepare(draft)
        printed = print_report(prepared, sign(prepared.facts, signer))
        document = _read_back(printed)
    except (Rejection, ValueError) as error:
        raise _failed(str(error)) from error
    _refuse_other_lines(prepared, document)
    at = draft.content.issued_at
    trust = _trust(prepared, issuer, signer, status_size)
    verification = check(printed.qr_text, trust=trust, at=at, now=at, document=document)
    if verification.reason is not Reason.OK:
        raise _failed(verification.message)
    press.rehearse(prepared, printed.qr)
    return Rehearsed(prepared, encode_facts(prepared.facts))


def _read_back(printed: Printed) -> DocumentInHand:
    """What a stranger reads: the QR from the picture and from the docx, the package and the lines of the docx."""
    picture, found = read(printed.qr.png, "qr.png"), read(printed.docx, "report.docx")
    if picture.qr_texts != (printed.qr_text,) or found.qr_texts != (printed.qr_text,):
        raise _failed("二维码读回的内容与写入的不一致")
    if found.document is None:
        raise _failed("报告文件读不回内容")
    return found.document


def _refuse_other_lines(prepared: Prepared, document: DocumentInHand) -> None:
    issued = [field.text for field in prepared.package.fields]
    found = [line.text for line in document.lines]
    if issued != found:
        different = next((pair for pair in zip(issued, found, strict=False) if pair[0] != pair[1]), ("", ""))
        raise _failed(f"报告文件读回的文字与内容不一致（{different[0]!r} → {different[1]!r}）")


def _trust(prepared: Prepared, issuer: Issuer, signer: Signer, status_size: int) -> Trust:
    """Root, signing key and status key in one, for one day."""
    at = prepared.draft.content.issued_at
    types = (int(prepared.facts.report_type),)
    entry = KeyEntry(signer.algorithm, signer.public_key, at - _DAY, valid_until(at), types)
    keys = sign_key_list(KeyList(1, at, at + _DAY, issuer, (entry,)), signer)
    statuses = StatusList(status_uri(issuer.verify_url), at, at + _DAY, 3600, pack({}, status_size))
    return open_trust(Root(signer.algorithm, signer.public_key), keys, sign_status_list(statuses, signer))


def _failed(what: str) -> IssuingError:
    return IssuingError(
        f"签发前的预演没有通过：{what.rstrip('。')}。",
        next_step="报告没有签发。请核对该主体的登记信息和记录，仍不能解决的请联系维护人员。",
        code="REHEARSAL_FAILED",
    )
