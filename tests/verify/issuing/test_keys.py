"""Answers verify/issuing/keys.py, key_folder.py, passphrase.py, private_keys.py: who may sign when, what lies where."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA256

from tests.verify.issuing.office import PASSPHRASE
from verify.cose import open_sign1, sign1
from verify.encoding import dumps, loads
from verify.errors import KeyringError
from verify.issuing.keys import AHEAD, KeyState, KeyStore
from verify.keylist import TYP, Issuer, KeyList, Witness, sign_key_list
from verify.keyring import ALGORITHMS, ED25519, ES256, SM2, verifying_key
from verify.signing import signer_of_pem, throwaway_signer
from verify.trust import dump, open_trust
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
        folder / "keys",
        issuer,
        provisions=provisions,
        algorithm=algorithm,
        root=root,
        published=folder / "trust.json",
        passphrase=lambda: secret,
    )


def publish(keys: KeyStore, folder: Path) -> None:
    """Where ``store`` looks, as far as keys go."""
    (folder / "trust.json").write_text(dump(open_trust(keys.root(), keys.key_list_bytes(), None)), encoding="utf-8")


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


def test_an_old_backup_of_the_keys_brings_no_revoked_key_or_certificate_back(tmp_path: Path) -> None:
    keys = store(tmp_path)
    kid = keys.init(NOW).entry.kid
    files = {name: (tmp_path / "keys" / name).read_bytes() for name in ("key-list.cose", "document-keys.json")}
    keys.revoke(kid, NOW)
    keys.revoke_certificate(keys.documents.entries()[0].name, NOW)
    publish(keys, tmp_path)
    published = keys.key_list()
    for name, content in files.items():
        (tmp_path / "keys" / name).write_bytes(content)
    restored = store(tmp_path)
    assert restored.key_list() == published
    assert restored.signer_for(NOW, now=NOW).kid != kid
    restored.rotate(NOW)
    after = restored.key_list()
    assert after.version == published.version + 1
    assert [each.kid for each in after.keys if each.revoked_at is not None] == [kid]
    assert after.certificates is not None
    assert published.certificates is not None
    assert after.certificates[: len(published.certificates)] == published.certificates
    assert restored.suits(after, NOW)


def test_a_damaged_list_is_taken_from_what_was_published_and_said_where_nothing_was(tmp_path: Path) -> None:
    keys = store(tmp_path)
    keys.init(NOW)
    listed, path = keys.key_list(), tmp_path / "keys" / "key-list.cose"
    path.write_bytes(path.read_bytes()[:-1])
    problem = refused(keys.key_list)
    assert (problem.code, "key-list.cose" in problem.next_step) == ("KEY_FILE_UNREADABLE", True)
    neighbour = store(tmp_path / "neighbour")
    neighbour.init(NOW)
    neighbour.rotate(NOW)
    publish(neighbour, tmp_path)
    assert refused(keys.key_list).code == "KEY_FILE_UNREADABLE", "another office's list is none of ours"
    path.write_bytes(sign_key_list(listed, signer_of_pem(ED25519, root_pem(tmp_path), PASSPHRASE)))
    publish(keys, tmp_path)
    path.write_bytes(b"")
    assert keys.key_list() == listed


def root_pem(folder: Path) -> bytes:
    return (folder / "keys" / "root.pem").read_bytes()


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
