"""Answers verify/issuing/keys.py, key_folder.py, passphrase.py, private_keys.py: who may sign when, what lies where."""

import json
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from tests.verify.issuing.office import PASSPHRASE
from verify.cose import open_sign1, sign1
from verify.encoding import dumps, loads
from verify.errors import KeyringError
from verify.issuing.keys import AHEAD, KeyState, KeyStore
from verify.issuing.passphrase import FILE_VARIABLE, LONGEST_BYTES, PASSPHRASE_VARIABLE, passphrase_from_environment
from verify.keylist import TYP, Issuer, KeyList, Witness
from verify.keyring import ALGORITHMS, ED25519, ES256, SM2, verifying_key
from verify.signing import signer_of_pem, throwaway_signer
from verify.validity import SHANGHAI, valid_until

NOW = datetime(2026, 11, 22, 9, 30, 1, 500, tzinfo=SHANGHAI)
TODAY = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
ISSUER = Issuer("示例机构（虚构）", "YCZX", "https://verify.example.cn")


def store(
    folder: Path,
    *,
    provisions: bool = False,
    secret: str | None = PASSPHRASE,
    algorithm: int = ED25519,
    root: Path | None = None,
    issuer: Issuer = ISSUER,
) -> KeyStore:
    return KeyStore(
        folder / "keys", issuer, provisions=provisions, algorithm=algorithm, root=root, passphrase=lambda: secret
    )


def refused(act: Callable[[], object]) -> KeyringError:
    with pytest.raises(KeyringError) as caught:
        act()
    return caught.value


# Terms


def test_a_new_store_signs_now_and_its_list_opens_under_its_root(tmp_path: Path) -> None:
    keys = store(tmp_path)
    state = keys.init(NOW)
    signer = keys.signer_for(NOW, now=NOW)
    assert signer.kid == state.entry.kid
    assert keys.key_list().version == 1
    assert keys.key_list().issuer == ISSUER


def test_it_is_made_once(tmp_path: Path) -> None:
    keys = store(tmp_path)
    keys.init(NOW)
    assert refused(lambda: keys.init(NOW)).code == "KEYS_EXIST"


def test_a_key_signs_for_90_days_and_no_report_outlives_it(tmp_path: Path) -> None:
    keys = store(tmp_path)
    entry = keys.init(NOW).entry
    last = entry.not_before + timedelta(days=90) - timedelta(seconds=1)
    assert keys.signer_for(last, now=NOW).kid == entry.kid
    assert valid_until(last) <= entry.not_after
    for moment in (last + timedelta(seconds=1), entry.not_before - timedelta(seconds=1)):
        problem = refused(lambda at=moment: keys.signer_for(at, now=NOW))
        assert problem.code == "NO_SIGNING_KEY"
        assert "keys rotate" in problem.next_step


@pytest.mark.parametrize("start", [datetime(2026, 1, day, tzinfo=SHANGHAI) for day in range(1, 32)])
def test_the_last_report_of_every_term_ends_within_the_listed_time(start: datetime) -> None:
    last = start + timedelta(days=90) - timedelta(seconds=1)
    assert valid_until(last) <= start + timedelta(days=122) - timedelta(seconds=1)


def test_a_new_key_is_listed_a_week_before_it_signs(tmp_path: Path) -> None:
    keys = store(tmp_path)
    old = keys.init(NOW).entry
    later = NOW + timedelta(days=80)
    new = keys.rotate(later).entry
    assert new.not_before == TODAY + timedelta(days=80) + AHEAD
    assert keys.signer_for(new.not_before - timedelta(seconds=1), now=later).kid == old.kid
    assert keys.signer_for(new.not_before, now=later).kid == new.kid
    assert [state.entry.kid for state in keys.list()] == [new.kid, old.kid]
    assert keys.key_list().version == 2


def test_a_key_that_was_listed_later_signs_even_where_an_earlier_one_begins_later(tmp_path: Path) -> None:
    store(tmp_path).init(NOW)
    waiting = store(tmp_path).rotate(NOW).entry
    keys = store(tmp_path, algorithm=SM2)
    chosen = keys.rotate(NOW, starts=TODAY).entry
    for moment in (NOW, waiting.not_before + AHEAD):
        assert keys.signer_for(moment, now=NOW).kid == chosen.kid


@pytest.mark.parametrize("days", [84, 89, 90, 200])
def test_where_nothing_else_could_sign_a_new_key_signs_at_once(tmp_path: Path, days: int) -> None:
    keys = store(tmp_path)
    keys.init(NOW)
    later = NOW + timedelta(days=days)
    new = keys.rotate(later).entry
    assert keys.signer_for(later, now=later).kid == new.kid


