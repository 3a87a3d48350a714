"""Answers verify/issuing/registering.py: each act has its leaf, in the act's transaction, and time does not go back."""

import shutil
import threading
from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from index.store import tables
from index.store.engine import writing
from tests.verify.issuing.office import ACTOR, ISSUED, SHOP, WALL, TestOffice
from verify.credential import decode
from verify.errors import IssuingError, KeyringError
from verify.registration import Act
from verify.transparency.leaves import Leaf, read_leaf, ref_of


def leaves(office: TestOffice) -> list[Leaf]:
    with office.engine.connect() as connection:
        rows = connection.execute(select(tables.log_leaves).order_by(tables.log_leaves.c.position)).all()
    assert [row.position for row in rows] == list(range(len(rows)))
    read = [read_leaf(row.content) for row in rows]
    assert [(leaf.at, leaf.ref or None) for leaf in read] == [(row.at, row.ref) for row in rows]
    return read


def test_the_log_opens_with_the_first_report_and_every_act_is_a_leaf(office: TestOffice) -> None:
    office.wall = ISSUED
    report = office.issue()
    token = office.issuing.show(report.number, ACTOR).entry.token
    office.issuing.suspend(report.number, "复核", ACTOR, ISSUED + timedelta(minutes=1))
    office.issuing.resume(report.number, "无误", ACTOR, ISSUED + timedelta(minutes=2, microseconds=9))
    other = office.issue(subject_code=SHOP)
    office.issuing.revoke(report.number, "数据有误", ACTOR, ISSUED + timedelta(minutes=3))
    found = leaves(office)
    ref, facts = ref_of(token), decode(token).facts
    assert found[:4] == [
        Leaf(Act.OPENED, ISSUED),
        Leaf(Act.ISSUED, ISSUED, ref, iat=facts.issued_at, sequence=facts.sequence),
        Leaf(Act.SUSPENDED, ISSUED + timedelta(minutes=1), ref, previous=1),
        Leaf(Act.RESUMED, ISSUED + timedelta(minutes=2), ref, previous=2),
    ]
    assert (found[4].act, found[4].sequence) == (Act.ISSUED, 2)
    assert found[5] == Leaf(Act.REVOKED, ISSUED + timedelta(minutes=3), ref, previous=3)
    place = office.issuing.show(other.number, ACTOR).place
    assert place is not None
    assert (place.index, place.at) == (4, ISSUED)


def test_a_leaf_tells_neither_subject_nor_number(office: TestOffice) -> None:
    report = office.issue()
    with office.engine.connect() as connection:
        content = connection.execute(select(tables.log_leaves.c.content).filter_by(number=report.number)).scalar_one()
    for told in (report.number, report.subject_code, "示例"):
        assert told.encode() not in content


