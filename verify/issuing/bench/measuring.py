"""Three measurements: the bare path of a report, what issuing does beside it, and issuing itself.

* ``bare``: facts → sign → QR → docx → durable ledger line, one report after the other; and the certified PDF, where
  the machine has the fonts.
* ``beside``: what ``Issuing.issue`` adds, each part by itself on reports of the same kind: reading under audit, the
  rehearsal, sealing (scrypt for the typed code), writing the files durably.
* ``whole``: ``Issuing.issue``, and ``Issuing.issue_many``.

Each report is of a subject of its own; the first report of a process, which makes shell and QR plan, is not counted.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes

from index.cases.changes import Read
from verify.binding import SEED_BYTES
from verify.credential import sign
from verify.documents.docx import package_part
from verify.issuing.bench.office import ACTOR, IDENTITY, MOMENT, BenchOffice, open_office
from verify.issuing.bench.stopwatch import Spent, Stopwatch
from verify.issuing.content import Known, Order, compose
from verify.issuing.delivery import deliver, seal_report
from verify.issuing.document import render
from verify.issuing.drafting import issuer_of, signature_of
from verify.issuing.entitling import Applicant, reader_for
from verify.issuing.finishing import entry_of
from verify.issuing.freezing import Draft, freeze
from verify.issuing.ledger import Intent, Ledger
from verify.issuing.orders import BatchRequest
from verify.issuing.pdf.errors import PdfUnavailable
from verify.issuing.pdf.press import Press
from verify.issuing.pdf.typesetting import Typesetter
from verify.issuing.printing import Prepared, prepare
from verify.issuing.publishing import INDEX_SPACE
from verify.issuing.qr import QrPicture, picture
from verify.issuing.registering import Registrar
from verify.issuing.rehearsal import rehearse
from verify.issuing.service import Issuing
from verify.keyring import Signer
from verify.scanned import qr_text
from verify.sealing import ENTROPY_BYTES, typed_code

DOCX, PDF, CERTIFIED = "docx path", "PDF, set and certified", "docx + PDF + PAdES"


@dataclass(frozen=True, slots=True)
class Result:
    """Seconds by step. ``reports`` of each kind; every subject has ``records`` records."""

    reports: int
    records: int
    bare: Mapping[str, Spent]
    beside: Mapping[str, Spent]
    whole: Mapping[str, Spent]


def measure(folder: Path, reports: int, records: int, say: Callable[[str], None]) -> Result:
    """In a fresh fictional office below ``folder``."""
    say("importing")
    office = open_office(folder, 4 * reports + 3, records)
    codes = iter(office.codes)
    parts = [[next(codes) for _ in range(reports + 1)] for _ in range(2)]
    whole = [[next(codes) for _ in range(reports)] for _ in range(2)]
    say("the bare path")
    bare = Bare(office).measure(parts[0])
    say("what issuing does beside it")
    beside = Beside(office).measure(parts[1])
    say("issuing")
    result = Result(reports, records, bare, beside, _whole(office, next(codes), *whole))
    office.engine.dispose()
    return result


class Bare:
    """The bare path, from the facts in memory to the line in the ledger."""

    def __init__(self, office: BenchOffice) -> None:
        self._office = office
        self._ledger = Ledger(office.engine, Registrar(chooses_moments=False))
        self._signer = office.keys.signer_for(MOMENT, now=MOMENT)
        self._press = Press(office.keys.documents, Typesetter())

    def measure(self, codes: Sequence[str]) -> Mapping[str, Spent]:
        known = [_known(self._office, code) for code in codes]
        self._pdf(Stopwatch(), *self._report(Stopwatch(), known[0], 1))
        watch = Stopwatch()
        for number, each in enumerate(known[1:], start=2):
            with watch.step(CERTIFIED):
                with watch.step(DOCX):
                    prepared, qr = self._report(watch, each, number)
                self._pdf(watch, prepared, qr)
        return _in_order(watch.steps)

    def _pdf(self, watch: Stopwatch, prepared: Prepared, qr: QrPicture) -> None:
        with suppress(PdfUnavailable), watch.step(PDF):
            self._press.pdf(prepared, qr)

    def _report(self, watch: Stopwatch, known: Known, number: int) -> tuple[Prepared, QrPicture]:
        with watch.step("facts"):
            prepared = prepare(_draft(self._office, known, self._signer, number))
        with watch.step("sign"):
            token = sign(prepared.facts, self._signer)
        content = prepared.draft.content
        with watch.step("QR"):
            qr = picture(qr_text(token, content.verify_url))
        with watch.step("docx"):
            part = package_part(prepared.package_bytes)
            render(prepared.outline, qr, part, issuer=content.issuer_name, moment=content.issued_at)
        with watch.step("ledger (durable commit)"):
            self._enter(prepared, token, known.subject.code)
        return prepared, qr

    def _enter(self, prepared: Prepared, token: bytes, code: str) -> None:
        number = prepared.draft.content.number
        intent = Intent(number, number, code, b"", bytes(32), MOMENT, ACTOR, "open")
        records = [detail.record_key for detail in prepared.draft.content.details]
        domains = self._office.office.domains
        self._ledger.enter(entry_of(prepared, intent, token), records, domains, read=Read(MOMENT, None), now=MOMENT)


class Beside:
    """What issuing does beside the bare path, part by part."""

    def __init__(self, office: BenchOffice) -> None:
        self._office = office
        self._ledger = Ledger(office.engine, Registrar(chooses_moments=False))
        self._signer = office.keys.signer_for(MOMENT, now=MOMENT)
        self._press = Press(office.keys.documents, Typesetter())

    def measure(self, codes: Sequence[str]) -> Mapping[str, Spent]:
        self._report(Stopwatch(), codes[0], 500_001)
        watch = Stopwatch()
        for number, code in enumerate(codes[1:], start=500_002):
            self._report(watch, code, number)
        return watch.steps

    def _report(self, watch: Stopwatch, code: str, number: int) -> None:
        office = self._office
        with watch.step("reading under audit"):
            known = _known(office, code)
        draft = _draft(office, known, self._signer, number)
        with watch.step("reserving a number (commit)"):
            self._ledger.reserve_sequence(MOMENT.date())
        with watch.step("rehearsal"):
            rehearsed = rehearse(draft, issuer_of(office.office), self._signer.algorithm, INDEX_SPACE, self._press)
        with watch.step("intent (commit)"):
            frozen = freeze(draft)
            key, digest = f"bench {number}", sha256(frozen).digest()
            self._ledger.intend(Intent(draft.content.number, key, code, frozen, digest, MOMENT, ACTOR, "done"))
        token = sign(rehearsed.prepared.facts, self._signer)
        with watch.step("sealing (scrypt, two files)"):
            seal_report(office.places, rehearsed.prepared, token)
        with watch.step("delivery (printing, durable files)"):
            deliver(office.places, self._press, rehearsed.prepared, token)


def _in_order(steps: Mapping[str, Spent]) -> Mapping[str, Spent]:
    """The sums behind their parts; without the PDF where there is none."""
    sums = (DOCX, CERTIFIED) if PDF in steps else (DOCX,)
    return {name: spent for name, spent in steps.items() if name not in (DOCX, CERTIFIED)} | {
        name: steps[name] for name in sums
    }


def _whole(office: BenchOffice, first: str, alone: Sequence[str], together: Sequence[str]) -> Mapping[str, Spent]:
    issuing = Issuing(
        engine=office.engine, office=office.office, keys=office.keys, places=office.places, clock=lambda: MOMENT
    )
    issuing.issue(office.request(first))
    watch = Stopwatch()
    for code in alone:
        with watch.step("issue"):
            issuing.issue(office.request(code))
    request = BatchRequest(3, "银行贷款", MOMENT, ACTOR, tuple(together), identity_check=IDENTITY)
    with watch.step("issue_many"):
        items = issuing.issue_many(request)
    refused = [item.problem for item in items if item.problem]
    if refused:
        raise refused[0]
    many = watch.steps["issue_many"]
    return watch.steps | {"issue_many": Spent(len(items), many.wall, many.processor)}


def _known(office: BenchOffice, code: str) -> Known:
    applicant = Applicant(office.request(code).channel, ACTOR, IDENTITY, "银行贷款")
    found = reader_for(office.engine, office.office, code, applicant, MOMENT).material(code)
    return Known(found.subject, found.records, found.feeds, found.persons)


def _draft(office: BenchOffice, known: Known, signer: Signer, number: int) -> Draft:
    order = Order(
        years=3,
        purpose="银行贷款",
        moment=MOMENT,
        number=f"{office.office.number_prefix}{MOMENT:%Y%m%d}{number:07d}",
        typed_code=typed_code(token_bytes(ENTROPY_BYTES)),
        signature=signature_of(signer),
    )
    return Draft(compose(known, office.office, order), token_bytes(SEED_BYTES), number, signer.kid)