def test_the_first_day_of_a_key_may_be_chosen_within_90_days(tmp_path: Path) -> None:
    keys = store(tmp_path)
    keys.init(NOW)
    at_once = keys.rotate(NOW, starts=TODAY).entry
    assert at_once.not_before == TODAY
    assert keys.signer_for(NOW, now=NOW).kid == at_once.kid, "not the older one of the same day"
    chosen = TODAY + timedelta(days=30)
    assert keys.rotate(NOW, starts=chosen).entry.not_before == chosen
    for wrong in (TODAY - timedelta(days=1), TODAY + timedelta(days=91)):
        assert refused(lambda day=wrong: keys.rotate(NOW, starts=day)).code == "KEY_START"
    assert keys.key_list().version == 3


def test_a_sample_office_gets_a_key_for_any_moment_in_any_order(tmp_path: Path) -> None:
    keys = store(tmp_path, provisions=True)
    for day in (datetime(2026, 8, 20), datetime(2026, 1, 31), datetime(2027, 3, 1)):
        moment = day.replace(hour=10, tzinfo=SHANGHAI)
        kid = keys.signer_for(moment, now=NOW).kid
        entry = next(state.entry for state in keys.list() if state.entry.kid == kid)
        assert entry.not_before <= moment
        assert valid_until(moment) <= entry.not_after
    known = keys.list()
    keys.signer_for(datetime(2026, 8, 21, 10, tzinfo=SHANGHAI), now=NOW)
    assert keys.list() == known


def test_a_real_office_never_gets_one_by_itself(tmp_path: Path) -> None:
    assert refused(lambda: store(tmp_path).signer_for(NOW, now=NOW)).code == "KEYS_MISSING"
    assert not store(tmp_path).exists()


# Algorithms


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_root_and_signing_key_are_of_the_office_s_algorithm(tmp_path: Path, algorithm: int) -> None:
    keys = store(tmp_path, algorithm=algorithm)
    entry = keys.init(NOW).entry
    assert keys.root().algorithm == entry.algorithm == algorithm
    again = store(tmp_path, algorithm=algorithm)
    signature = again.signer(entry.kid).sign(b"message")
    assert verifying_key(algorithm, entry.public_key)(b"message", signature)
    assert again.rotate(NOW).entry.algorithm == algorithm
    assert again.log_signer().algorithm == ED25519, "the log's notes know no other"


@pytest.mark.parametrize(("before", "after"), [(ED25519, SM2), (SM2, ES256), (ES256, ED25519)])
def test_a_change_of_algorithm_is_a_rotation_under_the_same_root(tmp_path: Path, before: int, after: int) -> None:
    old = store(tmp_path, algorithm=before).init(NOW).entry
    keys = store(tmp_path, algorithm=after)
    new = keys.rotate(NOW).entry
    assert (keys.root().algorithm, old.algorithm, new.algorithm) == (before, before, after)
    for entry in (old, new):
        assert keys.signer(entry.kid).kid == entry.kid


# Files


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


def test_a_revoked_key_stays_listed_and_signs_nothing_more(tmp_path: Path) -> None:
    keys = store(tmp_path)
    old = keys.init(NOW).entry
    new = keys.rotate(NOW, starts=TODAY).entry
    moment = NOW + timedelta(days=1)
    assert keys.revoke(new.kid, moment) is None
    listed = {entry.kid: entry.revoked_at for entry in keys.key_list().keys}
    assert listed == {old.kid: None, new.kid: moment.replace(microsecond=0)}
    assert keys.signer_for(moment, now=moment).kid == old.kid
    assert refused(lambda: keys.revoke(new.kid, moment)).code == "KEY_REVOKED_ALREADY"
    assert refused(lambda: keys.revoke(bytes(8), moment)).code == "KEY_UNKNOWN"


def test_when_the_last_key_is_revoked_another_signs_at_once(tmp_path: Path) -> None:
    keys = store(tmp_path)
    old = keys.init(NOW).entry
    replacement = keys.revoke(old.kid, NOW)
    assert isinstance(replacement, KeyState)
    assert keys.signer_for(NOW, now=NOW).kid == replacement.entry.kid


def test_a_revoked_certificate_is_listed_as_such_and_another_takes_its_place(tmp_path: Path) -> None:
    keys = store(tmp_path)
    keys.init(NOW)
    first = keys.documents.identity_for(NOW)
    moment = NOW + timedelta(days=40)
    keys.revoke_certificate(first.name, moment)
    assert keys.documents.identity_for(moment).name != first.name
    withdrawn = {each.fingerprint: each.revoked_at for each in keys.key_list().certificates or ()}
    assert withdrawn[first.certificate.fingerprint(SHA256())] == moment.replace(microsecond=0)
    assert list(withdrawn.values()).count(None) == 1
    assert refused(lambda: keys.revoke_certificate(first.name, moment)).code == "KEY_REVOKED_ALREADY"
    assert refused(lambda: keys.revoke_certificate("0" * 16, moment)).code == "KEY_UNKNOWN"


