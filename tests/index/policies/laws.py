"""Law texts as plain files, put together again from the articles of ../shared/retrieval/law.corpus.jsonl.gz.

Written as such texts are printed: the title, a line for every chapter and section that opens, ``第X条`` and its text.
"""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from index.policies.markers import number_of


@dataclass(frozen=True)
class Article:
    label: str
    path: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Law:
    title: str
    articles: tuple[Article, ...]

    def printed(self, blank: str = " ") -> str:
        lines = [self.title]
        opened: tuple[str, ...] = ()
        for article in sorted(self.articles, key=_number):
            shared = next(
                (at for at, (a, b) in enumerate(zip(opened, article.path, strict=False)) if a != b),
                min(len(opened), len(article.path)),
            )
            lines += article.path[shared:]
            opened = article.path
            lines.append(f"{article.label}{blank}{article.text}")
        return "\n".join(lines) + "\n"


def _number(article: Article) -> tuple[int, int]:
    """The corpus has the parts of the civil code in another order."""
    number, _, branch = article.label.removeprefix("第").partition("条")
    return number_of(number), number_of(branch.removeprefix("之")) if branch else 0


def laws(shared: Path) -> Iterator[Law]:
    """Every law of the corpus, in its order; a title that comes back later is another text of that title."""
    title, articles = "", list[Article]()
    with gzip.open(shared / "retrieval/law.corpus.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            if row["title"] != title and articles:
                yield Law(title, tuple(articles))
                articles = []
            title = row["title"]
            articles.append(Article(row["art"], tuple(row["path"]), row["text"]))
    if articles:
        yield Law(title, tuple(articles))
