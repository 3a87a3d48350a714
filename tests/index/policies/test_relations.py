"""The graph over the library: who ends whom, from when, by which words; what a text is on any day by it."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.policies.library import Library
from index.policies.mentions import Relation, amended_in, ended_in
from index.policies.model import Document, State
from index.policies.readers.raw import RawText
from index.policies.reading import documents_of
from index.policies.relations import Relations


def document(title: str, number: str | None, *lines: str, on: str = "2031年3月5日") -> Document:
    text = "\n".join([title, *([number] if number else []), *lines, "云岭市人民政府", on, ""])
    return documents_of(RawText(text), origin=f"{title}{number}.txt", content=text.encode())[0]


OLD = document("云岭市茶园办法", "云政发〔2026〕7号", "第一条 为管理茶园，制定本办法。", on="2026年2月1日")
SAME_NUMBER = document("云岭市渡口办法", "云政办发〔2026〕7号", "第一条 为管理渡口，制定本办法。", on="2026年2月1日")
NEW = document(
    "云岭市茶园办法",
    "云政发〔2031〕6号",
    "第一条 为管理茶园，根据《云岭市茶叶条例》，制定本办法。",
    "第二条 本办法自2031年5月1日起施行。《云岭市茶园办法》（云政发〔2026〕7号）同时废止。",
)


A_NUMBERED, B = ("甲办法", "云发〔2020〕1号", False), ("乙办法", None, False)


def names(text: str) -> list[tuple[str, str | None, bool]]:
    return [(one.title, one.number, one.partial) for one in ended_in(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("《甲办法》（云发〔2020〕1号）、《乙办法》同时废止。", [A_NUMBERED, B]),
        ("《甲办法》和2019年印发的《乙办法》同时废止。", [("甲办法", None, False), ("乙办法", None, False)]),
        ("《甲办法》，《乙办法》同时废止。", [("甲办法", None, False), ("乙办法", None, False)]),
        ("《甲办法》（云发〔2020〕1号）自本办法施行之日起废止。", [("甲办法", "云发〔2020〕1号", False)]),
        ("原云政发〔2019〕5号文件同时废止。", [("", "云政发〔2019〕5号", False)]),
        ("现公布《本办法》，自2031年1月1日起施行，《甲办法》同时废止。", [("甲办法", None, False)]),
        ("根据《条例》，《甲办法》即行废止。", [("甲办法", None, False)]),
        ("决定废止《甲办法》（云发〔2020〕1号）。", [("甲办法", "云发〔2020〕1号", False)]),
        ("《甲办法》第三条同时废止。", [("甲办法", None, True)]),
        ("《甲办法》除第三条外同时废止。", [("甲办法", None, True)]),
        ("《甲办法》中与本办法不一致的内容同时废止。", [("甲办法", None, True)]),
        ("本办法施行后，《甲办法》同时停止执行。", [("甲办法", None, False)]),
        ("《甲办法》自行失效。", [("甲办法", None, False)]),
        ("本办法替代《甲办法》（云发〔2020〕1号）。", [("甲办法", "云发〔2020〕1号", False)]),
        ("《甲办法》由本办法取代。", [("甲办法", None, False)]),
        ("《甲办法》（云发〔2020〕1号）修订后重新公布。", [("甲办法", "云发〔2020〕1号", False)]),
        ("下列文件同时废止：\n1.《甲办法》（云发〔2020〕1号）；\n2.《乙办法》。\n特此通知。", [A_NUMBERED, B]),
        ("违反《甲办法》的，废止其资格。", []),
        ("《甲办法》已废止。", []),
        ("以专用报告代替证明。", []),
        ("《甲办法》废止后，按本办法办理。", []),
    ],
)
def test_what_a_sentence_ends(text: str, expected: list[tuple[str, str | None, bool]]) -> None:
    assert names(text) == expected


def test_spans_are_the_words_themselves() -> None:
    text = "第一条 甲。\n第二条 本办法自2031年1月1日起施行。《甲办法》（云发〔2020〕1号）同时废止。\n"
    (found,) = ended_in(text)
    assert text[slice(*found.span)] == "《甲办法》（云发〔2020〕1号）"
    assert text[slice(*found.clause)] == "《甲办法》（云发〔2020〕1号）同时废止。"


def test_a_table_of_repealed_texts_names_one_a_row() -> None:
    text = (
        "云岭市人民政府关于废止部分文件的决定\n云政发〔2031〕9号\n现决定废止部分文件，自2031年6月1日起施行。\n云岭市人民政府\n"
        "2031年5月1日\n附件\n决定废止的文件目录\n序号 | 文件名称 | 文号\n1 | 云岭市茶园办法 | 云政发〔2026〕7号\n"
        "2 | 云岭市竹林办法 | 云政发〔2025〕1号\n"
    )
    (decision,) = documents_of(RawText(text), origin="废.txt", content=text.encode())
    graph = Relations([decision, OLD, SAME_NUMBER])
    ending = graph.ending(OLD.id, date(2032, 1, 1))
    assert ending is not None
    assert decision.source[slice(*ending.clause)] == "1 | 云岭市茶园办法 | 云政发〔2026〕7号"
    assert [(one.title, one.number) for one in graph.absent()] == [("云岭市竹林办法", "云政发〔2025〕1号")]
    assert graph.ending(SAME_NUMBER.id, date(2032, 1, 1)) is None


def test_an_amending_decision_names_what_it_amends() -> None:
    text = "云岭市人民政府关于修改《云岭市茶园办法》的决定\n一、将第三条修改为：“浇水五次。”\n"
    (found,) = amended_in("云岭市人民政府关于修改《云岭市茶园办法》的决定", text)
    assert (found.relation, found.title) == (Relation.AMENDS, "云岭市茶园办法")


def test_a_new_edition_ends_the_old_one_and_never_itself_nor_another_of_its_number() -> None:
    graph = Relations([NEW, OLD, SAME_NUMBER])
    assert [graph.status(OLD, day).state for day in (date(2031, 4, 30), date(2031, 5, 1))] == [
        State.UNSTATED,
        State.REPEALED,
    ]
    for day in (date(2031, 5, 1), date(2050, 1, 1)):
        assert graph.status(NEW, day).state is State.IN_FORCE
        assert graph.status(SAME_NUMBER, day).state is State.UNSTATED


def test_the_edge_carries_its_words() -> None:
    graph = Relations([NEW, OLD])
    edge = graph.ending(OLD.id, date(2032, 1, 1))
    assert edge is not None
    assert (edge.relation, edge.document, edge.target, edge.since) == (
        Relation.REPEALS,
        NEW.id,
        OLD.id,
        date(2031, 5, 1),
    )
    assert NEW.source[slice(*edge.clause)] == "《云岭市茶园办法》（云政发〔2026〕7号）同时废止。"
    assert [one.title for one in graph.absent()] == ["云岭市茶叶条例"]
    assert [one.document for one in graph.about("云岭市茶叶条例")] == [NEW.id]
    assert [one.document for one in graph.about("云政发[2026]7号")] == [NEW.id]


def test_before_it_was_issued_a_text_is_not_in_force() -> None:
    assert Relations([OLD]).status(OLD, date(2026, 1, 31)).state is State.NOT_YET
    assert Relations([NEW]).status(NEW, date(2031, 4, 30)).state is State.NOT_YET


def test_a_chain_ends_every_link_on_its_own_day() -> None:
    newest = document(
        "云岭市茶园条例",
        "云政发〔2040〕1号",
        "第一条 本条例自2040年1月1日起施行。《云岭市茶园办法》（云政发〔2031〕6号）同时废止。",
        on="2039年12月1日",
    )
    graph = Relations([OLD, NEW, newest])
    assert [graph.status(one, date(2041, 1, 1)).state for one in (OLD, NEW, newest)] == [
        State.REPEALED,
        State.REPEALED,
        State.IN_FORCE,
    ]
    assert graph.status(NEW, date(2039, 12, 31)).state is State.IN_FORCE


def test_texts_that_end_each_other_without_days_end_neither() -> None:
    def undated(title: str, other: str) -> Document:
        text = f"{title}\n第一条 为管理茶园，制定本办法。\n第二条 《{other}》同时废止。\n"
        return documents_of(RawText(text), origin=title, content=text.encode())[0]

    first, second = undated("云岭市甲办法", "云岭市乙办法"), undated("云岭市乙办法", "云岭市甲办法")
    graph = Relations([first, second])
    assert [graph.status(one, date(2031, 1, 1)).state for one in (first, second)] == [State.UNSTATED] * 2


def test_a_partial_repeal_ends_nothing() -> None:
    part = document(
        "云岭市茶叶规定",
        None,
        "第一条 本规定自2031年5月1日起施行。《云岭市茶园办法》（云政发〔2026〕7号）第三条同时废止。",
    )
    graph = Relations([OLD, part])
    assert graph.status(OLD, date(2040, 1, 1)).state is State.UNSTATED
    assert [edge.label for edge in graph.naming(OLD.id)] == ["部分废止"]


def test_a_notice_named_stands_for_the_text_it_handed_on() -> None:
    newer = document(
        "云岭市茶园规定", None, "第一条 本规定自2031年5月1日起施行。《关于印发〈云岭市茶园办法〉的通知》同时废止。"
    )
    assert Relations([OLD, newer]).status(OLD, date(2031, 5, 1)).repealed_by == "云岭市茶园规定"


def law(amended: str, *more: str) -> Document:
    line = f"（2020年1月1日云岭市人民代表大会常务委员会通过{amended}）"
    text = "\n".join(["云岭市茶叶条例", line, "第一条 为管理茶叶，制定本条例。", *more, ""])
    return documents_of(RawText(text), origin=amended, content=text.encode())[0]


def test_an_amended_edition_takes_the_place_of_the_one_before() -> None:
    first, second = law("", "第二条 每年浇水三次。"), law(" 根据2030年6月1日云岭市人民代表大会常务委员会的决定修正")
    graph = Relations([first, second])
    assert graph.status(first, date(2030, 5, 31)).state is State.UNSTATED
    assert graph.status(first, date(2030, 6, 1)).state is State.REPEALED
    assert graph.status(second, date(2031, 1, 1)).state is State.UNSTATED


days = st.dates(date(2020, 1, 1), date(2050, 1, 1))


@given(st.permutations([OLD, NEW, SAME_NUMBER]), days, days)
def test_the_order_of_documents_does_not_matter_and_what_is_repealed_stays_repealed(
    documents: list[Document], first: date, second: date
) -> None:
    graph, plain = Relations(documents), Relations([OLD, NEW, SAME_NUMBER])
    earlier, later = sorted((first, second))
    for one in documents:
        assert graph.status(one, first) == plain.status(one, first)
        if graph.status(one, earlier).state is State.REPEALED:
            assert graph.status(one, later).state is State.REPEALED


def test_the_library_s_graph_follows_its_changes(tmp_path: Path) -> None:
    library = Library(tmp_path / "library")
    write: Callable[[Document], Path] = lambda one: _file(tmp_path, one)  # noqa: E731
    library.add(write(OLD))
    assert library.status(OLD.id, date(2031, 5, 1)).state is State.UNSTATED
    assert library.relations() is library.relations()
    library.add(write(NEW))
    assert library.status(OLD.id, date(2031, 5, 1)).state is State.REPEALED
    library.remove(NEW.id)
    assert library.status(OLD.id, date(2031, 5, 1)).state is State.UNSTATED


def _file(folder: Path, one: Document) -> Path:
    path = folder / f"{one.id}.txt"
    path.write_text(one.source, "utf-8")
    return path
