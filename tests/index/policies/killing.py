"""Changes of a library and its index, killed (kill -9) at random moments, and what is found afterwards; many times.

    python -m tests.index.policies.killing FOLDER ROUNDS [SEED]   prints how often what happened, as JSON

Each round a child process adds, replaces and removes tiny fictional documents the way ``policies add`` does, is killed,
and the library is opened as the next question would open it. The first thing that is not whole ends the run with an
AssertionError.
"""

import json
import os
import random
import signal
import sys
import time
from collections import Counter
from pathlib import Path

from index.policies.checking import check_library
from index.policies.library import Library
from index.search.agreement import check_index, missing
from index.search.sync import follow
from index.search.whoosh_backend import WhooshBackend

LONGEST_SECONDS = 0.15
VERSIONS = {
    "茶.txt": (
        "云岭市茶园办法\n第一条 茶园每年浇水三次。\n第二条 茶园由市茶叶局管理。\n",
        "云岭市茶园办法\n第一条 茶园每年浇水五次。\n第二条 茶园由市农业局管理。\n第三条 采茶在四月。\n",
    ),
    "渡.txt": ("云岭市渡口办法\n第一条 渡船每年检验一次。\n",),
}
ALWAYS, SOMETIMES = "云岭市茶园办法", "云岭市渡口办法"


def prepare(folder: Path) -> dict[str, list[Path]]:
    """The files to be added; the first version of the document that is always there is added."""
    files: dict[str, list[Path]] = {}
    for name, texts in VERSIONS.items():
        for number, text in enumerate(texts):
            path = folder / f"v{number}" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            files.setdefault(name, []).append(path)
    with WhooshBackend(folder / "search") as index:
        library = Library(folder / "library")
        library.add(files["茶.txt"][0], index.replace_documents)
        follow(library, index)
    return files


def change(folder: Path, files: dict[str, list[Path]], chance: random.Random) -> None:
    """One change, as the commands do it."""
    library = Library(folder / "library")
    with WhooshBackend(folder / "search") as index:
        follow(library, index)
        there = [one for one in library.documents() if one.title == SOMETIMES]
        if there and chance.random() < 0.5:
            library.remove(there[0].id)
        else:
            library.add(chance.choice([path for paths in files.values() for path in paths]), index.replace_documents)
        follow(library, index)


def whole(library: Library) -> None:
    """One version of the first document, whole; the second or not; nothing else."""
    sources = [one.source for one in library.documents()]
    assert sum(source in VERSIONS["茶.txt"] for source in sources) == 1, sources
    assert all(source in (*VERSIONS["茶.txt"], *VERSIONS["渡.txt"]) for source in sources), sources
    assert len(sources) <= 2


def afterwards(folder: Path) -> list[str]:
    """What the next one finds: a whole library; a whole index after ``follow``; nothing to repair after ``check``."""
    library = Library(folder / "library")
    whole(library)
    with WhooshBackend(folder / "search") as index:
        behind = follow(library, index).changed
        documents = library.documents()
        assert set(index.digests()) >= {one.id for one in documents}
        assert not any(missing(one, index) for one in documents)
        found = [*check_library(library), *check_index(library.documents(), index)]
        assert all(one.repaired for one in found), found
        whole(library)
        assert [*check_library(library), *check_index(library.documents(), index)] == []
    left = [path.name for path in (folder / "library").iterdir()]
    assert sorted(left) == sorted([".lock", "contents.json", *(one.id for one in documents)]), left
    return [*{one.fault.value for one in found}, *(["index_behind"] if behind else [])]


def run(folder: Path, rounds: int, seed: int) -> Counter[str]:
    chance = random.Random(seed)
    files = prepare(folder)
    seen: Counter[str] = Counter()
    for _ in range(rounds):
        child = os.fork()
        if child == 0:
            own = random.Random(chance.random())
            while True:
                change(folder, files, own)
        chance.random()
        time.sleep(chance.uniform(0, LONGEST_SECONDS))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        seen["killed"] += 1
        seen.update(afterwards(folder) or ["nothing_to_repair"])
    return seen


if __name__ == "__main__":
    _, where, how_often, *more = sys.argv
    print(json.dumps(run(Path(where), int(how_often), int(more[0]) if more else 1)))
