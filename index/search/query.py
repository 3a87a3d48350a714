"""From what a person typed to the weighted terms a backend looks for.

Rules (weights by measurement, docs/decisions/0083):

* Words that say how is asked, not what about (``function_words.txt``), count half.
* Single characters count less than pairs; the commonest are left out as soon as there are ``ENOUGH_PAIRS`` pairs:
  the longest postings, the least said. In headings only pairs are looked for then.
* Colloquial words bring the statutory ones along (``index.search.synonyms``).
* Of two texts that say the same the law goes first (``content.RANK``): a bonus, it finds nothing by itself.
"""

import re
from collections import Counter
from functools import cache
from importlib.resources import files

from index.search.analyzer import fold_query, tokens
from index.search.backend import Field, Term
from index.search.content import RANK
from index.search.synonyms import written_tokens

FUNCTION_WEIGHT = 0.5
CHARACTER_WEIGHT = 0.75
WRITTEN_WEIGHT = 0.5
RANK_WEIGHT = 0.6
FIELD_WEIGHTS = {Field.BODY: 1.0, Field.HEADING: 0.3}
ENOUGH_PAIRS = 3
MAX_QUERY_TOKENS = 400
MAX_WRITTEN_TOKENS = 100
COMMON_CHARACTERS = frozenset(
    "的人定法应行当有和以规者民或关理国管其不对政务事在部机本用可门院依一作照为业经由制合责及公他条工中出上主并发等生保家下"
    "员施提地处方实自进所要产权构二时内级情证单三会设件任全得位同府安成据按动准予监资向查取期请款通案重分"
)
"""Each stands in more than one of seven articles of 1,338 laws and rules."""


def terms(text: str) -> tuple[Term, ...]:
    """The terms of ``text``; none when it has no usable word."""
    weights = token_weights(fold_query(text))
    if not weights:
        return ()
    few = sum(len(token) > 1 for token in weights) < ENOUGH_PAIRS
    found = [
        Term(field, token, weight * field_weight)
        for token, weight in weights.items()
        for field, field_weight in FIELD_WEIGHTS.items()
        if few or len(token) > 1 or field is Field.BODY
    ]
    found.append(Term(Field.HEADING, RANK, RANK_WEIGHT * sum(weights.values()), finds=False))
    return tuple(found)


def token_weights(folded: str) -> dict[str, float]:
    """How much each token of a folded question counts."""
    said = said_weights(folded)
    pairs = sum(len(token) > 1 for token in said)
    weights = {
        token: weight if len(token) > 1 else weight * CHARACTER_WEIGHT
        for token, weight in said.items()
        if pairs < ENOUGH_PAIRS or token not in COMMON_CHARACTERS
    }
    written = [(token, weight) for token, weight in written_tokens(folded).items() if token not in said]
    weights.update({token: WRITTEN_WEIGHT * weight for token, weight in written[:MAX_WRITTEN_TOKENS]})
    return weights


def said_weights(folded: str) -> dict[str, float]:
    """The tokens of a folded question as often as they stand there; those within function words count half."""
    every = Counter(tokens(folded))
    content = Counter(tokens(without_function_words(folded)))
    return {
        token: content[token] + FUNCTION_WEIGHT * (count - content[token])
        for token, count in list(every.items())[:MAX_QUERY_TOKENS]
    }


def without_function_words(folded: str) -> str:
    """A folded question without the words that only ask."""
    return _function_words().sub(" ", folded)


@cache
def _function_words() -> re.Pattern[str]:
    lines = files("index.search").joinpath("function_words.txt").read_text(encoding="utf-8").splitlines()
    words = {word for line in lines if not line.startswith("#") for word in line.split()}
    return re.compile("|".join(sorted(map(re.escape, words), key=len, reverse=True)))
