"""Answers index/questions/likeness.py: near questions are found, nearest first, by what they share."""

from hypothesis import given
from hypothesis import strategies as st

from index.questions.likeness import NEAR, NearQuestions

KEYS = ("遗失许可证怎么补发", "许可证怎么办理", "渡口几点开放")
WORDS = st.text(alphabet="甲乙丙丁", max_size=8)


def test_the_nearest_comes_first_and_others_do_not_come() -> None:
    near = NearQuestions(KEYS)
    assert list(near.of("许可证遗失怎么补发")) == [KEYS[0]]
    assert list(near.of("许可证怎么补发")) == [KEYS[0], KEYS[1]]
    assert list(near.of("食堂几点开饭")) == []
    assert list(near.of("")) == []


@given(st.sets(WORDS, max_size=8), WORDS)
def test_found_are_exactly_those_with_the_share_of_common_pairs(keys: set[str], key: str) -> None:
    def likeness(one: str, other: str) -> float:
        left, right = ({text[i : i + 2] for i in range(len(text) - 1)} for text in (one, other))
        return 2 * len(left & right) / (len(left) + len(right) or 1)

    found = list(NearQuestions(keys).of(key))
    assert set(found) == {other for other in keys if likeness(key, other) >= NEAR}
    shares = [likeness(key, other) for other in found]
    assert shares == sorted(shares, reverse=True)
