"""Answers index/rules/units.py."""

import pytest

from index.rules.offices import load_profile
from index.rules.units import canonical_unit, domains_of, find_domain, is_of_the_city, source_kind_of

OFFICE = load_profile("yancheng")


@pytest.mark.parametrize(
    ("written", "unit"),
    [
        ("市生态环境局", "市生态环境局"),
        ("盐城市生态环境局", "市生态环境局"),
        (" 盐城市 生态环境局 ", "市生态环境局"),
        ("市市场监管局", "市市场监督管理局"),
        ("盐城市市场监督管理局", "市市场监督管理局"),
        ("市住建局", "市住房和城乡建设局"),
        ("国家税务总局盐城市税务局", "市税务局"),
        ("盐城市发展和改革委员会", "市发改委"),
        ("南京市生态环境局", None),
        ("盐城市亭湖区城市管理局", None),
        ("生态环境局", None),
        ("", None),
    ],
)
def test_unit_is_recognised_by_name_alias_and_city_prefix_and_never_guessed(written: str, unit: str | None) -> None:
    assert canonical_unit(written, OFFICE) == unit


@pytest.mark.parametrize(
    ("text", "number"),
    [("13", 13), ("１３", 13), ("生态环境领域", 13), ("生态环境", 13), ("0", None), ("46", None), ("环境", None)],
)
def test_domain_is_found_by_number_or_name(text: str, number: int | None) -> None:
    found = find_domain(text, OFFICE)
    assert (found.number if found else None) == number


def test_long_domain_name_with_commas_is_found() -> None:
    found = find_domain("社会治安、刑事、经济、食药环、禁毒、网络安全、文明交通领域", OFFICE)
    assert found is not None
    assert found.number == 7


def test_domains_of_a_unit() -> None:
    assert [domain.number for domain in domains_of("市发改委", OFFICE)] == [2, 35, 45]


def test_domain_without_named_units_can_be_reported_as_a_whole() -> None:
    unit = canonical_unit("具有相关政务服务事项的市直单位", OFFICE)
    assert unit is not None
    assert [domain.number for domain in domains_of(unit, OFFICE)] == [6]


@pytest.mark.parametrize(
    ("name", "yes"), [("市数据局", True), ("盐城市数据局", True), ("南京市数据局", False), ("", False)]
)
def test_city_of_a_unit(name: str, yes: bool) -> None:
    assert is_of_the_city(name, OFFICE) is yes


@pytest.mark.parametrize(
    ("unit", "kind"), [("市中级人民法院", "司法机关"), ("市气象局", "垂直管理单位"), ("市教育局", "行政机关")]
)
def test_source_kind_of_a_unit(unit: str, kind: str) -> None:
    assert source_kind_of(unit, OFFICE) == kind


def test_number_of_thousands_of_digits_is_no_domain() -> None:
    assert find_domain("1" * 5000, OFFICE) is None
