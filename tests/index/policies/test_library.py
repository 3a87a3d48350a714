"""The library: plain files, whole or not at all, the same for the same content."""

import shutil
import time
from datetime import date
from pathlib import Path

import pytest

from index.errors import PolicyError, UnknownPolicy
from index.policies.library import AddedFile, Library, Outcome
from index.policies.model import State
from tests.index.policies.texts import ARTICLES_WITHOUT_BLANKS, LETTER_AND_SCHEME

OLD_RULES = (
    "云岭市公平秤暂行规定\n云政办发〔2026〕6号\n第一条 为公平，制定本规定。\n第二条 本规定自2026年7月1日起施行。\n"
)
OTHER_RULES = (
    "云岭市公平尺暂行规定\n云政发〔2026〕6号\n第一条 为公平，制定本规定。\n第二条 本规定自2026年7月1日起施行。\n"
)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "library")


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.rglob("*") if path.is_file()}


def test_documents_are_plain_files_a_person_can_read(library: Library, tmp_path: Path) -> None:
    path = write(tmp_path, "秤.txt", LETTER_AND_SCHEME)
    added = library.add(path)
    assert added.outcome is Outcome.ADDED
    for document in added.documents:
        folder = tmp_path / "library" / document.id
        assert sorted(file.name for file in folder.iterdir()) == ["document.json", "raw.txt", "source.txt"]
        assert (folder / "source.txt").read_text("utf-8") == document.source
        assert (folder / "raw.txt").read_bytes() == path.read_bytes()
        assert f'"title": "{document.title}"' in (folder / "document.json").read_text("utf-8")


def test_what_is_read_back_equals_what_was_added(library: Library, tmp_path: Path) -> None:
    added = library.add(write(tmp_path, "秤.txt", LETTER_AND_SCHEME))
    fresh = Library(tmp_path / "library")
    assert sorted(fresh.documents(), key=lambda one: one.id) == sorted(added.documents, key=lambda one: one.id)


def test_documents_of_one_letter_inherit_its_signature(library: Library, tmp_path: Path) -> None:
    first, second = library.add(write(tmp_path, "秤.txt", LETTER_AND_SCHEME)).documents
    assert (first.document_number, first.issuing_body, first.place) == (
        "云政办发〔2031〕6号",
        "云岭市人民政府办公室",
        "云岭",
    )
    assert second.document_number == first.document_number
    assert second.issued_on == date(2031, 3, 5)
    assert second.validity.effective_from == date(2031, 3, 5)


def test_adding_the_same_file_again_changes_nothing(library: Library, tmp_path: Path) -> None:
    path = write(tmp_path, "秤.txt", LETTER_AND_SCHEME)
    library.add(path)
    before = snapshot(tmp_path / "library")
    again = Library(tmp_path / "library").add(path)
    assert again.outcome is Outcome.UNCHANGED
    assert len(again.documents) == 2
    assert snapshot(tmp_path / "library") == before


def test_the_same_text_under_another_name_is_there_already(library: Library, tmp_path: Path) -> None:
    library.add(write(tmp_path, "秤.txt", LETTER_AND_SCHEME))
    assert library.add(write(tmp_path, "秤（副本）.txt", LETTER_AND_SCHEME)).outcome is Outcome.UNCHANGED
    assert len(library.documents()) == 2


def test_a_changed_file_of_the_same_name_replaces_its_documents(library: Library, tmp_path: Path) -> None:
    library.add(write(tmp_path, "车.txt", ARTICLES_WITHOUT_BLANKS))
    changed = write(tmp_path, "车.txt", ARTICLES_WITHOUT_BLANKS.replace("首小时", "首两小时"))
    added = library.add(changed)
    assert added.outcome is Outcome.REPLACED
    assert library.documents() == added.documents


def test_two_texts_of_one_title_from_different_files_stand_side_by_side(library: Library, tmp_path: Path) -> None:
    library.add(write(tmp_path, "甲.txt", ARTICLES_WITHOUT_BLANKS))
    library.add(write(tmp_path, "乙.txt", ARTICLES_WITHOUT_BLANKS.replace("首小时", "首两小时")))
    assert len(library.documents()) == 2