def test_what_was_not_entered_is_not_registered(office: TestOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """One transaction: when its last line fails, none of it is there."""
    number = office.issue().number
    before = leaves(office)

    def fails(*values: object, **named: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("verify.issuing.standing.note", fails)
    monkeypatch.setattr("verify.issuing.ledger.catch_up", fails)
    for act in (lambda: office.issuing.revoke(number, "数据有误", ACTOR, WALL), office.issue):
        with pytest.raises(RuntimeError):
            act()
    assert leaves(office) == before
    assert (office.count("ledger"), office.count("report_events")) == (1, 0)


def test_a_real_office_registers_by_the_wall_clock_and_never_before_the_leaf_before(office: TestOffice) -> None:
    office.be_real()
    office.wall = ISSUED + timedelta(microseconds=5)
    office.keys.init(ISSUED)
    first = office.issue(ISSUED - timedelta(minutes=3))
    office.wall -= timedelta(minutes=2)  # somebody set the clock back
    office.issuing.suspend(first.number, "复核", ACTOR, office.wall)
    office.issue(office.wall)
    office.wall += timedelta(minutes=4)
    office.issuing.resume(first.number, "无误", ACTOR, office.wall)
    assert [leaf.at - ISSUED for leaf in leaves(office)] == [timedelta(0)] * 4 + [timedelta(minutes=2)]


def test_a_clock_that_ran_far_ahead_is_not_followed_for_ever(office: TestOffice) -> None:
    office.be_real()
    office.wall = ISSUED
    office.keys.init(ISSUED)
    first, second = office.issue(), office.issue()
    office.wall = ISSUED + timedelta(days=3650)
    with pytest.raises(IssuingError) as caught:
        office.issuing.suspend(first.number, "复核", ACTOR, office.wall)
    assert isinstance(caught.value.__cause__, KeyringError)
    office.wall = ISSUED + timedelta(hours=1)
    office.issuing.suspend(second.number, "复核", ACTOR, office.wall)
    office.issuing.resume(first.number, "无误", ACTOR, office.wall)
    ahead = timedelta(days=3650)
    assert [leaf.at - ISSUED for leaf in leaves(office)[3:]] == [ahead, timedelta(hours=1), ahead]
    third = office.issue(office.wall)
    (leaf,) = [leaf for leaf in leaves(office) if leaf.sequence == 3]
    assert leaf.at == third.issued_at


def test_a_report_with_a_chosen_moment_lives_in_its_own_time(office: TestOffice) -> None:
    late, early = office.issue(), office.issue(ISSUED - timedelta(days=200))
    later, sooner = early.issued_at + timedelta(days=1), early.issued_at - timedelta(days=1)
    office.issuing.suspend(late.number, "复核", ACTOR, WALL)
    office.issuing.suspend(early.number, "复核", ACTOR, later)
    office.issuing.resume(early.number, "无误", ACTOR, sooner)
    office.issuing.revoke(early.number, "数据有误", ACTOR, WALL)
    moments = [late.issued_at, early.issued_at, late.issued_at, later, later, later]
    assert [leaf.at for leaf in leaves(office)[1:]] == moments
    with office.engine.connect() as connection:
        assert set(connection.execute(select(tables.audit.c.at)).scalars()) == {WALL}, "the audit has the wall clock"


def test_nobody_chooses_when_a_real_office_withdraws(office: TestOffice) -> None:
    office.be_real()
    office.wall = ISSUED
    office.keys.init(ISSUED)
    number = office.issue().number
    for moment, code in (
        (ISSUED - timedelta(minutes=6), "MOMENT_BACKDATED"),
        (ISSUED + timedelta(minutes=6), "MOMENT_IN_FUTURE"),
    ):
        with pytest.raises(IssuingError) as caught:
            office.issuing.revoke(number, "数据有误", ACTOR, moment)
        assert caught.value.code == code
    assert office.issuing.show(number, ACTOR).changes == ()


def test_a_report_older_than_the_log_is_not_registered_and_neither_are_its_changes(office: TestOffice) -> None:
    number = office.issue().number
    with writing(office.engine) as connection:
        connection.exec_driver_sql("DROP TRIGGER log_leaves_kept")
        connection.execute(delete(tables.log_leaves))
    shutil.rmtree(office.places.public / "log")
    office.issuing.revoke(number, "数据有误", ACTOR, WALL)
    assert leaves(office) == []
    assert office.issuing.show(number, ACTOR).place is None


def test_the_database_itself_refuses_a_gap_a_change_and_a_deletion(office: TestOffice) -> None:
    office.issue()
    table = tables.log_leaves
    for act, said in (
        (insert(table).values(position=3, content=b"leaf", at=WALL), "behind the last one"),
        (insert(table).values(position=1, content=b"leaf", at=WALL), "behind the last one"),
        (update(table).values(at=WALL), "never change"),
        (delete(table), "never deleted"),
    ):
        with pytest.raises(IntegrityError, match=said), writing(office.engine) as connection:
            connection.execute(act)


def test_two_who_issue_at_once_leave_one_unbroken_log(office: TestOffice) -> None:
    other = TestOffice(office.home)
    threads = [
        threading.Thread(target=lambda o=each: [o.issue() for _ in range(3)], daemon=True) for each in (office, other)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.engine.dispose()
    found = leaves(office)
    assert [leaf.act for leaf in found] == [Act.OPENED, *[Act.ISSUED] * 6]
    assert sorted(leaf.sequence or 0 for leaf in found[1:]) == [1, 2, 3, 4, 5, 6]
