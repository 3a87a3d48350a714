from pathlib import Path

from bot.assistant.retrieval import find
from index.search.finding import Finder
from tests.bot.assistant.conftest import OLD_SEEDS, PORT_RULES, TODAY, assistant_over


def test_a_search_gives_passages_with_status_and_exact_place(tmp_path: Path) -> None:
    _, library, backend = assistant_over({"ports": PORT_RULES, "seeds": OLD_SEEDS}, tmp_path)
    with backend:
        found = find(library, Finder(backend), "種子抽檢 牽頭", as_of=TODAY, limit=3)
        entry = found[0].to_json()
    source = library.get(str(entry["source"])).source
    assert entry["text"] == source[int(str(entry["start"])) : int(str(entry["end"]))]
    assert entry["status"] == {"state": "expired", "effective_from": "2023-04-01", "effective_to": "2024-03-31"}
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


def test_an_index_ahead_of_the_library_shows_nothing_that_is_gone(tmp_path: Path) -> None:
    _, library, backend = assistant_over({"ports": PORT_RULES}, tmp_path)
    with backend:
        library.remove(library.documents()[0].id)
        assert find(library, Finder(backend), "渡口", as_of=TODAY) == []
