"""``check_library``: what is wrong is named, and repaired where the originals allow it."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from index.policies.catalogue import read_catalogue
from index.policies.checking import Fault, Finding, check_library
from index.policies.library import Library, Outcome
from index.policies.model import Document
from tests.index.policies.texts import ARTICLES_WITHOUT_BLANKS, LETTER_AND_SCHEME


@pytest.fixture
def library(tmp_path: Path) -> Library:
    library = Library(tmp_path / "library")
    for name, text in {"秤.txt": LETTER_AND_SCHEME, "车.txt": ARTICLES_WITHOUT_BLANKS}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        library.add(tmp_path / name)
    return library


def check(library: Library) -> list[tuple[Fault, str, bool]]:
    return [(one.fault, one.subject, one.repaired) for one in check_library(library)]


def folder_of(library: Library, document: Document) -> Path:
    return library.folder / document.id


def test_a_library_in_order_has_nothing_to_be_said_about_and_is_not_touched(library: Library) -> None:
    before = {path: path.stat().st_mtime_ns for path in library.folder.rglob("*")}
    assert check(library) == []
    assert {path: path.stat().st_mtime_ns for path in library.folder.rglob("*")} == before


def test_no_library_is_no_fault_and_stays_none(tmp_path: Path) -> None:
    assert check_library(Library(tmp_path / "library")) == []
    assert not (tmp_path / "library").exists()


@pytest.mark.parametrize("file", ["source.txt", "document.json"])
@pytest.mark.parametrize("damage", [b"", b"\xff\xfe\x00"])
def test_a_damaged_file_is_made_anew_from_the_original(library: Library, file: str, damage: bytes) -> None:
    """Only the name it came under is lost with the facts."""
    document = library.documents()[0]
    (folder_of(library, document) / file).write_bytes(damage)
    assert check(library) == [(Fault.BROKEN, document.id, True)]
    mended = Library(library.folder).get(document.id)
    assert replace(mended, origin=document.origin) == document
    assert check(library) == []


def test_one_changed_character_of_the_text_is_noticed_and_taken_back(library: Library) -> None:
    document = library.documents()[0]
    path = folder_of(library, document) / "source.txt"
    path.write_text(document.source.replace("制定", "废止", 1), "utf-8")
    assert check(library) == [(Fault.BROKEN, document.id, True)]
    assert path.read_text("utf-8") == document.source


def test_without_the_original_it_cannot_be_repaired_and_says_what_to_do(library: Library) -> None:
    document = library.documents()[0]
    folder = folder_of(library, document)
    (folder / "raw.txt").unlink()
    assert check(library) == [(Fault.NO_ORIGINAL, document.id, False)]
    (folder / "source.txt").write_text("短", "utf-8")
    (finding,) = check_library(library)
    assert (finding.fault, finding.repaired, bool(finding.next_step)) == (Fault.BROKEN, False, True)


def test_an_original_that_is_not_the_one_added_is_named(library: Library) -> None:
    document = library.documents()[0]
    (folder_of(library, document) / "raw.txt").write_text("另一份文件\n第一条 不同。\n", "utf-8")
    assert check(library) == [(Fault.OTHER_ORIGINAL, document.id, False)]


def test_facts_that_an_older_program_read_otherwise_are_brought_up_to_date(library: Library) -> None:
    document = library.documents()[0]
    path = folder_of(library, document) / "document.json"
    facts = json.loads(path.read_text("utf-8"))
    facts["validity"]["effective_to"] = None
    facts["place"] = "别处"
    path.write_text(json.dumps(facts), "utf-8")
    others = Library(library.folder)
    assert others.get(document.id).place == "别处"
    assert check(library) == [(Fault.OUTDATED, document.id, True)]
    assert others.get(document.id) == document, "who has the old facts in memory reads anew"


def test_passages_that_do_not_tile_are_put_right(library: Library) -> None:
    document = library.documents()[0]
    path = folder_of(library, document) / "document.json"
    facts = json.loads(path.read_text("utf-8"))
    facts["passages"][1][1] += 1
    path.write_text(json.dumps(facts), "utf-8")
    assert check(library) == [(Fault.ODD_PASSAGES, document.id, True)]
    assert Library(library.folder).get(document.id) == document


def test_the_list_and_the_folders_are_brought_together(library: Library) -> None:
    first, second, third = library.documents()
    shutil.rmtree(folder_of(library, first))
    shutil.copytree(folder_of(library, second), library.folder / ".copy")
    library.remove(second.id)
    (library.folder / ".copy").rename(folder_of(library, second))
    (library.folder / "杂物").mkdir()
    assert set(check(library)) == {
        (Fault.GONE, first.id, True),
        (Fault.NOT_LISTED, second.id, True),
        (Fault.NOT_LISTED, "杂物", False),
    }
    assert [one.id for one in Library(library.folder).documents()] == sorted([second.id, third.id])
    assert check(library) == [(Fault.NOT_LISTED, "杂物", False)]


def test_a_missing_or_damaged_list_is_written_anew(library: Library) -> None:
    for damage in (None, "{", '{"format": 1, "version": "x", "documents": ["../.."]}'):
        path = library.folder / "contents.json"
        path.write_text(damage, "utf-8") if damage else path.unlink()
        assert check(library) == [(Fault.NO_LIST, "contents.json", True)]
        assert read_catalogue(library.folder).ids == tuple(one.id for one in library.documents())


def test_what_a_killed_import_left_is_swept_and_named(library: Library) -> None:
    (library.folder / ".new-x").mkdir()
    assert check_library(library) == [Finding(Fault.LEFT_OVER, ".new-x", True)]
    assert not (library.folder / ".new-x").exists()


def test_every_fault_has_words_for_staff() -> None:
    assert len({fault.label for fault in Fault}) == len(Fault)


@pytest.mark.parametrize("damage", ["no original", "other original", "other format", "no text and no original"])
def test_adding_the_original_again_mends_what_could_not_be_repaired(
    library: Library, tmp_path: Path, damage: str
) -> None:
    """The next step that ``check`` gives is the one that helps."""
    (document,) = (one for one in library.documents() if one.origin == "车.txt")
    folder = folder_of(library, document)
    (folder / "raw.txt").unlink()
    if damage == "other original":
        (folder / "raw.txt").write_text("另一份文件\n", "utf-8")
    elif damage == "other format":
        (folder / "raw.bin").write_bytes(b"\0")
    elif damage == "no text and no original":
        (folder / "source.txt").unlink()
    (finding,) = check_library(library)
    assert (finding.repaired, "policies add" in finding.next_step) == (False, True)
    again = Library(library.folder)
    assert again.add(tmp_path / "车.txt").outcome is Outcome.REPLACED
    assert check(again) == []
    assert again.get(document.id) == document
    assert again.add(tmp_path / "车.txt").outcome is Outcome.UNCHANGED
