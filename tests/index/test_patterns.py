"""A line of one character repeated, however long, is looked at once; these took the cube of their length: hours."""

import pytest

from index import masking
from index.policies.cleaning import tables
from index.policies.readers.pdf import margins

LONG = 20_000


def test_a_rule_without_an_end_is_no_rule() -> None:
    assert tables._RULE_LINE.match("|" + "-" * LONG + "0") is None
    assert tables._RULE_LINE.match("|" + "-" * LONG + "|") is not None
    assert tables._RULE_LINE.match("|--|:-:|") is None


@pytest.mark.parametrize("start", ["第0页", "0", "一页"])
def test_a_page_number_before_much_space_is_none(start: str) -> None:
    assert margins._PAGE_NUMBER.match(start + " " * LONG + "!") is None
    assert margins._PAGE_NUMBER.match(start + " , 共 12 页") is not None


def test_a_representative_who_is_not_named_is_masked_as_the_name_of_one() -> None:
    name = "某合伙企业（委派代表" + " " * LONG
    assert masking.mask_name(name).startswith("某*")
    assert masking.mask_name("某合伙企业（委派代表： 王小明）") == "某合伙企业（委派代表： 王**）"