def test_a_broken_file_is_named_and_skipped_and_the_others_land(library: Library, tmp_path: Path) -> None:
    broken = tmp_path / "坏.docx"
    broken.write_bytes(b"PK\x03\x04garbage")
    paths = [write(tmp_path, "秤.txt", LETTER_AND_SCHEME), broken, write(tmp_path, "车.txt", ARTICLES_WITHOUT_BLANKS)]
    seen: list[AddedFile] = []
    results = library.add_files(paths, seen.append)
    assert [one.outcome for one in results] == [Outcome.ADDED, Outcome.FAILED, Outcome.ADDED]
    assert seen == list(results)
    assert results[1].problem is not None
    assert "坏.docx" in results[1].problem.message
    assert len(library.documents()) == 3


def test_repeal_counts_from_the_day_the_new_text_is_in_force(library: Library, tmp_path: Path) -> None:
    (old,) = library.add(write(tmp_path, "旧.txt", OLD_RULES)).documents
    (other,) = library.add(write(tmp_path, "旁.txt", OTHER_RULES)).documents
    library.add(write(tmp_path, "秤.txt", LETTER_AND_SCHEME))
    assert library.status(old.id, date(2031, 4, 30)).state is State.IN_FORCE
    repealed = library.status(old.id, date(2031, 5, 1))
    assert (repealed.state, repealed.repealed_by) == (State.REPEALED, "云岭市企业公平秤管理办法（试行）")
    assert library.status(other.id, date(2031, 5, 1)).state is State.IN_FORCE


def test_a_document_is_found_by_its_id_or_the_end_of_it(library: Library, tmp_path: Path) -> None:
    (document,) = library.add(write(tmp_path, "车.txt", ARTICLES_WITHOUT_BLANKS)).documents
    assert library.get(document.id) == document
    assert library.get(document.id.rsplit("-", 1)[1]) == document


@pytest.mark.parametrize("document_id", ["", ".", "..", "../library", "没有", "/etc"])
def test_an_unknown_id_is_refused_with_a_next_step(library: Library, tmp_path: Path, document_id: str) -> None:
    library.add(write(tmp_path, "车.txt", ARTICLES_WITHOUT_BLANKS))
    with pytest.raises(UnknownPolicy) as caught:
        library.get(document_id)
    assert "policies list" in caught.value.next_step


def test_a_removed_document_is_gone_and_can_come_back(library: Library, tmp_path: Path) -> None:
    path = write(tmp_path, "车.txt", ARTICLES_WITHOUT_BLANKS)
    (document,) = library.add(path).documents
    assert library.remove(document.id) == document
    assert library.documents() == ()
    assert [path for path in (tmp_path / "library").iterdir() if path.is_dir()] == []
    assert library.add(path).outcome is Outcome.ADDED


def test_a_half_written_folder_is_no_document(library: Library, tmp_path: Path) -> None:
    """What a killed process leaves: a folder under its temporary name."""
    (document,) = library.add(write(tmp_path, "车.txt", ARTICLES_WITHOUT_BLANKS)).documents
    shutil.copytree(tmp_path / "library" / document.id, tmp_path / "library" / ".new-killed")
    assert library.documents() == (document,)


@pytest.mark.parametrize("file", ["source.txt", "document.json"])
@pytest.mark.parametrize("damage", [b"", b"{", b"\xff\xfe\x00"])
def test_a_damaged_document_is_read_anew_from_its_original(
    library: Library, tmp_path: Path, file: str, damage: bytes
) -> None:
    (document,) = library.add(write(tmp_path, "车.txt", ARTICLES_WITHOUT_BLANKS)).documents
    (tmp_path / "library" / document.id / file).write_bytes(damage)
    (mended,) = Library(tmp_path / "library").documents()
    assert (mended.source, mended.passages) == (document.source, document.passages)
    assert Library(tmp_path / "library").documents() == (mended,)


