"""Steps 4–9 of issuing a rehearsed report, and what becomes of a report that a crash interrupted.

Rules kept:
* The intent is stored before the real key is used for the first time; the ledger line after the signed bytes were
  compared; the intent is closed when the files are where they belong.
* An intent without ledger line is finished where somebody can still ask for it, within the hour, or abandoned: its
  number is never used again. A ledger line without files is sealed and delivered again, byte for byte.
* A case closed, a record changed while the report was made is caught up with in the transaction of its ledger line.

Decision: docs/decisions/0054.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from index.cases.changes import Read
from index.rules.model import Office
from verify.check import check
from verify.credential import decode, encode_facts, sign
from verify.errors import IssuingError
from verify.issuing.delivery import Places, deliver, seal_report
from verify.issuing.freezing import Draft, freeze, thaw
from verify.issuing.keys import KeyStore
from verify.issuing.ledger import Doer, Intent, Ledger, typed_code_digest
from verify.issuing.orders import IssuedReport, IssueRequest, LedgerEntry
from verify.issuing.pdf.press import Press
from verify.issuing.printing import Prepared, prepare
from verify.issuing.publishing import Publication
from verify.issuing.rehearsal import Rehearsed
from verify.reasons import Reason
from verify.scanned import qr_text

FINISH_WITHIN = timedelta(hours=1)
OWN_KEY = "auto:"
"""Idempotency keys we made ourselves: nobody can ask for their report again."""


@dataclass(frozen=True, slots=True)
class Finishing:
    """Of one office. The issuing lock is held by whoever calls."""

    office: Office
    keys: KeyStore
    ledger: Ledger
    places: Places
    press: Press
    publication: Publication

    def finish(self, rehearsed: Rehearsed, request: IssueRequest, key: str, now: datetime) -> IssuedReport:
        """Steps 4–9. ``key``: the request's idempotency key, or one made for it."""
        return self._carry_out(rehearsed, self._intend(rehearsed.prepared.draft, request, key, now), now)

    def settle_open(self, now: datetime) -> tuple[str, ...]:
        """We hold the lock, so nobody is at work on an open intent: it was left by a crash."""
        found = self.ledger.open_intents()
        for intent in found:
            self._settle(intent, now)
        return tuple(intent.number for intent in found)

    def _intend(self, draft: Draft, request: IssueRequest, key: str, now: datetime) -> Intent:
        """4."""
        frozen = freeze(draft)
        intent = Intent(
            number=draft.content.number,
            idempotency_key=key,
            subject_code=request.subject_code,
            content=frozen,
            content_digest=sha256(frozen).digest(),
            created_at=now,
            actor=request.actor,
            state="open",
        )
        self.ledger.intend(intent)
        return intent

    def _carry_out(self, rehearsed: Rehearsed, intent: Intent, now: datetime) -> IssuedReport:
        """5–9."""
        prepared = rehearsed.prepared
        token = sign(prepared.facts, self.keys.signer(prepared.draft.kid))  # 5
        self._compare(rehearsed, token, now)  # 6
        self._enter(prepared, intent, token, now)  # 7
        return self._hand_over(prepared, intent, token, now)  # 8, 9

    def _compare(self, rehearsed: Rehearsed, token: bytes, now: datetime) -> None:
        """6. Same payload as rehearsed, and valid by the very file we publish."""
        content = rehearsed.prepared.draft.content
        trust = self.publication.current(now)
        answer = check(qr_text(token, content.verify_url), trust=trust, at=content.issued_at, now=now)
        if decode(token).signed.payload != rehearsed.payload or answer.reason is not Reason.OK:
            raise IssuingError(
                f"签名结果与预演不一致（{answer.reason}），报告没有登记。",
                next_step="请停止签发，检查签名密钥和公钥清单。",
                code="SIGNED_BYTES_DIFFER",
            )

    def _enter(self, prepared: Prepared, intent: Intent, token: bytes, now: datetime) -> None:
        """7. The records were read after ``intent.created_at``, as of the draft's version."""
        draft = prepared.draft
        records = tuple(detail.record_key for detail in draft.content.details)
        read = Read(intent.created_at, draft.version)
        if self.ledger.enter(entry_of(prepared, intent, token), records, self.office.domains, read=read, now=now):
            self.publication.renew(now)

    def _hand_over(self, prepared: Prepared, intent: Intent, token: bytes, now: datetime) -> IssuedReport:
        seal_report(self.places, prepared, token)  # 8
        report = deliver(self.places, self.press, prepared, token)  # 9
        self.ledger.close(intent.number, "done", Doer(intent.actor, now))
        return report

    def _settle(self, intent: Intent, now: datetime) -> None:
        """Delivers what the ledger holds; signs or abandons what it does not."""
        if self.ledger.has_entry(intent.number):
            prepared = prepare(thaw(intent.content))
            self._hand_over(prepared, intent, self.ledger.entry(intent.number).token, now)
        elif (draft := self._unfinished(intent, now)) is not None:
            prepared = prepare(draft)
            self._carry_out(Rehearsed(prepared, encode_facts(prepared.facts)), intent, now)
        else:
            self.ledger.close(intent.number, "abandoned", Doer(intent.actor, now), "中断后未签名，编号作废")

    def _unfinished(self, intent: Intent, now: datetime) -> Draft | None:
        """The draft, if somebody can still ask for it, it is what was stored, and its key is here.

        One of an earlier program that did not keep which records it shows is none: the ledger must say.
        """
        wanted = not intent.idempotency_key.startswith(OWN_KEY) and now - intent.created_at <= FINISH_WITHIN
        if not wanted or sha256(intent.content).digest() != intent.content_digest:
            return None
        draft = thaw(intent.content)
        complete = all(detail.record_key for detail in draft.content.details)
        return draft if complete and self.keys.has_private(draft.kid) else None


def entry_of(prepared: Prepared, intent: Intent, token: bytes) -> LedgerEntry:
    draft, content = prepared.draft, prepared.draft.content
    return LedgerEntry(
        number=content.number,
        idempotency_key=intent.idempotency_key,
        subject_code=intent.subject_code,
        issued_at=content.issued_at,
        valid_until=content.valid_until,
        period_from=content.period_from,
        period_to=content.period_to,
        years=content.years,
        calendar_published=content.calendar_published,
        purpose=content.purpose,
        basis_title=content.basis.title,
        status_index=draft.status_index,
        token=token,
        content_root=prepared.facts.content_root,
        kid=draft.kid,
        typed_code_digest=typed_code_digest(content.number, content.typed_code),
        actor=intent.actor,
        channel=draft.channel.value,
        identity_check=draft.identity_check,
        request=draft.request,
    )
