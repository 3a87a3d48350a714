"""One suite over all formats: the same policy in each gives the same document, sentence by sentence."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from index.policies.model import Document
from index.policies.readers import read
from index.policies.reading import documents_of
from tests.index.policies.readers import sample

WRITERS: dict[str, Callable[[], bytes]] = {
    "txt": lambda: sample.as_text().encode(),
    "md": lambda: sample.as_markdown().encode(),
    "html": lambda: sample.as_page().encode("gb18030"),
    "mht": lambda: sample.as_archive(),
    "docx": sample.as_word,
}
CONVERTED = ("pdf", "doc", "rtf", "odt")


def document_in(path: Path) -> Document:
    raw, content = read(path)
    (document,) = documents_of(raw, origin="甲", content=content)
    return document


@pytest.fixture(scope="module")
def expected() -> Document:
    from index.policies.readers.raw import RawText

    (document,) = documents_of(RawText(sample.as_text()), origin="甲", content=b"")
    return document


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample in the formats LibreOffice writes."""
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice is not here")
    folder = tmp_path_factory.mktemp("office")
    (folder / "甲.docx").write_bytes(sample.as_word())
    for suffix in CONVERTED:
        convert(folder, suffix)
    rtf = folder / "甲.rtf"
    rtf.write_bytes(sample.as_word_writes_lists(rtf.read_bytes()))
    return folder


def convert(folder: Path, suffix: str) -> None:
    command = ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless"]
    command += ["--convert-to", suffix, "--outdir", str(folder), str(folder / "甲.docx")]
    subprocess.run(command, check=True, capture_output=True, timeout=120)


@pytest.mark.parametrize("suffix", WRITERS)
def test_every_format_gives_the_same_document(tmp_path: Path, suffix: str, expected: Document) -> None:
    path = tmp_path / f"甲.{suffix}"
    path.write_bytes(WRITERS[suffix]())
    document = document_in(path)
    assert document.source.split("\n") == expected.source.split("\n")
    assert document.passages == expected.passages
    assert document.validity == expected.validity


@pytest.mark.office
@pytest.mark.parametrize("suffix", CONVERTED)
def test_every_format_of_an_office_gives_the_same_document(office: Path, suffix: str, expected: Document) -> None:
    document = document_in(office / f"甲.{suffix}")
    assert document.source.split("\n") == expected.source.split("\n")
    assert document.passages == expected.passages


@pytest.mark.office
def test_the_content_decides_not_the_name(office: Path, tmp_path: Path, expected: Document) -> None:
    path = tmp_path / "甲.txt"
    path.write_bytes((office / "甲.pdf").read_bytes())
    assert document_in(path).source == expected.source


@pytest.mark.parametrize(
    ("suffix", "name"), [("html", "甲.doc"), ("docx", "甲.doc"), ("docx", "甲.txt"), ("mht", "甲.doc")]
)
def test_what_is_called_doc_is_read_as_what_it_is(tmp_path: Path, suffix: str, name: str, expected: Document) -> None:
    path = tmp_path / name
    path.write_bytes(WRITERS[suffix]())
    assert document_in(path).source == expected.source


@pytest.mark.office
@pytest.mark.shared
def test_a_real_text_comes_back_from_print_line_by_line(shared: Path, tmp_path: Path) -> None:
    """Printed as official papers are: first lines set in by two signs, page numbers at the foot."""
    lines = (shared / "corpus/clean/001.txt").read_text("utf-8").splitlines()
    (tmp_path / "甲.docx").write_bytes(sample.official_paper(lines))
    convert(tmp_path, "pdf")
    assert read(tmp_path / "甲.pdf")[0].text.splitlines() == lines
