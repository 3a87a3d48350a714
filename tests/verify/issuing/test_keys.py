"""Answers verify/issuing/keys.py: who may sign when, and who may read the files."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from verify.cose import open_sign1, sign1
from verify.encoding import dumps, loads
from verify.errors import KeyringError
from verify.issuing.keys import KeyStore
from verify.keylist import TYP, Issuer
from verify.keyring import Ed25519Signer
from verify.validity import SHANGHAI, valid_until

NOW = datetime(2026, 11, 22, 9, 30, 1, 500, tzinfo=SHANGHAI)
ISSUER = Issuer("示例机构（虚构）", "YCZX", "https://verify.example.cn")


def store(folder: Path, *, provisions: bool = False, secret: str | None = None) -> KeyStore:
    return KeyStore(folder / "keys", ISSUER, provisions=provisions, passphrase=lambda: secret)


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
    with pytest.raises(KeyringError) as caught:
        keys.init(NOW)
    assert caught.value.code == "KEYS_EXIST"


def test_a_key_signs_for_90_days_and_no_report_outlives_it(tmp_path: Path) -> None:
    keys = store(tmp_path)
    entry = keys.init(NOW).entry
    last = entry.not_before + timedelta(days=90) - timedelta(seconds=1)
    assert keys.signer_for(last, now=NOW).kid == entry.kid
    assert valid_until(last) <= entry.not_after
    for moment in (last + timedelta(seconds=1), entry.not_before - timedelta(seconds=1)):
        with pytest.raises(KeyringError) as caught:
            keys.signer_for(moment, now=NOW)
        assert caught.value.code == "NO_SIGNING_KEY"
        assert "keys rotate" in caught.value.next_step


@pytest.mark.parametrize("start", [datetime(2026, 1, day, tzinfo=SHANGHAI) for day in range(1, 32)])
def test_the_last_report_of_every_term_ends_within_the_listed_time(start: datetime) -> None:
    last = start + timedelta(days=90) - timedelta(seconds=1)
    assert valid_until(last) <= start + timedelta(days=122) - timedelta(seconds=1)


def test_after_rotation_the_new_key_signs_and_the_old_stays_listed(tmp_path: Path) -> None:
    keys = store(tmp_path)
    old = keys.init(NOW).entry
    later = NOW + timedelta(days=80)
    new = keys.rotate(later).entry
    assert keys.signer_for(later, now=later).kid == new.kid
    assert [state.entry.kid for state in keys.list()] == [new.kid, old.kid]
    assert keys.key_list().version == 2


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
    with pytest.raises(KeyringError) as caught:
        store(tmp_path).signer_for(NOW, now=NOW)
    assert caught.value.code == "KEYS_MISSING"
    assert not store(tmp_path).exists()


def test_folder_and_files_belong_to_their_owner_alone(tmp_path: Path) -> None:
    store(tmp_path).init(NOW)
    folder = tmp_path / "keys"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


@pytest.mark.parametrize("name", ["", "root.json", "key-list.cose"])
def test_what_others_may_read_is_refused(tmp_path: Path, name: str) -> None:
    keys = store(tmp_path)
    keys.init(NOW)
    path = tmp_path / "keys" / name
    path.chmod(0o755 if path.is_dir() else 0o644)
    with pytest.raises(KeyringError) as caught:
        keys.signer_for(NOW, now=NOW)
    assert caught.value.code == "KEYS_OPEN_TO_OTHERS"
    assert "chmod" in caught.value.next_step


def test_a_signing_key_others_may_read_is_refused(tmp_path: Path) -> None:
    keys = store(tmp_path)
    kid = keys.init(NOW).entry.kid.hex()
    (tmp_path / "keys" / f"{kid}.pem").chmod(0o640)
    with pytest.raises(KeyringError) as caught:
        keys.signer_for(NOW, now=NOW)
    assert caught.value.code == "KEYS_OPEN_TO_OTHERS"


def test_with_a_passphrase_nothing_private_lies_there_in_the_clear(tmp_path: Path) -> None:
    keys = store(tmp_path, secret="一句口令")
    state = keys.init(NOW)
    assert keys.signer_for(NOW, now=NOW).kid == state.entry.kid
    for path in (tmp_path / "keys").glob("*.pem"):
        assert path.read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    for wrong in (None, "另一句"):
        with pytest.raises(KeyringError) as caught:
            store(tmp_path, secret=wrong).signer_for(NOW, now=NOW)
        assert caught.value.code == "KEY_FILE_UNREADABLE"
        assert "CHENGHE_KEY_PASSPHRASE" in caught.value.next_step


def test_the_root_may_be_kept_elsewhere_except_for_changes(tmp_path: Path) -> None:
    keys = store(tmp_path)
    keys.init(NOW)
    (tmp_path / "keys" / "root.pem").unlink()
    keys.signer_for(NOW, now=NOW)
    with pytest.raises(KeyringError) as caught:
        keys.rotate(NOW)
    assert caught.value.code == "KEY_FILE_MISSING"


def test_neither_a_store_nor_a_signer_shows_its_secret(tmp_path: Path) -> None:
    keys = store(tmp_path, secret="一句口令")
    keys.init(NOW)
    assert "口令" not in repr(keys)
    assert "PRIVATE" not in repr(keys.signer_for(NOW, now=NOW))


def test_a_rotation_that_cannot_be_listed_leaves_no_key_behind(tmp_path: Path) -> None:
    keys = store(tmp_path)
    keys.init(NOW)
    (tmp_path / "keys" / "root.pem").rename(tmp_path / "root.pem")
    before = sorted(path.name for path in (tmp_path / "keys").iterdir())
    with pytest.raises(KeyringError):
        keys.rotate(NOW)
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == before


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"algorithm": -19}', b'{"algorithm": -19, "public_key": "xyz"}'])
def test_damaged_facts_of_the_root_are_said(tmp_path: Path, content: bytes) -> None:
    keys = store(tmp_path)
    keys.init(NOW)
    (tmp_path / "keys" / "root.json").write_bytes(content)
    with pytest.raises(KeyringError, match=r"root\.json"):
        keys.root()


def as_first_format(keys: KeyStore) -> None:
    """What a home of the program before the log looked like."""
    folder, listed = keys._folder, keys.key_list()
    fields = loads(open_sign1(keys.key_list_bytes(), TYP).payload)
    root = Ed25519Signer(load_pem_private_key((folder / "root.pem").read_bytes(), None))
    (folder / "key-list.cose").write_bytes(sign1(dumps([1, *fields[1:6]]), root, TYP))
    (folder / "log.pem").unlink()
    assert (listed.version, keys.key_list().certificates) == (keys.key_list().version, None)


def test_the_list_names_the_log_and_the_certificates_of_pdfs(tmp_path: Path) -> None:
    keys = store(tmp_path, secret="一句口令")
    keys.init(NOW)
    log = keys.log_key()
    assert (log.origin, log.public_key) == ("verify.example.cn/log", keys.log_signer().public_key)
    (named,) = keys.key_list().certificates
    certificate = keys.documents.identity_for(NOW).certificate
    assert named.fingerprint == certificate.fingerprint(SHA256())
    assert named.not_before <= NOW - timedelta(days=31)
    assert named.not_after == certificate.not_valid_after_utc


def test_a_list_of_the_first_format_becomes_one_of_the_second_when_the_root_is_at_hand(tmp_path: Path) -> None:
    keys = store(tmp_path)
    keys.init(NOW)
    as_first_format(keys)
    with pytest.raises(KeyringError) as caught:
        keys.log_key()
    assert caught.value.code == "LOG_KEY_MISSING"
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
    moved = KeyStore(
        tmp_path / "keys",
        Issuer("新名（虚构）", "YCZX", "https://new.example.cn"),
        provisions=False,
        passphrase=keys._passphrase,
    )
    assert moved.due(moved.key_list(), NOW)
    moved.renew(NOW)
    assert moved.key_list().issuer.verify_url == "https://new.example.cn"
    assert moved.log_key() == log