# What the list says beside the keys


def as_first_format(keys: KeyStore) -> None:
    """What a home of the program before the log looked like."""
    folder = keys._folder
    fields = loads(open_sign1(keys.key_list_bytes(), TYP).payload)
    root = signer_of_pem(ED25519, (folder / "root.pem").read_bytes(), PASSPHRASE)
    (folder / "key-list.cose").write_bytes(sign1(dumps([1, *fields[1:6]]), root, TYP))
    (folder / "log.pem").unlink()
    assert keys.key_list().certificates is None


def test_the_list_names_the_log_and_the_certificates_of_pdfs(tmp_path: Path) -> None:
    keys = store(tmp_path)
    keys.init(NOW)
    log = keys.log_key()
    assert (log.origin, log.public_key) == ("verify.example.cn/log", keys.log_signer().public_key)
    (named,) = keys.key_list().certificates or ()
    certificate = keys.documents.identity_for(NOW).certificate
    assert named.fingerprint == certificate.fingerprint(SHA256())
    assert named.not_before <= NOW - timedelta(days=31)
    assert named.not_after == certificate.not_valid_after_utc


def test_a_list_of_the_first_format_becomes_one_of_the_second_when_the_root_is_at_hand(tmp_path: Path) -> None:
    keys = store(tmp_path)
    keys.init(NOW)
    as_first_format(keys)
    assert refused(keys.log_key).code == refused(keys.log_signer).code == "LOG_KEY_MISSING"
    root = tmp_path / "keys" / "root.pem"
    root.rename(tmp_path / "root.pem")
    assert not keys.due(keys.key_list(), NOW)
    (tmp_path / "root.pem").rename(root)
    assert keys.due(keys.key_list(), NOW)
    keys.renew(NOW)
    assert keys.log_key().public_key == keys.log_signer().public_key
    assert not keys.due(keys.key_list(), NOW)


def test_a_log_keeps_its_key_and_its_name_when_the_site_moves(tmp_path: Path) -> None:
    keys = store(tmp_path)
    keys.init(NOW)
    log = keys.log_key()
    moved = store(tmp_path, issuer=Issuer("新名（虚构）", "YCZX", "https://new.example.cn"))
    assert moved.due(moved.key_list(), NOW)
    moved.renew(NOW)
    assert moved.key_list().issuer.verify_url == "https://new.example.cn"
    assert moved.log_key() == log


def test_witnesses_are_listed_and_stay_through_rotations(tmp_path: Path) -> None:
    keys = store(tmp_path)
    keys.init(NOW)
    witness = Witness("witness.example.cn/c", throwaway_signer(ED25519).public_key)
    log = keys.set_witnesses(lambda known: (*known, witness), NOW)
    assert log.witnesses == (witness,)
    keys.rotate(NOW)
    assert keys.log_key() == log
    assert keys.set_witnesses(lambda known: (), NOW).witnesses == ()


def test_the_version_rises_with_every_change_and_never_falls(tmp_path: Path) -> None:
    keys = store(tmp_path)
    kid = keys.init(NOW).entry.kid
    versions = [version_after(keys, lambda: None)]
    for act in (keys.rotate, keys.renew, lambda now: keys.revoke(kid, now), lambda now: keys.set_witnesses(tuple, now)):
        versions.append(version_after(keys, lambda act=act: act(NOW)))
    assert versions == [1, 2, 3, 4, 5], "revoking the last key adds another in the same list"


def version_after(keys: KeyStore, act: Callable[[], object]) -> int:
    act()
    listed: KeyList = keys.key_list()
    return listed.version


def test_a_reference_to_a_device_that_is_damaged_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = store(tmp_path)
    kid = keys.init(NOW).entry.kid
    reference = tmp_path / "keys" / f"{kid.hex()}.device.json"
    reference.touch(0o600)
    reference.write_text(json.dumps(["no reference"]), encoding="utf-8")
    for name in ("MODULE", "TOKEN", "PIN", "PIN_FILE"):
        monkeypatch.delenv(f"CHENGHE_PKCS11_{name}", raising=False)
    assert refused(lambda: keys.signer(kid)).code == "DEVICE_NOT_SET"
    for name in ("MODULE", "TOKEN", "PIN"):
        monkeypatch.setenv(f"CHENGHE_PKCS11_{name}", "x")
    assert refused(lambda: keys.signer(kid)).code == "KEY_FILE_UNREADABLE"
