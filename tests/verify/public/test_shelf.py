"""Sealed bytes on the server: opened by whoever holds the key, shown only when they are what was signed."""

import errno
from pathlib import Path

import pytest

from tests.verify.public.published import NOW, TYPED, Published, package, trust_text
from verify.check import check
from verify.credential import Credential
from verify.public.shelf import Shelf
from verify.reasons import Rejection
from verify.sealing import locator, seal
from verify.trust import load


@pytest.fixture
def credential(published: Published) -> Credential:
    found = check(published.token, trust=load(trust_text()), at=NOW, now=NOW).credential
    assert found is not None
    return found


def test_holder_of_the_credential_opens_the_content(published: Published, credential: Credential) -> None:
    assert Shelf(published.folder).package_for(credential) == package()


def test_holder_of_number_and_code_gets_the_credential(published: Published) -> None:
    assert Shelf(published.folder).token_for(published.number, TYPED) == published.token


def test_missing_damaged_and_foreign_contents_are_not_shown(published: Published, credential: Credential) -> None:
    file = published.folder / "sealed" / locator(published.token)
    sealed = bytearray(file.read_bytes())
    sealed[40] ^= 1
    file.write_bytes(sealed)
    assert Shelf(published.folder).package_for(credential) is None
    file.write_bytes(seal(published.token, package("另一家公司").to_bytes()).ciphertext)
    assert Shelf(published.folder).package_for(credential) is None
    file.unlink()
    assert Shelf(published.folder).package_for(credential) is None


def test_content_of_another_credential_is_not_opened(published: Published, credential: Credential) -> None:
    other = Credential(credential.claimed._replace(token=credential.token[:-1] + b"\x00"), credential.issuer)
    assert Shelf(published.folder).package_for(other) is None


def test_wrong_code_and_unknown_number_are_the_same_answer(published: Published) -> None:
    shelf = Shelf(published.folder)
    answers = []
    for number, code in ((published.number, "0000-0000-0000"), ("YTXY202611160000099", TYPED), ("..", "..")):
        with pytest.raises(Rejection) as rejection:
            shelf.token_for(number, code)
        answers.append((rejection.value.reason, rejection.value.message, rejection.value.next_step))
    assert len(set(answers)) == 1


def test_the_folder_tells_nothing_about_the_report(published: Published) -> None:
    for file in published.folder.rglob("*"):
        if file.is_file() and file.name != "trust.json":
            content = file.read_bytes()
            assert published.number.encode() not in content
            assert "禾苗".encode() not in content
            assert published.token not in content


def test_a_disk_that_fails_tells_nobody_that_his_code_is_unknown(
    published: Published, credential: Credential, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(Path, "open", failing)
    with pytest.raises(OSError, match="Input/output"):
        Shelf(published.folder).token_for(published.number, TYPED)
    assert Shelf(published.folder).package_for(credential) is None
