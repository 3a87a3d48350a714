"""Issuing, revoking, publishing: the only acts that use a private key. Order of design §6.

    1 reserve     a number that is never given out again
    2 freeze      records, rules and moment become one content, with its salts and its place in the status list
    3 rehearse    print and check everything with a throw-away key
    4 intend      the frozen content is stored, with its audit line
    5 sign        the real key, for the first time
    6 compare     the signed bytes are the rehearsed ones, and verify with what we publish
    7 enter       one line in the ledger
    8 seal        ciphertexts for the trace-back, where the public service finds them
    9 deliver     docx and QR; the intent is closed

* One process at a time issues for an office (lock file); a repeated request with one idempotency key gives one report.
* A batch is one report after the other, each under the lock by itself: what is refused stops nobody else, and a desk
  need not wait for forty branches.
* Nobody gets a report of a real office unless somebody checked who asks (B09).
* ``recover`` runs on start and before each report: an intent without ledger line is finished (asked for with a key,
  within the hour) or abandoned; a ledger line without files is delivered again, byte for byte.
  Decision: docs/decisions/0054.
"""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Engine

from index.audit import require_duty
from index.errors import OfficeError
from index.rules.bases import with_registered
from index.rules.model import Office
from verify.check import check
from verify.credential import decode, encode_facts, sign
from verify.errors import IssuingError, VerifyError
from verify.issuing.batch import Batches, key_reused
from verify.issuing.content import ReportContent, basis_for, purpose_in
from verify.issuing.delivery import Places, deliver, handed_out, is_delivered, seal_report
from verify.issuing.drafting import Drafting, Rehearsed
from verify.issuing.files import locked
from verify.issuing.freezing import Draft, freeze, thaw
from verify.issuing.keys import KeyStore
from verify.issuing.ledger import PURPOSE, Doer, Intent, Ledger, typed_code_digest
from verify.issuing.orders import BatchItem, BatchRequest, IssuedReport, IssueRequest, LedgerEntry
from verify.issuing.printing import facts_of, package_of
from verify.issuing.publishing import Publication
from verify.reasons import Reason
from verify.scanned import qr_text
from verify.trust import Trust
from verify.validity import SHANGHAI

FINISH_WITHIN = timedelta(hours=1)
_OWN_KEY = "auto:"
"""Idempotency keys we made ourselves: nobody can ask for their report again."""


