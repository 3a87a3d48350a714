"""Answers verify/issuing/batch.py and Issuing.issue_many: many reports in one request."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update
from stdnum.cn import uscc

from index.channel import Channel
from index.errors import UnknownSubject
from index.store import tables
from index.store.engine import writing
from tests.verify.issuing.office import ACTOR, COMPANY, ISSUED, SHOP, STRANGER, WALL, TestOffice
from verify.errors import IssuingError
from verify.issuing.orders import BatchItem, BatchRequest
from verify.reasons import Reason


def branch(number: int) -> str:
    stem = f"9132090{2 + number % 3}MA1F{number:05d}"
    return stem + uscc.calc_check_digit(stem)


def add_branches(office: TestOffice, *numbers: int, kind: str = "分支机构") -> list[str]:
    """Branches of COMPANY, as an import leaves them."""
    with writing(office.engine) as connection:
        batch = connection.execute(tables.batches.select()).first()
        assert batch is not None
        rows = [
            {"code": branch(number), "name": f"盐城示例分公司{number}号（虚构）", "kind": kind, "parent_code": COMPANY}
            for number in numbers
        ]
        connection.execute(insert(tables.subjects), [row | {"batch": batch.id, "received_at": WALL} for row in rows])
    return sorted(branch(number) for number in numbers)


def ask(office: TestOffice, **changes: Any) -> tuple[BatchItem, ...]:
    request = BatchRequest(3, "银行贷款", ISSUED, ACTOR, parent_code=COMPANY, identity_check="营业执照原件")
    return office.issuing.issue_many(replace(request, **changes))


def numbers_of(items: tuple[BatchItem, ...]) -> list[str | None]:
    return [item.report.number if item.report else None for item in items]


def test_every_branch_gets_its_own_valid_report_and_the_parent_if_asked(office: TestOffice) -> None:
    codes = add_branches(office, *range(5))
    items = ask(office, with_parent=True, idempotency_key="K", channel=Channel.SELF)
    assert [item.subject_code for item in items] == [COMPANY, *codes]
    for item in items:
        assert item.report is not None
        assert item.problem is None
        answer = office.examine(item.report.docx)
        assert answer.reason is Reason.OK
        assert answer.credential is not None
        assert answer.credential.facts.subject_code == item.subject_code
        entry = office.issuing.show(item.report.number, "测试").entry
        assert (entry.request, entry.channel, entry.identity_check) == ("K", "self", "营业执照原件")
    assert len(set(numbers_of(items))) == 6


def test_who_is_refused_does_not_stop_the_others(office: TestOffice) -> None:
    add_branches(office, 1, 3)
    refused = add_branches(office, 2, kind="社会组织")
    items = ask(office, subject_codes=(branch(1), *refused, STRANGER, branch(3), branch(1)), parent_code=None)
    assert [item.problem.code if item.problem else "" for item in items] == [
        "",
        "SUBJECT_REFUSED",
        "SUBJECT_UNKNOWN",
        "",
    ]
    assert all(item.problem.next_step for item in items if item.problem)
    assert office.count("ledger") == office.count("intents") == 2


def test_the_same_key_gives_the_same_reports_of_the_same_subjects(office: TestOffice) -> None:
    add_branches(office, 1, 2)
    first = ask(office, idempotency_key="K")
    files = [item.report.docx.read_bytes() for item in first if item.report]
    add_branches(office, 3)
    office.wall += timedelta(hours=3)
    again = ask(office, idempotency_key="K", moment=ISSUED + timedelta(hours=3), actor="another")
    assert again == first
    assert [item.report.docx.read_bytes() for item in again if item.report] == files
    assert len(ask(office, idempotency_key="K2")) == 3


def test_what_was_refused_is_tried_again_under_the_same_key(office: TestOffice) -> None:
    (code,) = add_branches(office, 1, kind="社会组织")
    add_branches(office, 2)
    before = dict(zip((item.subject_code for item in ask(office, idempotency_key="K")), (None, None), strict=True))
    assert len(before) == 2
    with writing(office.engine) as connection:
        connection.execute(update(tables.subjects).where(tables.subjects.c.code == code).values(kind="分支机构"))
    items = ask(office, idempotency_key="K")
    assert all(item.report for item in items)
    assert office.count("ledger") == 2


@pytest.mark.parametrize("change", [{"years": 1}, {"purpose": ""}, {"with_parent": True}, {"parent_code": SHOP}])
def test_one_key_for_another_request_is_refused_before_anything_is_issued(
    office: TestOffice, change: dict[str, object]
) -> None:
    add_branches(office, 1)
    ask(office, idempotency_key="K")
    with pytest.raises(IssuingError) as caught:
        ask(office, idempotency_key="K", **change)
    assert caught.value.code == "IDEMPOTENCY_KEY_REUSED"
    assert office.count("ledger") == 1


def test_an_empty_or_endless_batch_is_refused(office: TestOffice) -> None:
    for change, code in (
        ({}, "BATCH_EMPTY"),
        ({"subject_codes": (), "parent_code": None}, "BATCH_EMPTY"),
        ({"subject_codes": tuple(branch(number) for number in range(1001)), "parent_code": None}, "BATCH_TOO_LARGE"),
        ({"purpose": "移民"}, "PURPOSE_UNKNOWN"),
    ):
        with pytest.raises(IssuingError) as caught:
            ask(office, **change)
        assert caught.value.code == code
    with pytest.raises(UnknownSubject):
        ask(office, parent_code=STRANGER)
    assert office.count("report_requests") == 0


def test_without_a_key_each_request_is_its_own(office: TestOffice) -> None:
    add_branches(office, 1)
    assert numbers_of(ask(office)) != numbers_of(ask(office))


def test_in_a_real_office_each_report_carries_the_moment_of_its_turn(office: TestOffice) -> None:
    add_branches(office, 1, 2, 3)
    office.be_real()
    office.wall = ISSUED
    office.keys.init(ISSUED)
    ticking = (ISSUED + timedelta(seconds=step) for step in range(1000))
    office.reopen(clock=lambda: next(ticking))
    items = ask(office)
    moments = [item.report.issued_at for item in items if item.report]
    assert moments == sorted(set(moments))
    assert moments[0] > ISSUED