def test_a_damaged_document_without_its_original_is_named(library: Library, tmp_path: Path) -> None:
    (document,) = library.add(write(tmp_path, "车.txt", ARTICLES_WITHOUT_BLANKS)).documents
    (tmp_path / "library" / document.id / "source.txt").write_text("短", encoding="utf-8")
    (tmp_path / "library" / document.id / "raw.txt").unlink()
    with pytest.raises(PolicyError, match="已损坏"):
        Library(tmp_path / "library").documents()


def test_an_original_that_gives_another_text_mends_nothing(library: Library, tmp_path: Path) -> None:
    (document,) = library.add(write(tmp_path, "车.txt", ARTICLES_WITHOUT_BLANKS)).documents
    folder = tmp_path / "library" / document.id
    (folder / "document.json").write_text("{", encoding="utf-8")
    (folder / "raw.txt").write_text("另一份文件\n第一条 与原来不同。\n", encoding="utf-8")
    with pytest.raises(PolicyError, match="已损坏"):
        Library(tmp_path / "library").documents()


def test_a_folder_left_empty_by_another_process_is_no_document(library: Library, tmp_path: Path) -> None:
    (document,) = library.add(write(tmp_path, "车.txt", ARTICLES_WITHOUT_BLANKS)).documents
    (tmp_path / "library" / "leer").mkdir()
    assert library.documents() == (document,)


def test_an_empty_library_has_no_documents_and_makes_no_folder(library: Library, tmp_path: Path) -> None:
    assert library.documents() == ()
    assert not (tmp_path / "library").exists()


@pytest.mark.shared
def test_the_real_library_loads_fast_and_knows_its_texts(library: Library, tmp_path: Path, shared: Path) -> None:
    library.add_files(sorted((shared / "corpus/raw").glob("*.txt")))
    started = time.process_time()
    found = {document.title[:10]: document for document in Library(tmp_path / "library").documents()}
    assert time.process_time() - started < 0.5, "2 ms of the processor"
    facts = {
        title: (one.document_number, one.issuing_body, str(one.issued_on or ""), one.place, one.provenance is None)
        for title, one in found.items()
    }
    yancheng = (None, "盐城市人民政府", "2024-07-21", "盐城", True)
    assert facts == {
        "全面推进政务诚信建设": (None, "吉林省发展和改革委员会", "2017-11-18", "吉林", False),
        "加强政务诚信建设实施": (None, None, "", None, False),
        "《江西省加强政务诚信": (None, None, "", "江西", False),
        "江西省加强政务诚信建": (None, None, "", "江西", True),
        "江苏省政府出台三文件": (None, None, "2018-02-25", "江苏", False),
        "盐城市关于加强政务诚": yancheng,
        "关于推行经营主体以专": yancheng,
        "在行政管理中实行信用": yancheng,
    }
    scheme = found["关于推行经营主体以专"]
    states = [library.status(scheme.id, day).state for day in (date(2024, 8, 31), date(2026, 8, 31), date(2026, 9, 1))]
    assert states == [State.NOT_YET, State.IN_FORCE, State.EXPIRED]


def test_a_quote_is_shown_as_the_original_has_it(library: Library, tmp_path: Path) -> None:
    raw = "雲嶺市茶園辦法\n第一條 為保護(hù)茶園,制定本辦法。\n第二條 茶園由市茶葉局管理。\n"
    (document,) = library.add(write(tmp_path, "園.txt", raw)).documents
    start = document.source.index("为保护茶园，")
    found = library.raw_span(document.id, start, start + len("为保护茶园，"))
    assert found is not None
    assert (found.text, found.file) == ("為保護(hù)茶園,", "園.txt")
    assert raw[found.start : found.end] == found.text
    assert library.raw_span(document.id, 5, 5) is None
    assert library.raw_span(document.id, 0, len(document.source) + 1) is None


def test_no_raw_place_is_guessed_when_the_original_gives_another_text(library: Library, tmp_path: Path) -> None:
    (document,) = library.add(write(tmp_path, "车.txt", ARTICLES_WITHOUT_BLANKS)).documents
    (tmp_path / "library" / document.id / "raw.txt").write_text("另一份文件\n第一条 不同。\n", "utf-8")
    assert library.raw_span(document.id, 0, 5) is None
