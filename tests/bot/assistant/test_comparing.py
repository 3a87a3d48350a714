"""Questions about several places are put once for each of them (云汀 and 松坪 are fictional)."""

import pytest

from bot.assistant.comparing import compares, for_each, judges

PLACES = ("松坪", "云汀")


@pytest.mark.parametrize(
    ("question", "云汀"),
    [
        ("云汀和松坪在渡口检验上有什么不同?", "云汀渡口检验怎么规定?"),
        ("云汀市与松坪市的渡口检验有什么区别?", "云汀渡口检验怎么规定?"),
        ("云汀和松坪的渡口分别由谁检验?", "云汀渡口由谁检验?"),
        ("渡口多久检验一次,云汀和松坪一样吗?", "云汀渡口多久检验一次,"),
    ],
)
def test_each_place_is_asked_for_by_itself_without_the_words_that_compare(question: str, 云汀: str) -> None:
    asked = dict(for_each(question, PLACES))
    assert list(asked) == ["云汀", "松坪"]
    assert asked["云汀"].rstrip("?,") == 云汀.rstrip("?,")
    assert "云汀" not in asked["松坪"]


def test_one_place_or_two_that_are_not_set_side_by_side_are_no_comparison() -> None:
    assert not compares("云汀的渡口和码头有什么不同?", ("云汀",))
    assert not compares("松坪人在云汀办渡口许可要多久?", PLACES)
    assert compares("云汀和松坪的渡口由谁检验?", PLACES)


def test_who_is_stricter_is_not_for_us_to_say() -> None:
    assert judges("云汀和松坪比,谁更严?", PLACES)
    assert judges("云汀比松坪多了哪个领域?", PLACES)
    assert not judges("云汀和松坪在渡口检验上有什么不同?", PLACES)
