"""Answers verify/issuing/log_audit.py and cosignatures.py: ledger and log say the same, or it is told; what of another
bureau is taken."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, text, update

from index.store import tables
from index.store.engine import writing
from tests.verify.issuing.office import ACTOR, ISSUED, SHOP, WALL, TestOffice
from tests.verify.transparency.sample import WITNESS, WITNESS_NAME
from verify.errors import TrustError
from verify.issuing.cosignatures import take
from verify.issuing.ledger import Doer
from verify.issuing.log_audit import against_ledger
from verify.keylist import Witness
from verify.keyring import Ed25519Signer
from verify.transparency.audit import Audit
from verify.transparency.evidence import Folder
from verify.transparency.findings import Finding, Kind
from verify.transparency.leaves import opened
from verify.transparency.notes import Checkpoint, Note, cosignature, open_checkpoint, read_note, sign_checkpoint
from verify.transparency.witnessing import open_grown

DOER = Doer(ACTOR, WALL)


def read_log(office: TestOffice, checkpoint_file: bytes | None = None) -> Audit:
    """What is found in the log alone is asserted to be nothing."""
    files = Folder(office.places.public)
    data = checkpoint_file or files.read("log/checkpoint")
    assert data is not None
    checkpoint, tree = open_grown(data, office.keys.log_key(), lambda path: files.read(f"log/{path}"), None)
    audit = Audit(checkpoint, office.office.number_prefix)
    assert list(audit.read(tree)) == []
    return audit


def audited(office: TestOffice, checkpoint_file: bytes | None = None) -> list[Finding]:
    return list(against_ledger(office.engine, read_log(office, checkpoint_file), DOER))


def found(office: TestOffice) -> list[tuple[Kind, str | None]]:
    return [(finding.kind, finding.number) for finding in audited(office)]


def test_an_office_that_does_everything_by_its_program_has_nothing_to_tell(office: TestOffice) -> None:
    first, second = office.issue(), office.issue(ISSUED + timedelta(minutes=5))
    office.issuing.suspend(second.number, "复核", ACTOR, WALL)
    office.issuing.resume(second.number, "无误", ACTOR, WALL)
    office.issuing.revoke(second.number, "数据有误", ACTOR, WALL)
    assert found(office) == []
    assert first.number != second.number


def test_reading_the_ledger_leaves_an_audit_line(office: TestOffice) -> None:
    office.issue()
    audited(office)
    with office.engine.connect() as connection:
        line = connection.execute(select(tables.audit).order_by(tables.audit.c.id.desc())).first()
    assert line is not None
    assert (line.action, line.actor, line.purpose) == ("log.audit", ACTOR, "登记日志审计")


def test_a_change_that_went_past_the_log_is_told(office: TestOffice) -> None:
    report = office.issue()
    row = {
        "number": report.number,
        "at": WALL,
        "actor": ACTOR,
        "event": "revoke",
        "before": "valid",
        "after": "revoked",
    }
    with writing(office.engine) as connection:
        connection.execute(insert(tables.report_events).values(**row, reason="绕过程序"))
        connection.execute(update(tables.ledger).values(state="revoked"))
    assert found(office) == [(Kind.STATE_DIFFERS, report.number)]


@pytest.mark.parametrize("state", ["valid", "suspended"])
def test_a_state_that_is_not_that_of_its_history_is_told(office: TestOffice, state: str) -> None:
    """The status list follows the state: a revocation would be gone with the next one."""
    report = office.issue()
    office.issuing.revoke(report.number, "数据有误", ACTOR, WALL)
    edited(office, f"UPDATE ledger SET state = '{state}'")
    assert found(office) == [(Kind.STATE_DIFFERS, report.number)]


def edited(office: TestOffice, statement: str) -> None:
    """By hand, past the program and past the triggers."""
    with writing(office.engine) as connection:
        for trigger in ("log_leaves_kept", "log_leaves_fixed", "ledger_signed"):
            connection.execute(text(f"DROP TRIGGER {trigger}"))
        connection.execute(text(statement))


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        ("DELETE FROM log_leaves WHERE position = 2", 2),
        ("DELETE FROM log_leaves WHERE position = 3", 2),
        ("DELETE FROM log_leaves WHERE position = 0", 0),
        ("UPDATE log_leaves SET content = X'00' WHERE position = 1", 1),
        ("UPDATE log_leaves SET content = X'00' WHERE position = 0", 0),
        ("UPDATE log_leaves SET ref = X'00' WHERE position = 1", 1),
    ],
)
def test_stored_leaves_that_are_not_those_of_the_published_log_are_told(
    office: TestOffice, statement: str, index: int
) -> None:
    office.issue()
    report = office.issue(ISSUED + timedelta(minutes=5))
    office.issuing.revoke(report.number, "数据有误", ACTOR, WALL)
    edited(office, statement)
    assert {(finding.kind, finding.index) for finding in audited(office)} == {(Kind.ROWS_DIFFER, index)}


@pytest.mark.parametrize(
    "change",
    ["issued_at = '2026-08-01T10:00:00+08:00'", "status_index = 7", f"subject_code = '{SHOP}'", "content_root = X'00'"],
)
def test_a_line_that_does_not_say_what_its_token_says_is_told(office: TestOffice, change: str) -> None:
    report = office.issue()
    edited(office, f"UPDATE ledger SET {change}")
    assert found(office) == [(Kind.LEDGER_DIFFERS, report.number)]


def test_a_line_whose_token_was_exchanged_is_told(office: TestOffice) -> None:
    report = office.issue()
    edited(office, "UPDATE ledger SET token = X'D2'")
    kinds = [Kind.LEDGER_DIFFERS, Kind.LEDGER_UNLOGGED, Kind.LEAF_NOT_IN_LEDGER]
    assert found(office) == [(kind, report.number) for kind in kinds]


def test_a_report_that_the_log_does_not_hold_is_told_and_one_the_ledger_does_not_know_too(office: TestOffice) -> None:
    office.issue()
    second = office.issue(ISSUED + timedelta(minutes=5))
    audit = read_log(office)
    ref = next(ref for ref, logged in audit.reports.items() if logged.number == second.number)
    audit.reports[b"another ref"] = audit.reports.pop(ref)
    told = [(finding.kind, finding.number) for finding in against_ledger(office.engine, audit, DOER)]
    assert [each for each in told if each[0] is not Kind.ROWS_DIFFER] == [
        (Kind.LEDGER_UNLOGGED, second.number),
        (Kind.LEAF_NOT_IN_LEDGER, second.number),
    ]


def test_leaves_that_wait_to_be_published_are_told_as_such(office: TestOffice) -> None:
    report = office.issue()
    before = (office.places.public / "log" / "checkpoint").read_bytes()
    office.issuing.revoke(report.number, "数据有误", ACTOR, WALL)
    (waiting,) = audited(office, before)
    assert (waiting.kind, waiting.message) == (Kind.UNPUBLISHED, "数据库中已有登记，但还没有公布（1 份报告）。")


def test_a_report_older_than_the_log_need_not_be_in_it(office: TestOffice) -> None:
    """As after an upgrade: no leaf was ever written for it."""
    office.issue()
    audit = Audit(published(office, "checkpoint"), office.office.number_prefix)
    audit.opened_at = ISSUED + timedelta(seconds=1)
    edited(office, "DELETE FROM log_leaves WHERE position = 1")
    edited_opening = opened(audit.opened_at).hex()
    with writing(office.engine) as connection:
        connection.execute(text(f"UPDATE log_leaves SET content = X'{edited_opening}'"))
    assert list(against_ledger(office.engine, audit, DOER)) == []


@pytest.fixture
def witnessed(office: TestOffice) -> TestOffice:
    office.issue()
    office.keys.set_witnesses(lambda known: (*known, Witness(WITNESS_NAME, WITNESS.public_key)), WALL)
    return office


def brought(office: TestOffice, signer: Ed25519Signer = WITNESS) -> bytes:
    note = read_note((office.places.public / "log" / "checkpoint").read_bytes())
    return Note(note.text, (*note.lines, cosignature(note.text, WITNESS_NAME, signer, WALL))).whole().encode()


def published(office: TestOffice, name: str) -> Checkpoint:
    return open_checkpoint((office.places.public / "log" / name).read_bytes(), office.keys.log_key())


def taken(office: TestOffice, data: bytes) -> Checkpoint:
    return take(office.engine, office.places, office.keys.log_key(), data, DOER)


def test_a_cosignature_on_the_present_tree_is_published_with_it_and_stays_when_it_is_signed_anew(
    witnessed: TestOffice,
) -> None:
    assert taken(witnessed, brought(witnessed)).witnesses == (WITNESS_NAME,)
    assert published(witnessed, "checkpoint").witnesses == (WITNESS_NAME,)
    assert published(witnessed, "cosigned").size == 2
    witnessed.issuing.publish(WALL + timedelta(hours=1))
    assert published(witnessed, "checkpoint").witnesses == (WITNESS_NAME,)
    assert published(witnessed, "checkpoint").at == WALL + timedelta(hours=1)


def test_a_cosignature_on_an_earlier_tree_is_published_beside(witnessed: TestOffice) -> None:
    before = brought(witnessed)
    witnessed.issue(ISSUED + timedelta(minutes=5))
    taken(witnessed, before)
    assert published(witnessed, "checkpoint").witnesses == ()
    assert (published(witnessed, "cosigned").size, published(witnessed, "cosigned").witnesses) == (2, (WITNESS_NAME,))
    taken(witnessed, brought(witnessed))
    taken(witnessed, before)
    assert published(witnessed, "cosigned").size == 3


def test_the_cosignature_of_a_stranger_is_not_taken(witnessed: TestOffice) -> None:
    stranger = Ed25519Signer.from_seed(b"chenghe fictional stranger key 4")
    with pytest.raises(TrustError) as refused:
        taken(witnessed, brought(witnessed, stranger))
    assert refused.value.code == "COSIGNATURE_MISSING"
    assert not (witnessed.places.public / "log" / "cosigned").exists()


def test_a_cosigned_tree_that_is_not_ours_is_not_taken(witnessed: TestOffice) -> None:
    origin, log = witnessed.keys.log_key().origin, witnessed.keys.log_signer()
    other = read_note(sign_checkpoint(origin, 2, bytes(32), log, WALL).encode())
    lines = (*other.lines, cosignature(other.text, WITNESS_NAME, WITNESS, WALL))
    with pytest.raises(TrustError) as refused:
        taken(witnessed, Note(other.text, lines).whole().encode())
    assert refused.value.code == "LOG_FORKED"
