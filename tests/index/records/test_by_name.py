"""Finding a subject by what is remembered of its name. Subjects and units are fictional."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from index.access import Duty, Entitlement, Scope, SelfReading, permit
from index.errors import AccessDenied
from index.records.by_name import AT_MOST, find_named
from index.records.importing import import_subjects
from index.rules.offices import load_profile
from index.store import tables
from index.store.engine import open_store
from tests.index.records.samples import COMPANY, NOW, SHOP, code_of, subject, write_csv

OFFICE = load_profile("yancheng")


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = open_store(tmp_path / "office.db")
    rows = [
        subject(),
        subject(名称="云汀示例小吃店（虚构）", 统一社会信用代码=SHOP, 类型="个体工商户"),
        *(
            subject(名称=f"云汀示例商行{number}号店", 统一社会信用代码=code_of(f"91320902MA1EX0N{number}"))
            for number in range(10, 18)
        ),
    ]
    report = import_subjects(engine, write_csv(tmp_path / "s.csv", rows), OFFICE, now=NOW, actor="测试员")
    assert not report.errors, report.errors
    return engine


def duty() -> Entitlement:
    claim = Duty("市生态环境局", "招标投标", "王示例", "核实资格")
    return permit(claim, "", scope=Scope.RECORDS, now=NOW, office=OFFICE)


def found(engine: Engine, words: str) -> list[str]:
    return [each.code for each in find_named(engine, words, entitlement=duty(), now=NOW).subjects]


def last_line(engine: Engine) -> tuple[str, str, str]:
    audit = tables.audit
    with engine.connect() as connection:
        columns = (audit.c.action, audit.c.target, audit.c.detail)
        return tuple(connection.execute(select(*columns).order_by(audit.c.id.desc())).first() or ())  # type: ignore


@pytest.mark.parametrize(
    "words", ["云汀示例禾苗环保科技有限公司", "禾苗环保", " 禾 苗 环 保 ", "云汀示例环保", "云汀科技有限公司"]
)
def test_words_of_the_name_are_enough(engine: Engine, words: str) -> None:
    assert found(engine, words) == [COMPANY]


@pytest.mark.parametrize("words", ["云汀示例小吃店(虚构)", "云汀示例小吃店（虚构）", "小吃店（"])
def test_brackets_of_either_width_are_the_same(engine: Engine, words: str) -> None:
    assert found(engine, words) == [SHOP]


@pytest.mark.parametrize("words", ["", "云", "%", "__", "%%%%", "!!", "没有这样的名称", "环保云汀", "云" * 61])
def test_patterns_and_single_characters_find_nothing(engine: Engine, words: str) -> None:
    assert found(engine, words) == []


def test_a_few_are_told_and_that_there_are_more(engine: Engine) -> None:
    many = find_named(engine, "商行", entitlement=duty(), now=NOW)
    assert (len(many.subjects), many.more) == (AT_MOST, True)
    assert last_line(engine)[2].endswith(f"{AT_MOST} 家以上")


def test_each_look_leaves_its_line_even_where_nothing_is_found(engine: Engine) -> None:
    find_named(engine, "没有这样的名称", entitlement=duty(), now=NOW)
    action, target, detail = last_line(engine)
    assert (action, target) == ("subjects.named", "没有这样的名称")
    assert detail == "履职（市生态环境局，招标投标，王示例）：0 家"


def test_who_does_not_act_by_duty_is_denied(engine: Engine) -> None:
    own = permit(SelfReading(COMPANY, "营业执照"), COMPANY, scope=Scope.RECORDS, now=NOW, office=OFFICE)
    with pytest.raises(AccessDenied) as refused:
        find_named(engine, "小吃店", entitlement=own, now=NOW)
    assert refused.value.code == "ACCESS_NAME_BY_DUTY"
    assert last_line(engine)[0] == "access.denied"
