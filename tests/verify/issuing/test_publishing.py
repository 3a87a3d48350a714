"""Answers verify/issuing/publishing.py: what verifiers get."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert

from index.store import tables
from index.store.engine import writing
from tests.verify.issuing.office import WALL, TestOffice
from verify.issuing.ledger import Doer
from verify.issuing.publishing import INDEX_SPACE, Publication
from verify.issuing.registering import Registrar
from verify.issuing.standing import Standing
from verify.issuing.states import Event, Step
from verify.notices import Notice
from verify.reasons import Reason
from verify.trust import refuse_rollback


def test_a_status_list_is_relied_on_for_24_hours_and_not_a_second_more(office: TestOffice) -> None:
    report = office.issue()
    office.wall = WALL + timedelta(hours=24) - timedelta(seconds=1)
    assert office.examine(report.qr_text).reason is Reason.OK
    office.wall += timedelta(seconds=1)
    assert office.examine(report.qr_text).reason is Reason.STATUS_STALE
    office.issuing.publish(office.wall)
    assert office.examine(report.qr_text).reason is Reason.OK


def noticed(office: TestOffice, number: str, *kinds: str) -> None:
    """What a closed case leaves."""
    with writing(office.engine) as connection:
        for kind in kinds:
            case = {"at": office.wall, "actor": "测试员", "case_number": "YY202611220001"}
            connection.execute(insert(tables.report_notices).values(number=number, kind=kind, **case))


@pytest.mark.parametrize(
    ("kinds", "told"),
    [
        (("corrected",), (Notice.DATA_CORRECTED,)),
        (("repaired",), (Notice.RECORD_REPAIRED,)),
        (("repaired", "corrected"), (Notice.DATA_CORRECTED, Notice.RECORD_REPAIRED)),
    ],
)
def test_a_notice_reaches_whoever_verifies_once_it_is_published(
    office: TestOffice, kinds: tuple[str, ...], told: tuple[Notice, ...]
) -> None:
    report, other = office.issue(), office.issue()
    noticed(office, report.number, *kinds)
    assert office.examine(report.docx).notices == ()
    office.issuing.publish(office.wall)
    answer = office.examine(report.docx)
    assert (answer.reason, answer.notices) == (Reason.OK, told)
    assert office.examine(other.docx).notices == ()


def test_a_noticed_report_can_be_revoked_too(office: TestOffice) -> None:
    report = office.issue()
    noticed(office, report.number, "corrected")
    office.issuing.revoke(report.number, "发现数据有误", "测试员", office.wall)
    answer = office.examine(report.qr_text)
    assert (answer.reason, answer.notices) == (Reason.WITHDRAWN, (Notice.DATA_CORRECTED,))


def test_the_notice_list_does_not_tell_how_many_reports_there_are(office: TestOffice) -> None:
    office.issue()
    changes = office.trust.changes
    assert changes is not None
    assert not any(changes.packed)
    assert len(changes) == INDEX_SPACE


def test_what_is_published_later_is_never_a_rollback(office: TestOffice) -> None:
    office.issue()
    seen = office.trust
    office.wall += timedelta(hours=1)
    office.issuing.publish(office.wall)
    refuse_rollback(office.trust, seen)


def test_the_status_list_does_not_tell_how_many_reports_there_are(office: TestOffice) -> None:
    office.issue()
    few = office.trust.statuses
    office.issue()
    more = office.trust.statuses
    assert few is not None
    assert more is not None
    assert few.packed == more.packed


def test_a_new_name_of_the_office_gives_a_new_key_list_under_the_same_root(office: TestOffice) -> None:
    report = office.issue()
    seen = office.trust
    office.office = replace(office.office, issuer_name="改名后的示例机构（虚构）")
    office.reopen()
    office.issuing.publish(office.wall)
    assert office.trust.keys.issuer.name == "改名后的示例机构（虚构）"
    assert office.trust.keys.version > seen.keys.version
    refuse_rollback(office.trust, seen)
    assert office.examine(report.docx).reason is Reason.OK


def test_the_key_list_is_renewed_before_it_ends(office: TestOffice) -> None:
    office.issue()
    first = office.trust.keys
    office.wall = first.expires_at - timedelta(days=30)
    office.issuing.publish(office.wall)
    assert office.trust.keys.expires_at > first.expires_at


def publication(office: TestOffice) -> Publication:
    return Publication(office.keys, standing(office), office.places.trust)


def standing(office: TestOffice) -> Standing:
    return Standing(office.engine, Registrar(chooses_moments=office.office.sample))


def test_what_is_published_is_not_written_again_while_nothing_changed(office: TestOffice) -> None:
    report, kept = office.issue(), publication(office)
    trust = kept.current(office.wall)
    written = office.places.trust.stat().st_ino
    assert kept.current(office.wall + timedelta(minutes=59)) is trust
    assert publication(office).current(office.wall).status_list == trust.status_list
    assert office.places.trust.stat().st_ino == written
    assert office.examine(report.qr_text).reason is Reason.OK


def test_what_another_process_published_is_noticed(office: TestOffice) -> None:
    kept = publication(office)
    first = kept.current(office.wall)
    other = publication(office).renew(office.wall + timedelta(seconds=1))
    assert other.lists != first.lists
    assert kept.current(office.wall + timedelta(seconds=1)).lists == other.lists


def test_an_hour_later_it_is_published_anew(office: TestOffice) -> None:
    kept = publication(office)
    first = kept.current(office.wall)
    assert kept.current(office.wall + timedelta(minutes=59)) is first
    later = kept.current(office.wall + timedelta(hours=1))
    assert [each.issued_at for each in later.lists if each] == [office.wall + timedelta(hours=1)] * 2
    refuse_rollback(office.trust, first)


@pytest.mark.parametrize("damage", [b"", b"{}", None])
def test_a_lost_or_broken_file_is_written_again(office: TestOffice, damage: bytes | None) -> None:
    kept = publication(office)
    kept.current(office.wall)
    office.places.trust.unlink() if damage is None else office.places.trust.write_bytes(damage)
    kept.current(office.wall)
    assert office.trust.lists == kept.current(office.wall).lists


def test_what_a_crash_left_unpublished_is_published_with_the_next_report(office: TestOffice) -> None:
    kept, report, other = publication(office), office.issue(), office.issue()
    kept.current(office.wall)
    standing(office).change(report.number, Step(Event.REVOKE, "发现数据有误", office.wall), Doer("测试员", office.wall))
    kept.current(office.wall)
    assert office.examine(report.qr_text).reason is Reason.WITHDRAWN
    noticed(office, other.number, "corrected")
    publication(office).current(office.wall)
    assert office.examine(other.qr_text).notices == (Notice.DATA_CORRECTED,)


def test_a_new_key_is_published_at_once(office: TestOffice) -> None:
    kept = publication(office)
    first = kept.current(office.wall)
    office.keys.rotate(office.wall)
    assert len(kept.current(office.wall).keys.keys) == len(first.keys.keys) + 1
    assert office.trust.keys == kept.current(office.wall).keys


def test_a_clock_set_back_a_little_publishes_nothing_that_verifiers_would_refuse(office: TestOffice) -> None:
    seen = publication(office).renew(office.wall)
    kept = publication(office)
    earlier = office.wall - timedelta(minutes=4)
    assert kept.current(earlier).lists == seen.lists
    for renewed in (kept.renew(earlier), publication(office).renew(earlier)):
        refuse_rollback(renewed, seen)
        refuse_rollback(office.trust, seen)
