"""Steps 1–3 of issuing: reserve a number, freeze the content, rehearse. Nothing is signed here with a real key.

Rules kept:
* What must be refused is refused before a number is reserved.
* A real office issues for now, five minutes either way for a clock that was set meanwhile, and never before its newest
  report: nobody chooses the moment. A sample office may choose any; its reports carry the watermark. Decision:
  docs/decisions/0051.
* Status index and typed code are random and never used before.

Source: design §6; verify-cases 80, 81.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Engine

from index.channel import Channel
from index.records.reading import Material, Reader
from index.rules.bases import with_registered
from index.rules.model import Office
from verify.binding import SEED_BYTES
from verify.errors import IssuingError
from verify.issuing.content import (
    Known,
    Order,
    ReportContent,
    Signature,
    compose,
)
from verify.issuing.entitling import Applicant, reader_for
from verify.issuing.freezing import Draft
from verify.issuing.keys import KeyStore
from verify.issuing.ledger import Ledger
from verify.issuing.orders import IssueRequest
from verify.issuing.pdf.press import Press
from verify.issuing.publishing import INDEX_BITS, INDEX_SPACE
from verify.issuing.rehearsal import Rehearsed, rehearse
from verify.keylist import Issuer
from verify.keyring import ALGORITHMS, Signer
from verify.sealing import ENTROPY_BYTES, typed_code
from verify.validity import SHANGHAI

CLOCK_TOLERANCE = timedelta(minutes=5)
INDEX_TRIES = 10_000
"""Where one place in a thousand is free, one in 20 000 searches ends before it is found."""
NOT_ISSUED = "预览，未签发"
"""What a preview shows where a report has its number, its typed code and its signature."""


@dataclass(frozen=True, slots=True)
class Drafting:
    """Makes drafts for one office. ``randomness``: n → n random bytes."""

    engine: Engine
    office: Office
    keys: KeyStore
    ledger: Ledger
    randomness: Callable[[int], bytes]
    press: Press

    def draft(self, request: IssueRequest, now: datetime) -> Rehearsed:
        """Raises OfficeError or VerifyError when the report must not or cannot be issued."""
        moment = self._moment(request, now)
        self._refuse_unchecked(request)
        material = self._material(request, now)
        content = self._unnumbered(material, request, moment)
        signer = self.keys.signer_for(moment, now=now)
        sequence = self.ledger.reserve_sequence(moment.date())
        content = replace(
            content,
            number=f"{self.office.number_prefix}{moment:%Y%m%d}{sequence:07d}",
            typed_code=typed_code(self.randomness(ENTROPY_BYTES)),
            signature=signature_of(signer),
        )
        draft = Draft(
            content=content,
            seed=self.randomness(SEED_BYTES),
            status_index=self._status_index(),
            kid=signer.kid,
            channel=request.channel,
            identity_check=request.identity_check.strip(),
            request=request.request,
            version=material.version,
        )
        return rehearse(draft, issuer_of(self.office), signer.algorithm, INDEX_SPACE, self.press)

    def preview(self, request: IssueRequest, now: datetime) -> ReportContent:
        """What a report would say. Its number and signature say that it is none."""
        moment = self._moment(request, now)
        return self._unnumbered(self._material(request, now), request, moment)

    def _unnumbered(self, material: Material, request: IssueRequest, moment: datetime) -> ReportContent:
        """What the rules say, before a number is taken for it."""
        known = Known(material.subject, material.records, material.feeds, material.persons)
        order = Order(request.years, request.purpose, moment, NOT_ISSUED, NOT_ISSUED, Signature(NOT_ISSUED, NOT_ISSUED))
        return compose(known, with_registered(self.office, self.engine), order)

    def _material(self, request: IssueRequest, now: datetime) -> Material:
        return self._reader(request, now).material(request.subject_code)

    def require_entitled(self, request: IssueRequest, now: datetime) -> None:
        """Raises IssuingError (IDENTITY_UNCHECKED) or AccessDenied, after its audit line."""
        self._refuse_unchecked(request)
        self._reader(request, now)

    def _reader(self, request: IssueRequest, now: datetime) -> Reader:
        applicant = Applicant(
            channel=request.channel,
            actor=request.actor,
            identity_check=request.identity_check,
            purpose=request.purpose,
            subject_code=request.applicant,
            authorisation=request.authorisation,
            grantee=request.grantee,
        )
        return reader_for(self.engine, self.office, request.subject_code, applicant, now)

    def _moment(self, request: IssueRequest, now: datetime) -> datetime:
        """The issuing moment, in whole seconds. Raises IssuingError for a moment nobody may choose."""
        moment = request.moment.astimezone(SHANGHAI).replace(microsecond=0)
        return moment if self.office.sample else self._real_moment(moment, now)

    def _real_moment(self, moment: datetime, now: datetime) -> datetime:
        """Now; where another report was issued while this request waited, that report's moment and not before."""
        if moment > now + CLOCK_TOLERANCE:
            raise _wrong_moment("晚于当前时间", "MOMENT_IN_FUTURE")
        if moment < now - CLOCK_TOLERANCE:
            raise _wrong_moment("早于当前时间，不能倒签", "MOMENT_BACKDATED")
        newest = self.ledger.newest() or moment
        if newest > now + CLOCK_TOLERANCE:
            raise _wrong_moment("早于最近一份报告的开具时间，不能倒签", "MOMENT_BACKDATED")
        return max(moment, newest)

    def _refuse_unchecked(self, request: IssueRequest) -> None:
        """Another system (SERVICE) answers for its users; whoever stands at our desk or signs in here is checked."""
        if self.office.sample or request.channel is Channel.SERVICE or request.identity_check.strip():
            return
        raise IssuingError(
            "没有写明怎样核对了申请人的身份，不能签发。",
            next_step="请核对申请人的证件和授权，写明核对了什么（命令行为 --identity，如“营业执照、经办人身份证”）。",
            code="IDENTITY_UNCHECKED",
        )

    def _status_index(self) -> int:
        """One at random that no report has. Raises IssuingError (INDEXES_USED_UP) where next to none is left."""
        for _ in range(INDEX_TRIES):
            index = int.from_bytes(self.randomness(4)) >> (32 - INDEX_BITS)
            if not self.ledger.is_index_taken(index):
                return index
        raise IssuingError(
            "状态清单的位置已经用完，不能再签发。",
            next_step="一个数据目录至多签发约一百万份报告；请另建数据目录，把新的信任文件交给核验方。",
            code="INDEXES_USED_UP",
        )


def issuer_of(office: Office) -> Issuer:
    return Issuer(office.issuer_name, office.number_prefix, office.verify_url)


def signature_of(signer: Signer) -> Signature:
    """What page 1 prints: the algorithm's name, the kid in groups of four."""
    text = signer.kid.hex()
    groups = " ".join(text[start : start + 4] for start in range(0, len(text), 4))
    return Signature(ALGORITHMS[signer.algorithm].name, groups)


def _wrong_moment(what: str, code: str) -> IssuingError:
    return IssuingError(f"开具时间{what}。", next_step="请核对本机时间；正式签发不要指定 --now。", code=code)
