"""Answers verify/issuing/portal/reports.py: a preview is arranged as the verification page arranges a report."""

from tests.verify.issuing.office import ACTOR, COMPANY, ISSUED, TestOffice
from verify.issuing.orders import IssueRequest
from verify.issuing.portal.reports import preview_of


def test_front_page_and_records_are_unfolded_and_the_table_has_a_row_for_each_domain(office: TestOffice) -> None:
    """Were a kind of text unknown to ``verify.public.content``, its cells would stand outside the table."""
    office.add_records({})
    office.wall = ISSUED
    parts = preview_of(office.issuing.preview(IssueRequest(COMPANY, 3, "", ISSUED, ACTOR)))
    assert [part.open for part in parts] == [True, False, True, False]
    (table,) = [block for block in parts[1].blocks if block.rows]
    assert len(table.header) == 6
    assert len(table.rows) == 45
    assert {len(row) for row in table.rows} == {6}
    assert all(len(row) == 2 for part in (parts[0], parts[2]) for block in part.blocks for row in block.rows)


def test_without_records_only_the_front_page_is_unfolded(office: TestOffice) -> None:
    office.wall = ISSUED
    parts = preview_of(office.issuing.preview(IssueRequest(COMPANY, 1, "", ISSUED, ACTOR)))
    assert [part.open for part in parts] == [True, False, False, False]