class Issuing:
    """Issues reports of one office. ``clock`` gives the wall clock, ``randomness`` n random bytes."""

    def __init__(
        self,
        *,
        engine: Engine,
        office: Office,
        keys: KeyStore,
        places: Places,
        clock: Callable[[], datetime],
        randomness: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._engine = engine
        self._office = office
        self._keys = keys
        self._places = places
        self._clock = clock
        self._random = randomness
        self._ledger = Ledger(engine)
        self._publication = Publication(keys, self._ledger, places.trust)
        self._drafting = Drafting(engine, office, keys, self._ledger, randomness)
        self._batches = Batches(engine, office)

    def issue(self, request: IssueRequest) -> IssuedReport:
        """One report. Raises OfficeError or VerifyError with code and next step."""
        require_duty(request.actor, PURPOSE)
        with locked(self._places.reports):
            return self._issue(request, self._clock())

    def issue_many(self, request: BatchRequest) -> tuple[BatchItem, ...]:
        """One item for each subject, in the request's order: its report, or why it has none.

        Raises OfficeError or VerifyError when the request itself cannot be taken, before anything is issued.
        """
        require_duty(request.actor, PURPOSE)
        began = self._clock()
        key = request.idempotency_key or self._own_key()
        orders = self._batches.orders(request, key, began)
        return tuple(self._item(order, began) for order in orders)

    def preview(self, request: IssueRequest) -> ReportContent:
        """What the report would say now. No number, nothing signed; only the audit lines of the reading are stored."""
        require_duty(request.actor, PURPOSE)
        return self._drafting.preview(request, self._clock())

    def reports_of(self, subject_code: str, actor: str) -> tuple[LedgerEntry, ...]:
        """Every report of a subject, newest first, under audit."""
        require_duty(actor, PURPOSE)
        return self._ledger.of_subject(subject_code, Doer(actor, self._clock()))

    def revoke(self, number: str, reason: str, actor: str, now: datetime) -> LedgerEntry:
        """Withdraws a report and publishes at once. Raises IssuingError when unknown or already revoked."""
        require_duty(actor, PURPOSE)
        if not reason.strip():
            raise IssuingError("没有填写撤销原因。", next_step="请写明撤销原因。", code="REASON_MISSING")
        with locked(self._places.reports):
            entry = self._ledger.withdraw(number, reason.strip(), Doer(actor, now))
            self._publication.renew(now)
        return entry

    def show(self, number: str) -> LedgerEntry:
        """The ledger's line. Raises IssuingError (REPORT_UNKNOWN)."""
        return self._ledger.entry(number)

    def issued(self, number: str, actor: str) -> IssuedReport:
        """The report as it was handed out, once more, under audit. Raises IssuingError (REPORT_UNKNOWN)."""
        entry = self._ledger.entry(number)
        self._ledger.note_reading(number, Doer(actor, self._clock()))
        return handed_out(self._places, thaw(self._ledger.intent(number).content), entry.token)

    def publish(self, now: datetime) -> Trust:
        """Renews public/trust.json. Raises KeyringError when no key may sign now."""
        with locked(self._places.reports):
            return self._publication.renew(now)

    def recover(self) -> tuple[str, ...]:
        """After a crash: finishes or abandons what was begun. Returns the numbers that were open."""
        with locked(self._places.reports):
            return self._settle_open(self._clock())

    def problem(self, now: datetime) -> OfficeError | VerifyError | None:
        """Why no report could be issued now; None when one could."""
        try:
            basis_for(with_registered(self._office, self._engine), now.astimezone(SHANGHAI).date())
            self._keys.signer_for(now, now=now)
        except (OfficeError, VerifyError) as problem:
            return problem
        return None

    def close(self) -> None:
        self._engine.dispose()

    def _issue(self, request: IssueRequest, now: datetime) -> IssuedReport:
        """We hold the lock."""
        self._settle_open(now)
        earlier = self._ledger.live_intent(request.idempotency_key) if request.idempotency_key else None
        if earlier is not None:
            return self._repeat(earlier, request)
        rehearsed = self._drafting.draft(request, now)  # 1–3
        intent = self._intend(rehearsed, request, now)  # 4
        return self._carry_out(rehearsed, intent, now)  # 5–9

    def _item(self, order: IssueRequest, began: datetime) -> BatchItem:
        """A report is issued for the moment when its turn has come, as if it had been asked for alone."""
        try:
            with locked(self._places.reports):
                now = self._clock()
                report = self._issue(replace(order, moment=order.moment + (now - began)), now)
        except (OfficeError, VerifyError) as problem:
            return BatchItem(order.subject_code, problem=problem)
        return BatchItem(order.subject_code, report)

    def _own_key(self) -> str:
        return _OWN_KEY + self._random(16).hex()

    # Idempotency

    def _repeat(self, intent: Intent, request: IssueRequest) -> IssuedReport:
        content = thaw(intent.content).content
        asked = (request.subject_code, request.years, purpose_in(self._office, request.purpose))
        if asked != (intent.subject_code, content.years, content.purpose):
            raise key_reused()
        draft, token = thaw(intent.content), self._ledger.entry(intent.number).token
        if not is_delivered(self._places, intent.number):
            deliver(self._places, draft, token)
        return handed_out(self._places, draft, token)

    # Steps 4–9

    def _intend(self, rehearsed: Rehearsed, request: IssueRequest, now: datetime) -> Intent:
        frozen = freeze(rehearsed.draft)
        intent = Intent(
            number=rehearsed.draft.content.number,
            idempotency_key=request.idempotency_key or self._own_key(),
            subject_code=request.subject_code,
            content=frozen,
            content_digest=sha256(frozen).digest(),
            created_at=now,
            actor=request.actor,
            state="open",
        )
        self._ledger.intend(intent)
        return intent

    def _carry_out(self, rehearsed: Rehearsed, intent: Intent, now: datetime) -> IssuedReport:
        draft = rehearsed.draft
        token = sign(facts_of(draft), self._keys.signer(draft.kid))  # 5
        self._compare(rehearsed, token, now)  # 6
        records = [detail.record_key for detail in draft.content.details]
        self._ledger.enter(_entry_of(draft, intent, token), records, now)  # 7
        return self._hand_over(draft, intent, token, now)  # 8, 9

    def _compare(self, rehearsed: Rehearsed, token: bytes, now: datetime) -> None:
        """6. Same payload as rehearsed, and valid by the very file we publish."""
        content = rehearsed.draft.content
        trust = self._publication.current(now)
        answer = check(qr_text(token, content.verify_url), trust=trust, at=content.issued_at, now=now)
        if decode(token).signed.payload != rehearsed.payload or answer.reason is not Reason.OK:
            raise IssuingError(
                f"签名结果与预演不一致（{answer.reason}），报告没有登记。",
                next_step="请停止签发，检查签名密钥和公钥清单。",
                code="SIGNED_BYTES_DIFFER",
            )

    def _hand_over(self, draft: Draft, intent: Intent, token: bytes, now: datetime) -> IssuedReport:
        seal_report(self._places, draft, token)  # 8
        deliver(self._places, draft, token)  # 9
        self._ledger.close(intent.number, "done", Doer(intent.actor, now))
        return handed_out(self._places, draft, token)

    # After a crash

    def _settle_open(self, now: datetime) -> tuple[str, ...]:
        """We hold the lock, so nobody is at work on an open intent: it was left by a crash."""
        found = self._ledger.open_intents()
        for intent in found:
            self._settle(intent, now)
        return tuple(intent.number for intent in found)

    def _settle(self, intent: Intent, now: datetime) -> None:
        """Delivers what the ledger holds; signs or abandons what it does not."""
        draft = thaw(intent.content)
        if self._ledger.has_entry(intent.number):
            self._hand_over(draft, intent, self._ledger.entry(intent.number).token, now)
        elif self._may_finish(intent, now):
            self._carry_out(Rehearsed(draft, encode_facts(facts_of(draft))), intent, now)
        else:
            self._ledger.close(intent.number, "abandoned", Doer(intent.actor, now), "中断后未签名，编号作废")

    def _may_finish(self, intent: Intent, now: datetime) -> bool:
        """Somebody can still ask for it, its moment is not long past, it is what was stored, and its key is here."""
        wanted = not intent.idempotency_key.startswith(_OWN_KEY) and now - intent.created_at <= FINISH_WITHIN
        intact = sha256(intent.content).digest() == intent.content_digest
        draft = thaw(intent.content)
        told = all(detail.record_key for detail in draft.content.details)  # the ledger must say what it shows
        return wanted and intact and told and self._keys.has_private(draft.kid)


def _entry_of(draft: Draft, intent: Intent, token: bytes) -> LedgerEntry:
    content = draft.content
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
        content_root=package_of(draft).root(),
        kid=draft.kid,
        typed_code_digest=typed_code_digest(content.number, content.typed_code),
        actor=intent.actor,
        channel=draft.channel.value,
        identity_check=draft.identity_check,
        request=draft.request,
    )
