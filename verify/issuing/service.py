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
* ``recover`` runs on start and before each report, and leaves nothing half-done (``finishing``).
"""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Engine

from index.audit import require_duty
from index.errors import OfficeError
from index.rules.bases import with_registered
from index.rules.model import Office
from verify.errors import KeyringError, VerifyError
from verify.issuing.adopting import adopt
from verify.issuing.batch import Batches, key_reused
from verify.issuing.content import ReportContent, basis_for, purpose_in
from verify.issuing.delivery import Places, deliver, handed_out, is_delivered, sweep_public
from verify.issuing.drafting import Drafting
from verify.issuing.files import locked
from verify.issuing.finishing import OWN_KEY, Finishing
from verify.issuing.freezing import Draft, thaw
from verify.issuing.keys import KeyStore
from verify.issuing.ledger import PURPOSE, Doer, Intent, Ledger
from verify.issuing.log_files import LogFiles
from verify.issuing.orders import BatchItem, BatchRequest, IssuedReport, IssueRequest, LedgerEntry
from verify.issuing.pdf.press import Press
from verify.issuing.pdf.typesetting import Typesetter
from verify.issuing.printing import prepare
from verify.issuing.publishing import Publication
from verify.issuing.registering import Leaves, Registrar
from verify.issuing.standing import LedgerPage, Standing
from verify.issuing.states import Event, Step, changed_unpublished, refuse_chosen_moment
from verify.trust import Trust
from verify.validity import SHANGHAI


class Issuing:
    """Issues reports of one office.

    ``clock`` gives the wall clock, ``randomness`` n random bytes; a ``typesetter`` may serve several offices.
    """

    def __init__(
        self,
        *,
        engine: Engine,
        office: Office,
        keys: KeyStore,
        places: Places,
        clock: Callable[[], datetime],
        randomness: Callable[[int], bytes] = secrets.token_bytes,
        typesetter: Typesetter | None = None,
    ) -> None:
        self._engine = engine
        self._office = office
        self._keys = keys
        self._places = places
        self._clock = clock
        self._random = randomness
        registrar = Registrar(chooses_moments=office.sample)
        self._ledger = Ledger(engine, registrar)
        self._standing = Standing(engine, registrar)
        self._press = Press(keys.documents, typesetter or Typesetter())
        self._publication = Publication(keys, self._standing, places.trust)
        self._log = LogFiles(keys, Leaves(engine), places.public)
        self._drafting = Drafting(engine, office, keys, self._ledger, randomness, self._press)
        self._batches = Batches(engine, office)
        self._finishing = Finishing(office, keys, self._ledger, places, self._press, self._publication)

    def issue(self, request: IssueRequest) -> IssuedReport:
        """One report. Raises OfficeError or VerifyError with code and next step."""
        require_duty(request.actor, PURPOSE)
        with locked(self._places.reports):
            now = self._clock()
            report = self._issue(request, now)
            self._log.follow(now)
        return report

    def issue_many(self, request: BatchRequest, progress: Callable[[int], None] | None = None) -> tuple[BatchItem, ...]:
        """One item for each subject, in the request's order: its report, or why it has none.

        ``progress`` is told after each how many subjects are done.
        Raises OfficeError or VerifyError when the request itself cannot be taken, before anything is issued.
        """
        require_duty(request.actor, PURPOSE)
        began = self._clock()
        key = request.idempotency_key or self._own_key()
        orders = self._batches.orders(request, key, began)
        items = []
        try:
            for order in orders:
                items.append(self._item(order, began))
                if progress is not None:
                    progress(len(items))
        finally:
            with locked(self._places.reports):
                self._log.follow(self._clock())
        return tuple(items)

    def preview(self, request: IssueRequest) -> ReportContent:
        """What the report would say now. No number, nothing signed; only the audit lines of the reading are stored."""
        require_duty(request.actor, PURPOSE)
        return self._drafting.preview(request, self._clock())

    def reports_of(self, subject_code: str, actor: str) -> tuple[LedgerEntry, ...]:
        """Every report of a subject, newest first, under audit."""
        require_duty(actor, PURPOSE)
        return self._ledger.of_subject(subject_code, Doer(actor, self._clock()))

    def revoke(self, number: str, reason: str, actor: str, now: datetime) -> LedgerEntry:
        """Withdraws a report for good."""
        return self.change(number, Event.REVOKE, reason, actor, now)

    def supersede(self, number: str, successor: str, reason: str, actor: str, now: datetime) -> LedgerEntry:
        """Replaces a report by the newer one ``successor``, for good."""
        return self.change(number, Event.SUPERSEDE, reason, actor, now, successor)

    def suspend(self, number: str, reason: str, actor: str, now: datetime) -> LedgerEntry:
        """Puts a report under review: until it is resumed, nobody is told that it is valid."""
        return self.change(number, Event.SUSPEND, reason, actor, now)

    def resume(self, number: str, reason: str, actor: str, now: datetime) -> LedgerEntry:
        """Ends a review: the report is valid again."""
        return self.change(number, Event.RESUME, reason, actor, now)

    def change(
        self, number: str, event: Event, reason: str, actor: str, now: datetime, successor: str | None = None
    ) -> LedgerEntry:
        """Changes a report's state and publishes at once. ``now``: the wall clock; in a sample office any moment.

        Raises IssuingError when the report is unknown or must not be changed so; and (CHANGED_UNPUBLISHED) when it was
        changed and could not be published.
        """
        require_duty(actor, PURPOSE)
        step, wall = Step(event, reason, now, successor), self._clock()
        if not self._office.sample:
            refuse_chosen_moment(now, wall)
        with locked(self._places.reports):
            self._take_back(wall)
            entry = self._standing.change(number, step, Doer(actor, wall))
            try:
                self._publication.renew(wall)
            except VerifyError as problem:
                raise changed_unpublished(entry, problem) from problem
            self._log.follow(wall)
        return entry

    def show(self, number: str, actor: str) -> LedgerPage:
        """What the ledger has of a report, under audit. Raises IssuingError (REPORT_UNKNOWN)."""
        require_duty(actor, PURPOSE)
        return self._standing.page(number, Doer(actor, self._clock()))

    def issued(self, number: str, actor: str) -> IssuedReport:
        """The report as it was handed out, once more, under audit. Raises IssuingError (REPORT_UNKNOWN)."""
        return self.opened(number, actor)[0]

    def opened(self, number: str, actor: str) -> tuple[IssuedReport, LedgerPage]:
        """Both, read once."""
        page = self.show(number, actor)
        draft = thaw(self._ledger.intent(number).content)
        if is_delivered(self._places, number):
            return handed_out(self._places, draft, page.entry.token), page
        with locked(self._places.reports):
            return self._again(draft, page.entry.token), page

    def publish(self, now: datetime) -> Trust:
        """Renews public/trust.json and the log's checkpoint. Raises KeyringError when no key may sign now."""
        with locked(self._places.reports):
            self._take_back(now)
            trust = self._publication.renew(now)
            self._log.mend(now)
        return trust

    @property
    def log_problem(self) -> VerifyError | None:
        """Why the newest leaves of the log are not published yet; None when they are."""
        return self._log.problem

    def recover(self) -> tuple[str, ...]:
        """After a crash: finishes or abandons what was begun, removes files half written. Returns what was open."""
        with locked(self._places.reports):
            sweep_public(self._places)
            now = self._clock()
            self._take_back(now)
            found = self._finishing.settle_open(now)
            self._log.mend(now)
        return found

    def problem(self, now: datetime) -> OfficeError | VerifyError | None:
        """Why no report could be issued now; None when one could."""
        try:
            if self._log.is_ahead():
                self._log.lost()
            basis_for(with_registered(self._office, self._engine), now.astimezone(SHANGHAI).date())
            self._keys.signer_for(now, now=now)
        except (OfficeError, VerifyError) as problem:
            return problem
        return None

    def pdf_problem(self, now: datetime) -> VerifyError | None:
        """Why a report issued now would have no PDF; its docx is issued all the same. None when it would."""
        try:
            return self._press.problem(now)
        except KeyringError as problem:
            return problem

    def close(self) -> None:
        self._engine.dispose()

    def _issue(self, request: IssueRequest, now: datetime) -> IssuedReport:
        """We hold the lock."""
        self._take_back(now)
        self._finishing.settle_open(now)
        earlier = self._ledger.live_intent(request.idempotency_key) if request.idempotency_key else None
        if earlier is not None:
            return self._repeat(earlier, request, now)
        rehearsed = self._drafting.draft(request, now)  # 1–3
        return self._finishing.finish(rehearsed, request, request.idempotency_key or self._own_key(), now)  # 4–9

    def _take_back(self, now: datetime) -> None:
        """A database from an older backup goes on from what was published, never beside it. We hold the lock."""
        if self._log.is_ahead():
            adopt(self._engine, *self._log.lost(), now)

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
        return OWN_KEY + self._random(16).hex()

    # Idempotency

    def _repeat(self, intent: Intent, request: IssueRequest, now: datetime) -> IssuedReport:
        """The same report, for whoever might have it issued anew: a key is no right to it."""
        self._drafting.require_entitled(request, now)
        draft = thaw(intent.content)
        content = draft.content
        asked = (request.subject_code, request.years, purpose_in(self._office, request.purpose))
        if asked != (intent.subject_code, content.years, content.purpose):
            raise key_reused()
        self._ledger.note_reading(intent.number, Doer(request.actor, now))
        return self._again(draft, self._ledger.entry(intent.number).token)

    def _again(self, draft: Draft, token: bytes) -> IssuedReport:
        """The same files; what is missing, the PDF of an earlier program too, is made now. We hold the lock."""
        if is_delivered(self._places, draft.content.number):
            return handed_out(self._places, draft, token)
        return deliver(self._places, self._press, prepare(draft), token)
