"""Answers index/rules/bases.py."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from index.calendar import SHANGHAI
from index.errors import AccessDenied, RuleError
from index.rules.bases import BasisState, register, registered, state_on, with_registered
from index.rules.model import Basis
from index.rules.offices import load_profile
from index.store.engine import open_store
from index.store.tables import audit

OFFICE = load_profile("yancheng")
(SCHEME,) = OFFICE.bases
NOW = datetime(2026, 9, 10, 9, 0, tzinfo=SHANGHAI)
SUCCESSOR = Basis("示例市专用信用报告管理办法（虚构）", "示政办发〔2026〕3号", date(2026, 9, 1), date(2031, 8, 31))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    store = open_store(tmp_path / "office.db")
    yield store
    store.dispose()


def enter(engine: Engine, basis: Basis = SUCCESSOR, **changes: str | None) -> None:
    given = {"replaces": None, "evidence": "示例市公报 2026 年第 8 期", "actor": "示例经办人"} | changes
    register(engine, OFFICE, basis, now=NOW, **given)  # type: ignore[arg-type]


def counting(engine: Engine) -> tuple[Basis, ...]:
    """The registered bases that count, whatever else the office has."""
    return with_registered(replace(OFFICE, bases=()), engine).bases


def test_a_registered_basis_is_one_to_issue_under(engine: Engine) -> None:
    assert with_registered(OFFICE, engine).basis_on(date(2026, 9, 10)) is None
    enter(engine)
    office = with_registered(OFFICE, engine)
    assert office.basis_on(date(2026, 9, 10)) == SUCCESSOR
    assert office.basis_on(date(2026, 8, 31)) == SCHEME
    assert counting(engine) == (SUCCESSOR,)
    assert dict(office.sources)[SUCCESSOR.title] == "示例市公报 2026 年第 8 期"


def test_registering_leaves_an_audit_line_that_says_who_and_from_where(engine: Engine) -> None:
    enter(engine, replaces=SCHEME.title)
    with engine.connect() as connection:
        (line,) = connection.execute(select(audit).where(audit.c.action == "basis.register")).all()
    assert (line.actor, line.at, line.target) == ("示例经办人", NOW, SUCCESSOR.title)
    for word in ("示政办发〔2026〕3号", "2026-09-01 至 2031-08-31", SCHEME.title, "示例市公报"):
        assert word in line.detail


def test_nobody_registers_without_a_name_and_nothing_lands(engine: Engine) -> None:
    with pytest.raises(AccessDenied):
        enter(engine, actor=" ")
    assert counting(engine) == ()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"basis": replace(SUCCESSOR, title="办法")}, "BASIS_TITLE"),
        ({"basis": replace(SUCCESSOR, title="长" * 151)}, "BASIS_TITLE"),
        ({"basis": replace(SUCCESSOR, title="两行的\n名称")}, "BASIS_TITLE"),
        ({"basis": replace(SUCCESSOR, document_number="3号文")}, "BASIS_NUMBER"),
        ({"basis": replace(SUCCESSOR, document_number="=cmd()")}, "BASIS_NUMBER"),
        ({"basis": replace(SUCCESSOR, effective_to=date(2026, 8, 31))}, "BASIS_DATES"),
        ({"evidence": "无"}, "BASIS_EVIDENCE"),
        ({"evidence": "   \n  "}, "BASIS_EVIDENCE"),
        ({"replaces": "从未登记过的文件"}, "BASIS_REPLACES_UNKNOWN"),
        ({"basis": SCHEME}, "BASIS_KNOWN"),
        ({"basis": replace(SCHEME, effective_to=date(2027, 8, 31))}, "BASIS_TITLE_TAKEN"),
    ],
)
def test_what_is_wrong_is_refused_with_its_code_and_next_step(
    engine: Engine, changes: dict[str, object], code: str
) -> None:
    with pytest.raises(RuleError) as caught:
        enter(engine, **changes)  # type: ignore[arg-type]
    assert caught.value.code == code
    assert caught.value.next_step
    assert registered(engine) == ()


def test_a_document_number_is_kept_as_documents_write_it(engine: Engine) -> None:
    enter(engine, replace(SUCCESSOR, document_number=" 示政办发[２０２６] 3 号"))
    assert counting(engine)[0].document_number == "示政办发〔2026〕3号"


@pytest.mark.parametrize("number", ["国家发展和改革委员会令第36号", "苏政办规〔2025〕5号", "盐政发(2019)75号"])
def test_numbers_of_orders_and_of_documents_are_known(engine: Engine, number: str) -> None:
    enter(engine, replace(SUCCESSOR, document_number=number))
    assert counting(engine)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("《示例办法（虚构）》", "示例办法（虚构）"),
        ("关于延长《示例办法（虚构）》", "关于延长《示例办法（虚构）》"),
        ("《示例办法》的补充规定（虚构）", "《示例办法》的补充规定（虚构）"),
    ],
)
def test_a_title_loses_the_marks_around_it_and_no_others(engine: Engine, given: str, kept: str) -> None:
    enter(engine, replace(SUCCESSOR, title=given))
    assert counting(engine)[0].title == kept


def test_one_number_belongs_to_one_text(engine: Engine) -> None:
    enter(engine)
    with pytest.raises(RuleError) as caught:
        enter(engine, replace(SUCCESSOR, title="另一份示例文件（虚构）"))
    assert caught.value.code == "BASIS_NUMBER_TAKEN"


def test_a_correction_counts_and_the_first_entry_stays_in_the_register(engine: Engine) -> None:
    corrected = replace(SUCCESSOR, effective_to=date(2028, 8, 31))
    enter(engine)
    with pytest.raises(RuleError, match="已经登记过"):
        enter(engine, corrected)
    enter(engine, corrected, replaces=SUCCESSOR.title)
    assert counting(engine) == (corrected,)
    assert [entry.basis for entry in registered(engine)] == [SUCCESSOR, corrected]


def test_of_two_that_begin_on_one_day_the_one_registered_or_corrected_last_is_printed(engine: Engine) -> None:
    other = Basis("另一份示例文件（虚构）", None, SUCCESSOR.effective_from, None)
    corrected = replace(SUCCESSOR, effective_to=None)
    enter(engine)
    enter(engine, other)
    assert with_registered(OFFICE, engine).basis_on(date(2026, 9, 10)) == other
    enter(engine, corrected, replaces=SUCCESSOR.title)
    assert with_registered(OFFICE, engine).basis_on(date(2026, 9, 10)) == corrected


def test_a_correction_of_a_text_of_the_file_takes_its_place(engine: Engine) -> None:
    extended = replace(SCHEME, effective_to=date(2027, 8, 31))
    enter(engine, extended, replaces=SCHEME.title)
    assert with_registered(OFFICE, engine).bases == (extended,)


def test_of_two_bases_in_force_the_newer_is_printed(engine: Engine) -> None:
    enter(engine, replace(SUCCESSOR, effective_from=date(2026, 7, 1)))
    office = with_registered(OFFICE, engine)
    assert office.basis_on(date(2026, 6, 30)) == SCHEME
    assert office.basis_on(date(2026, 7, 1)) == replace(SUCCESSOR, effective_from=date(2026, 7, 1))


days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
texts = st.builds(
    lambda number, start, length: Basis(
        f"示例文件{number}", None, start, None if length is None else start + timedelta(days=length)
    ),
    st.integers(),
    days,
    st.none() | st.integers(0, 2000),
)


@given(st.lists(texts, max_size=6), days)
def test_whatever_is_registered_the_basis_of_a_day_is_in_force_and_none_newer_is(bases: list[Basis], day: date) -> None:
    office = replace(OFFICE, bases=tuple(bases))
    found, in_force = office.basis_on(day), [basis for basis in bases if state_on(basis, day) is BasisState.IN_FORCE]
    assert (found is None) == (not in_force)
    assert found is None or (found in in_force and not any(b.effective_from > found.effective_from for b in in_force))
    ended, last = [basis for basis in bases if state_on(basis, day) is BasisState.ENDED], office.last_ended_basis(day)
    assert (last is None) == (not ended)
    assert last is None or not any((b.effective_to or day) > (last.effective_to or day) for b in ended)
