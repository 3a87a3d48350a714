"""Validity: what the text says about itself, no more; the status of a text on any day."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.policies.cleaning import clean
from index.policies.model import State, Validity
from index.policies.split import split
from index.policies.validity import Named, repealed_in, status_on, validity
from tests.index.policies.texts import LETTER_AND_SCHEME

ISSUED = date(2031, 3, 5)


def of(text: str, issued_on: date | None = None) -> Validity:
    return validity(split(text)[0], issued_on)


def test_dates_trial_repeal_and_basis_of_a_fictional_text() -> None:
    first, second = split(clean(LETTER_AND_SCHEME))
    assert validity(first, ISSUED) == Validity(
        effective_from=date(2031, 5, 1),
        effective_to=date(2033, 4, 30),
        trial=True,
        repeals=("云政办发〔2026〕6号",),
        bases=("云岭市计量条例",),
    )
    assert validity(second, ISSUED) == Validity(ISSUED, date(2033, 12, 31))


def test_no_day_is_guessed() -> None:
    assert of("云岭市茶叶办法\n第一条 本办法自印发之日起施行。") == Validity()
    assert of("云岭市茶叶办法\n自2031年9月1日起，在全市试点推行。证明有效期2年。") == Validity()
    assert of("云岭市茶叶办法\n《云岭市茶树办法》自2031年9月1日起施行，有效期2年。") == Validity()


def test_a_term_ends_the_day_before_its_anniversary() -> None:
    assert of("云岭市茶叶办法\n本办法自2032年2月29日起施行，有效期为三年。").effective_to == date(2035, 2, 28)
    assert of("云岭市茶叶办法\n本办法自2031年5月1日起实施，有效期至2031年4月31日。").effective_to is None


@pytest.mark.parametrize(
    ("sentence", "first", "last"),
    [
        ("本办法自2031年5月1日起施行，试行期一年。", date(2031, 5, 1), date(2032, 4, 30)),
        ("本办法试行期为2年，自2031年5月1日起施行。", date(2031, 5, 1), date(2033, 4, 30)),
        ("本办法有效期自2031年5月1日至2033年4月30日。", date(2031, 5, 1), date(2033, 4, 30)),
        ("本办法自2031年5月1日起施行至2033年4月30日止。", date(2031, 5, 1), date(2033, 4, 30)),
        ("本办法自2031年5月1日起试行，有效期至2032年12月31日止。", date(2031, 5, 1), date(2032, 12, 31)),
        ("本通知自2031年5月1日起执行，有效期为2031年5月1日至2036年4月30日。", date(2031, 5, 1), date(2036, 4, 30)),
        ("本办法从2031年5月1日起施行，有效期18个月。", date(2031, 5, 1), date(2032, 10, 31)),
        ("本细则自2031年5月1日起施行，暂定两年。", date(2031, 5, 1), date(2033, 4, 30)),
        ("本办法自公布之日起施行，有效期截至2032年12月31日。", ISSUED, date(2032, 12, 31)),
        ("本办法自公布之日起30日后施行。", None, None),
        ("本办法自9999年5月1日起施行，有效期999年。", date(9999, 5, 1), None),
    ],
)
def test_terms_as_texts_write_them(sentence: str, first: date | None, last: date | None) -> None:
    found = of(f"云岭市茶叶办法\n第一条 为管理茶叶，制定本办法。\n第二条 {sentence}", ISSUED)
    assert (found.effective_from, found.effective_to) == (first, last)


@pytest.mark.parametrize(
    ("sentence", "named"),
    [
        ("《甲》（云发〔2020〕1号）、《乙办法》同时废止。", (Named("甲", "云发〔2020〕1号"), Named("乙办法", None))),
        ("自施行之日起，废止《甲》（云发[2020]1号）。", (Named("甲", "云发[2020]1号"),)),
        ("《关于印发〈甲〉的通知》（云发〔2020〕1号）同时废止。", (Named("关于印发〈甲〉的通知", "云发〔2020〕1号"),)),
        ("违反《甲》的，废止其资格。", ()),
    ],
)
def test_what_is_repealed(sentence: str, named: tuple[Named, ...]) -> None:
    assert repealed_in(sentence) == named


days = st.dates(date(2020, 1, 1), date(2040, 1, 1))


@given(first=days, last=days, day=days)
def test_both_ends_are_in_force_and_nothing_outside(first: date, last: date, day: date) -> None:
    first, last = min(first, last), max(first, last)
    state = status_on(Validity(first, last), day).state
    assert (state is State.IN_FORCE) == (first <= day <= last)
    assert (state is State.EXPIRED) == (day > last)
    assert (state is State.NOT_YET) == (day < first)


def test_a_text_without_dates_is_unstated_and_a_repealed_one_is_repealed() -> None:
    assert status_on(Validity(), ISSUED).state is State.UNSTATED
    assert status_on(Validity(effective_from=ISSUED), ISSUED, repealed_by="新办法").state is State.REPEALED


@pytest.mark.shared
def test_validity_of_the_real_texts(shared: Path) -> None:
    (path,) = shared.glob("corpus/raw/004_*.txt")
    found = [validity(part, None) for part in split(clean(path.read_text("utf-8")))]
    assert [(one.effective_from, one.effective_to, one.trial, one.repeals) for one in found] == [
        (date(2024, 9, 1), date(2029, 8, 31), False, ("盐政发〔2019〕75号",)),
        (date(2024, 9, 1), date(2026, 8, 31), True, ()),
        (date(2024, 9, 1), date(2029, 8, 31), False, ("盐政办发〔2015〕73号",)),
    ]
    assert [len(one.bases) for one in found] == [3, 2, 3]
    for name in ("000", "001", "002", "003"):
        (path,) = shared.glob(f"corpus/raw/{name}_*.txt")
        for part in split(clean(path.read_text("utf-8"))):
            one = validity(part, date(2018, 1, 1))
            assert (one.effective_from, one.effective_to, one.repeals) == (None, None, ())
