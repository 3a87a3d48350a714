"""Steps 1–3 of issuing: reserve a number, freeze the content, rehearse. Nothing is signed here with a real key.

Rules kept:
* What must be refused is refused before a number is reserved.
* A real office issues for now, five minutes either way for a clock that was set meanwhile, and never before its newest
  report: nobody chooses the moment. A sample
  office may choose any moment; its reports carry the watermark. Decision: docs/decisions/0051.
* Status index and typed code are random and never used before.

Source: design §6; verify-cases 80, 81.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from index.records.reading import Reader
from index.rules.model import Office
from verify.binding import SEED_BYTES
from verify.errors import IssuingError
from verify.issuing.content import Known, Order, Signature, admit, basis_for, compose, purpose_in
from verify.issuing.freezing import Draft
from verify.issuing.keys import KeyStore
from verify.issuing.ledger import PURPOSE, Ledger
from verify.issuing.orders import IssueRequest
from verify.issuing.publishing import INDEX_BITS, INDEX_SPACE
from verify.issuing.rehearsal import rehearse
from verify.keylist import Issuer
from verify.keyring import ALGORITHMS, Signer
from verify.sealing import ENTROPY_BYTES, typed_code
from verify.validity import SHANGHAI

CLOCK_TOLERANCE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A frozen draft that would verify, and the payload that may be signed for it."""

    draft: Draft
    payload: bytes


@dataclass(frozen=True, slots=True)
class Drafting:
    """Makes drafts for one office. ``randomness``: n → n random bytes."""

    engine: Engine
    office: Office
    keys: KeyStore
    ledger: Ledger
    randomness: Callable[[int], bytes]

    def draft(self, request: IssueRequest, now: datetime) -> Rehearsed:
        """Raises OfficeError or VerifyError when the report must not or cannot be issued."""
        moment = request.moment.astimezone(SHANGHAI).replace(microsecond=0)
        self._refuse_wrong_moment(moment, now)
        known = self._known(request, now)
        admit(known.subject, self.office, request.years)
        basis_for(self.office, moment.date())
        purpose = purpose_in(self.office, request.purpose)
        signer = self.keys.signer_for(moment, now=now)
        sequence = self.ledger.reserve_sequence(moment.date())
        order = Order(
            years=request.years,
            purpose=purpose,
            moment=moment,
            number=f"{self.office.number_prefix}{moment:%Y%m%d}{sequence:07d}",
            typed_code=typed_code(self.randomness(ENTROPY_BYTES)),
            signature=signature_of(signer),
        )
        return self._rehearsed(known, order, signer.kid)

    def _rehearsed(self, known: Known, order: Order, kid: bytes) -> Rehearsed:
        content = compose(known, self.office, order)
        draft = Draft(content, self.randomness(SEED_BYTES), self._status_index(), kid)
        return Rehearsed(draft, rehearse(draft, issuer_of(self.office), INDEX_SPACE))

    def _known(self, request: IssueRequest, now: datetime) -> Known:
        purpose = f"{PURPOSE}：{request.purpose.strip() or '未指定用途'}"
        reader = Reader(self.engine, actor=request.actor, purpose=purpose, now=now)
        return Known(reader.subject(request.subject_code), reader.records(request.subject_code), reader.feeds())

    def _refuse_wrong_moment(self, moment: datetime, now: datetime) -> None:
        if self.office.sample:
            return
        newest = self.ledger.newest()
        if moment > now + CLOCK_TOLERANCE:
            raise _wrong_moment("晚于当前时间", "MOMENT_IN_FUTURE")
        if moment < now - CLOCK_TOLERANCE:
            raise _wrong_moment("早于当前时间，不能倒签", "MOMENT_BACKDATED")
        if newest is not None and moment < newest:
            raise _wrong_moment("早于最近一份报告的开具时间，不能倒签", "MOMENT_BACKDATED")

    def _status_index(self) -> int:
        while True:
            index = int.from_bytes(self.randomness(4)) >> (32 - INDEX_BITS)
            if not self.ledger.is_index_taken(index):
                return index


def issuer_of(office: Office) -> Issuer:
    return Issuer(office.issuer_name, office.number_prefix, office.verify_url)


def signature_of(signer: Signer) -> Signature:
    """What page 1 prints: the algorithm's name, the kid in groups of four."""
    text = signer.kid.hex()
    groups = " ".join(text[start : start + 4] for start in range(0, len(text), 4))
    return Signature(ALGORITHMS[signer.algorithm].name, groups)


def _wrong_moment(what: str, code: str) -> IssuingError:
    return IssuingError(f"开具时间{what}。", next_step="请核对本机时间；正式签发不要指定 --now。", code=code)
