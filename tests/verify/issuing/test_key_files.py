"""The files of keys: who may read them, how they are closed, and a root that lies elsewhere."""

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from tests.verify.issuing.office import PASSPHRASE
from tests.verify.issuing.test_keys import NOW, TODAY, refused, store
from verify.issuing.passphrase import FILE_VARIABLE, LONGEST_BYTES, PASSPHRASE_VARIABLE, passphrase_from_environment
from verify.keyring import ALGORITHMS, ED25519, SM2
from verify.signing import signer_of_pem


def test_folder_and_files_belong_to_their_owner_alone(tmp_path: Path) -> None:
    store(tmp_path).init(NOW)
    folder = tmp_path / "keys"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


@pytest.mark.parametrize("name", ["", "root.json", "key-list.cose", "*.pem"])
def test_what_others_may_read_is_refused_even_once_it_is_open(tmp_path: Path, name: str) -> None:
    keys = store(tmp_path)
    kid = keys.init(NOW).entry.kid.hex()
    keys.signer_for(NOW, now=NOW)
    path = tmp_path / "keys" / name.replace("*", kid)
    path.chmod(0o755 if path.is_dir() else 0o644)
    problem = refused(lambda: keys.signer_for(NOW, now=NOW))
    assert problem.code == "KEYS_OPEN_TO_OTHERS"
    assert "chmod" in problem.next_step


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_nothing_private_of_a_real_office_lies_there_in_the_clear(tmp_path: Path, algorithm: int) -> None:
    keys = store(tmp_path, algorithm=algorithm)
    state = keys.init(NOW)
    files = {path.name for path in (tmp_path / "keys").glob("*.pem")}
    assert {"root.pem", "log.pem", f"{state.entry.kid.hex()}.pem", "document-root.pem"} < files
    for name in files:
        assert (tmp_path / "keys" / name).read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert keys.in_the_clear() == ()
    for wrong in (None, "另一句足够长的虚构口令"):
        problem = refused(lambda secret=wrong: store(tmp_path, secret=secret).signer_for(NOW, now=NOW))
        assert problem.code == "KEY_FILE_UNREADABLE"
        assert PASSPHRASE_VARIABLE in problem.next_step


@pytest.mark.parametrize(("secret", "code"), [(None, "KEYS_UNENCRYPTED"), ("短口令", "PASSPHRASE_SHORT")])
def test_a_real_office_writes_no_key_without_a_passphrase(tmp_path: Path, secret: str | None, code: str) -> None:
    keys = store(tmp_path, secret=secret)
    assert refused(lambda: keys.init(NOW)).code == code
    assert not list(tmp_path.rglob("*.pem"))


def test_keys_that_a_sample_or_an_earlier_program_left_in_the_clear_are_encrypted_with_the_next_rotation(
    tmp_path: Path,
) -> None:
    for algorithm in ALGORITHMS:
        home = tmp_path / str(algorithm)
        old = store(home, provisions=True, secret=None, algorithm=algorithm).init(NOW).entry
        keys = store(home, algorithm=algorithm)
        assert f"{old.kid.hex()}.pem" in keys.in_the_clear()
        assert refused(lambda at=home: store(at, secret=None).rotate(NOW)).code == "KEYS_UNENCRYPTED"
        keys.rotate(NOW)
        assert keys.in_the_clear() == ()
        assert store(home).signer(old.kid).kid == old.kid


def test_a_key_under_the_encryption_of_an_earlier_program_is_read(tmp_path: Path) -> None:
    store(tmp_path).init(NOW)
    log = tmp_path / "keys" / "log.pem"
    key = load_pem_private_key(log.read_bytes(), PASSPHRASE.encode())
    log.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(PASSPHRASE.encode())))
    assert store(tmp_path).log_signer().public_key == store(tmp_path).log_key().public_key


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_openssl_program_reads_our_key_files(tmp_path: Path, algorithm: int) -> None:
    entry = store(tmp_path, algorithm=algorithm).init(NOW).entry
    file = tmp_path / "keys" / f"{entry.kid.hex()}.pem"
    command = ["openssl", "pkey", "-in", str(file), "-passin", f"pass:{PASSPHRASE}"]
    plain = subprocess.run(command, check=True, capture_output=True).stdout
    assert signer_of_pem(algorithm, plain, None).kid == entry.kid


