"""The finder: the one way everyone searches. Words in, passages out, over any backend."""

from collections.abc import Collection

from index.search.backend import Hit, SearchBackend
from index.search.confirmed import Confirmed, nothing_confirmed
from index.search.query import terms


class Finder:
    """Searches ``backend`` with the office's knowledge of wording (``index.search.query``) and of confirmed questions.

    ``confirmed`` is asked at every search and must be cheap: the same tuple until something changes.
    """

    def __init__(self, backend: SearchBackend, confirmed: Confirmed = nothing_confirmed) -> None:
        self._backend = backend
        self._confirmed = confirmed

    def search(self, text: str, limit: int, within: Collection[str] | None = None) -> list[Hit]:
        """The ``limit`` best passages for the words of ``text``, best first; only of ``within`` if given."""
        return self._backend.search(terms(text), limit, within)

    def frequency(self, token: str) -> int:
        """How many passages contain this index token in their own text."""
        return self._backend.frequency(token)
