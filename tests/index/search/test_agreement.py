"""``check_index``: the index holds exactly the library's documents, and every passage is found by its own words."""

from dataclasses import replace

from index.policies.checking import Fault
from index.search.agreement import check_index, missing
from index.search.whoosh_backend import WhooshBackend
from tests.index.search.conftest import BOATS, CROPS, document


def faults(backend: WhooshBackend, *documents: object) -> list[tuple[Fault, str, bool]]:
    return [(one.fault, one.subject, one.repaired) for one in check_index(documents, backend)]  # type: ignore[arg-type]


def test_what_is_missing_changed_or_too_much_is_put_right(backend: WhooshBackend) -> None:
    backend.replace_document(CROPS)
    backend.replace_document(document("gone", "云汀市旧办法（虚构）", "旧的。"))
    assert faults(backend, CROPS, BOATS) == [(Fault.ONLY_INDEXED, "gone", True), (Fault.NOT_INDEXED, "boats", True)]
    changed = document("boats", "云汀市渡船管理办法（虚构）", "渡船每半年检验一次。")
    assert faults(backend, CROPS, changed) == [(Fault.INDEXED_OTHERWISE, "boats", True)]
    assert faults(backend, CROPS, changed) == []


def test_every_passage_is_looked_for(backend: WhooshBackend) -> None:
    backend.replace_document(CROPS)
    assert missing(CROPS, backend) == frozenset()
    longer = document(
        "crops", CROPS.title, "种子经营者应当保存销售记录三年。", "种子检验不收取费用。", "温室由市农机站管理。"
    )
    assert missing(longer, backend) == {3}
    assert missing(replace(CROPS, id="unknown"), backend) == {0, 1, 2}


def test_a_line_without_words_is_not_missed(backend: WhooshBackend) -> None:
    signs = document("signs", "云汀市符号办法（虚构）", "——————")
    backend.replace_document(signs)
    assert missing(signs, backend) == frozenset()