def test_neither_a_store_nor_a_signer_shows_its_secret(tmp_path: Path) -> None:
    keys = store(tmp_path)
    keys.init(NOW)
    for shown in (repr(keys), repr(keys.signer_for(NOW, now=NOW)), repr(keys._private), repr(keys.documents)):
        assert "口令" not in shown
        assert "PRIVATE" not in shown


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"algorithm": -19}', b'{"algorithm": -19, "public_key": "xyz"}'])
def test_damaged_facts_of_the_root_are_said(tmp_path: Path, content: bytes) -> None:
    keys = store(tmp_path)
    keys.init(NOW)
    (tmp_path / "keys" / "root.json").write_bytes(content)
    assert "root.json" in refused(keys.root).message


def test_the_key_of_another_in_a_file_s_place_is_not_taken(tmp_path: Path) -> None:
    keys = store(tmp_path, algorithm=SM2)
    keys.init(NOW)
    other = store(tmp_path / "other", algorithm=ED25519)
    other.init(NOW)
    (tmp_path / "keys" / "root.pem").write_bytes((tmp_path / "other" / "keys" / "root.pem").read_bytes())
    assert refused(lambda: keys.rotate(NOW)).code == "KEY_FILE_UNREADABLE"


def test_an_earlier_key_of_ours_in_the_place_of_another_signs_nothing(tmp_path: Path) -> None:
    keys = store(tmp_path)
    first, second = keys.init(NOW).entry.kid, keys.rotate(NOW, starts=TODAY).entry.kid
    folder = tmp_path / "keys"
    (folder / f"{second.hex()}.pem").write_bytes((folder / f"{first.hex()}.pem").read_bytes())
    assert refused(lambda: store(tmp_path).signer_for(NOW, now=NOW)).code == "KEY_FILE_UNREADABLE"
    (folder / "log.pem").write_bytes((folder / f"{first.hex()}.pem").read_bytes())
    assert refused(store(tmp_path).log_signer).code == "LOG_KEY_OTHER"
    (folder / "log.pem").unlink()
    assert refused(store(tmp_path).log_signer).code == "KEY_FILE_MISSING"


