"""From what a person typed to the weighted terms a backend looks for."""

from collections import Counter

from index.search.analyzer import fold_query, tokens
from index.search.backend import Field, Term

CHARACTER_WEIGHT = 0.25
"""A single character says less than a pair or a word."""
ENOUGH_PAIRS = 3
"""From this many pairs or words on, single characters only cost time: the longest postings, the least said."""
FIELD_WEIGHTS = {Field.BODY: 1.0, Field.HEADING: 0.7}
MAX_QUERY_TOKENS = 400


def terms(text: str) -> tuple[Term, ...]:
    """The terms of ``text``; none when it has no usable word."""
    counts = Counter(tokens(fold_query(text)))
    if sum(len(token) > 1 for token in counts) >= ENOUGH_PAIRS:
        counts = Counter({token: count for token, count in counts.items() if len(token) > 1})
    return tuple(
        Term(field, token, count * weight * (1.0 if len(token) > 1 else CHARACTER_WEIGHT))
        for token, count in list(counts.items())[:MAX_QUERY_TOKENS]
        for field, weight in FIELD_WEIGHTS.items()
    )
