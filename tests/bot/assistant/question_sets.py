"""Our own question sets, made whole: questions and expected facts are kept here, the texts stay in ../shared.

* ``texts_N``: on the five policy texts; ``laws_N``: each on six to eight laws named in ``laws_N.titles.json``.
* ``wordings``: the questions of the tests beside this file; without a place, a passage that holds the fact is right.
* ``quoted_at`` says where the expected quote stands: ``[file of corpus/clean, start, end]`` or
  ``[law, article, which of that number, start, end]``.

    python -m tests.bot.assistant.question_sets ../shared FOLDER

writes ``FOLDER/NAME.jsonl`` in the form of ``chenghe evaluate`` and the laws of each set as ``FOLDER/NAME/*.txt``.
"""

import gzip
import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent / "questions"
NAMES = ("texts_1", "texts_2", "texts_3", "laws_1", "laws_2", "laws_3", "wordings")
Articles = dict[str, list[dict[str, Any]]]


def articles(shared: Path) -> Articles:
    """Law title → its articles in order."""
    found: Articles = {}
    with gzip.open(shared / "retrieval" / "law.corpus.jsonl.gz", "rt", encoding="utf-8") as lines:
        for article in map(json.loads, filter(str.strip, lines)):
            found.setdefault(article["title"], []).append(article)
    return found


def entries(name: str, shared: Path, laws: Articles) -> list[dict[str, Any]]:
    """The questions of a set with their quotes filled in."""
    rows = [json.loads(line) for line in (HERE / f"{name}.jsonl").read_text("utf-8").splitlines()]
    for row in rows:
        quotes = [_quote(place, shared, laws) for place in row.pop("quoted_at", ())]
        if quotes:
            row["source_quote"] = quotes[0]
            row["extra_sources"] = [{"quote": quote} for quote in quotes[1:]]
    return rows


def titles(name: str) -> list[str]:
    file = HERE / f"{name}.titles.json"
    return json.loads(file.read_text("utf-8")) if file.exists() else []


def law_text(title: str, laws: Articles) -> str:
    """A law as government sites print it: title, chapter lines where they change, 第N条 text."""
    lines, path = [title], []
    for article in laws[title]:
        lines.extend(part for part in article["path"] if part not in path)
        path = article["path"]
        lines.append(f"{article['art']} {article['text']}".strip())
    return "\n".join(lines) + "\n"


def write(shared: Path, folder: Path) -> None:
    laws = articles(shared)
    for name in NAMES:
        (folder / name).mkdir(parents=True, exist_ok=True)
        rows = entries(name, shared, laws)
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(text, "utf-8")
        for title in titles(name):
            (folder / name / f"{title}.txt").write_text(law_text(title, laws), "utf-8")


def _quote(place: list[Any], shared: Path, laws: Articles) -> str:
    if len(place) == 3:
        name, start, end = place
        return (shared / "corpus" / "clean" / f"{name}.txt").read_text("utf-8")[start:end]
    title, number, which, start, end = place
    return [one["text"] for one in laws[title] if one["art"] == number][which][start:end]


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]))