# The passphrase


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_longest_passphrase_opens_what_it_closed_and_a_longer_one_closes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, algorithm: int
) -> None:
    longest = "长" * (LONGEST_BYTES // 3)
    store(tmp_path, secret=longest, algorithm=algorithm).init(NOW)
    store(tmp_path, secret=longest, algorithm=algorithm).rotate(NOW)
    wrong = store(tmp_path, secret=longest[:-1], algorithm=algorithm)
    assert refused(lambda: wrong.signer_for(NOW, now=NOW)).code == "KEY_FILE_UNREADABLE"
    file = tmp_path / "secret"
    file.touch(0o600)
    for secret, usable in ((longest, True), (f"{longest}x", False)):
        file.write_text(f"{secret}\n", encoding="utf-8")
        for name, value in ((PASSPHRASE_VARIABLE, secret), (FILE_VARIABLE, str(file))):
            monkeypatch.delenv(PASSPHRASE_VARIABLE, raising=False)
            monkeypatch.delenv(FILE_VARIABLE, raising=False)
            monkeypatch.setenv(name, value)
            if usable:
                assert passphrase_from_environment() == secret
            else:
                assert refused(passphrase_from_environment).code == "KEY_FILE_UNUSABLE"


def test_a_passphrase_comes_from_the_environment_or_from_a_file_of_our_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(PASSPHRASE_VARIABLE, raising=False)
    monkeypatch.delenv(FILE_VARIABLE, raising=False)
    assert passphrase_from_environment() is None
    monkeypatch.setenv(PASSPHRASE_VARIABLE, "一句口令")
    assert passphrase_from_environment() == "一句口令"
    file = tmp_path / "secret"
    file.touch(0o600)
    file.write_text("文件里的口令\n", encoding="utf-8")
    monkeypatch.setenv(FILE_VARIABLE, str(file))
    assert refused(passphrase_from_environment).code == "KEY_FILE_UNUSABLE"
    monkeypatch.delenv(PASSPHRASE_VARIABLE)
    assert passphrase_from_environment() == "文件里的口令"
    file.chmod(0o640)
    assert refused(passphrase_from_environment).code == "KEYS_OPEN_TO_OTHERS"


@pytest.mark.parametrize("content", [b"", b"\n", b"two\nlines", b"\xff\xfe", b"x" * 5000, b"nul\0"])
def test_a_key_file_that_is_no_line_of_text_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    file = tmp_path / "secret"
    file.touch(0o600)
    file.write_bytes(content)
    monkeypatch.delenv(PASSPHRASE_VARIABLE, raising=False)
    monkeypatch.setenv(FILE_VARIABLE, str(file))
    assert refused(passphrase_from_environment).code == "KEY_FILE_UNUSABLE"
    monkeypatch.setenv(FILE_VARIABLE, str(tmp_path / "missing"))
    assert refused(passphrase_from_environment).code == "KEY_FILE_UNUSABLE"


# The root elsewhere


def test_git_is_asked_whether_a_folder_is_ignored_and_told_no_passphrase(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git, told = tmp_path / "bin" / "git", tmp_path / "told"
    git.parent.mkdir()
    git.write_text(f'#!/bin/sh\n/usr/bin/env > "{told}"\nexit 0\n')
    git.chmod(0o755)
    (tmp_path / "tree" / ".git").mkdir(parents=True)
    monkeypatch.setenv("PATH", f"{git.parent}:/usr/bin:/bin")
    monkeypatch.setenv(PASSPHRASE_VARIABLE, PASSPHRASE)
    monkeypatch.setenv("CHENGHE_PKCS11_PIN", "73910486")
    store(tmp_path / "tree").init(NOW)
    assert "PATH=" in told.read_text()
    assert "CHENGHE" not in told.read_text()


def test_an_offline_root_is_needed_for_changes_only(tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    store(tmp_path, root=stick).init(NOW)
    assert [path.name for path in stick.iterdir() if path.suffix == ".pem"] == ["root.pem"]
    assert not (tmp_path / "keys" / "root.pem").exists()
    assert (stick.stat().st_mode & 0o777, (stick / "root.pem").stat().st_mode & 0o777) == (0o700, 0o600)
    keys = store(tmp_path)
    assert not keys.root_at_hand()
    keys.signer_for(NOW, now=NOW)
    keys.log_signer()
    keys.documents.identity_for(NOW)
    assert not keys.due(keys.key_list(), NOW + timedelta(days=400)), "due, but it cannot be done"
    kid = keys.list()[0].entry.kid
    before = sorted(path.name for path in (tmp_path / "keys").iterdir())
    for act in (keys.rotate, keys.renew, lambda now: keys.revoke(kid, now), lambda now: keys.set_witnesses(tuple, now)):
        problem = refused(lambda act=act: act(NOW))
        assert problem.code == "ROOT_KEY_MISSING"
        assert "--root" in problem.next_step
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == before, "nothing is left of what was refused"
    store(tmp_path, root=stick).rotate(NOW)
    assert keys.key_list().version == 2


def test_a_stick_that_holds_a_root_is_not_overwritten(tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    store(tmp_path / "one", root=stick).init(NOW)
    held = (stick / "root.pem").read_bytes()
    assert refused(lambda: store(tmp_path / "two", root=stick).init(NOW)).code == "KEYS_EXIST"
    assert (stick / "root.pem").read_bytes() == held


def test_the_root_of_another_office_is_refused(tmp_path: Path) -> None:
    store(tmp_path / "one", root=tmp_path / "stick one").init(NOW)
    store(tmp_path / "two", root=tmp_path / "stick two").init(NOW)
    problem = refused(lambda: store(tmp_path / "one", root=tmp_path / "stick two").rotate(NOW))
    assert problem.code == "ROOT_KEY_OTHER"


def test_what_a_kill_left_of_a_beginning_does_not_stand_in_the_way(tmp_path: Path) -> None:
    keys = store(tmp_path)
    kid = keys.init(NOW).entry.kid
    (tmp_path / "keys" / "root.json").unlink()
    assert keys.init(NOW).entry.kid == kid
    assert keys.signer_for(NOW, now=NOW).kid == kid


def test_whoever_lost_the_facts_of_the_root_does_not_lose_the_root(tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    for root in (None, stick):
        home = tmp_path / str(root is None)
        keys = store(home, root=root)
        keys.init(NOW)
        keys.rotate(NOW)
        held, listed = ((root or home / "keys") / "root.pem").read_bytes(), keys.key_list()
        (home / "keys" / "root.json").unlink()
        wrong = store(home, root=root, secret="另一句十二个字以上的口令")
        assert refused(lambda wrong=wrong: wrong.init(NOW)).code == "KEY_FILE_UNREADABLE"
        store(home, root=root).init(NOW)
        assert ((root or home / "keys") / "root.pem").read_bytes() == held
        assert keys.key_list() == listed
        (home / "keys" / "root.json").unlink()
        (home / "keys" / "key-list.cose").unlink()
        assert refused(lambda home=home, root=root: store(home, root=root).init(NOW)).code == "KEYS_EXIST"
        assert ((root or home / "keys") / "root.pem").read_bytes() == held


# Revoking
