"""The key administrator's year as transcripts: SM2, another algorithm, an offline root, a stolen key; no secret told.

Everything about the office is fictional.
"""

import logging
import sqlite3
import subprocess
from pathlib import Path

import pytest

from tests.journeys.conftest import Chenghe
from tests.journeys.test_main_job import AUGUST, COMPANY, SUBJECTS
from verify.keylist import Witness
from verify.keyring import ED25519
from verify.signing import throwaway_signer
from verify.transparency.notes import verifier_key

PASSPHRASE = "示例口令-只用于测试-7319"


@pytest.fixture(autouse=True)
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verify.issuing.private_keys.COST", 16)
    for name in ("CHENGHE_KEY_PASSPHRASE", "CHENGHE_KEY_FILE"):
        monkeypatch.delenv(name, raising=False)


def with_algorithm(home: Path, name: str) -> None:
    file = home / "office" / "office.toml"
    lines = [line for line in file.read_text("utf-8").splitlines() if not line.startswith("signing_algorithm")]
    file.write_text(f'signing_algorithm = "{name}"\n' + "\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture
def office(chenghe: Chenghe, tmp_path: Path) -> Chenghe:
    """A sample office with one company."""
    from index.rules.offices import copy_profile

    copy_profile("yancheng", tmp_path / "home" / "office")
    (tmp_path / "subjects.csv").write_text(SUBJECTS, encoding="utf-8")
    assert chenghe("subjects", "import", tmp_path / "subjects.csv").status == 0
    return chenghe


def issue(office: Chenghe, out: Path) -> str:
    said = office("report", "issue", "--subject", COMPANY, "--years", 3, "--now", AUGUST, "--out", out, "--json")
    assert said.status == 0, said.err
    return str(said.json["files"]["docx"])


def algorithms(office: Chenghe) -> list[str]:
    return sorted(row["algorithm"] for row in office("keys", "list", "--json").json)


def test_an_sm2_office_issues_and_verifies_and_changes_its_algorithm(office: Chenghe, tmp_path: Path) -> None:
    home = tmp_path / "home"
    with_algorithm(home, "SM2")
    assert office("office", "check", "--as-of", "2026-08-20", "--json").json["signing_algorithm"] == "SM2"
    assert "签名算法：SM2" in office("office", "check", "--as-of", "2026-08-20").out
    assert office("keys", "init").status == 0
    first = issue(office, tmp_path / "out")
    assert set(algorithms(office)) == {"SM2"}
    with_algorithm(home, "ES256")
    assert office("keys", "rotate").status == 0
    assert "ES256" in algorithms(office)
    assert office("keys", "export").status == 0
    for how in ((), ("--offline",)):
        said = office("verify", first, "--at", AUGUST, *how, "--json")
        assert [(entry["verdict"], entry["reason"]) for entry in said.json] == [("valid", "OK")], said
    assert '"algorithm": "SM2"' in (home / "trust.json").read_text("utf-8")


@pytest.mark.parametrize("algorithm", ["ES256", "SM2"])
def test_reports_of_two_algorithms_verify_side_by_side(office: Chenghe, tmp_path: Path, algorithm: str) -> None:
    """The sample office makes a key of the algorithm in force for the day of the report."""
    home = tmp_path / "home"
    first = issue(office, tmp_path / "one")
    with_algorithm(home, algorithm)
    for row in office("keys", "list", "--json").json:
        assert office("keys", "revoke", row["kid"], "--reason", "换算法（测试）").status == 0
    second = issue(office, tmp_path / "two")
    entries = office("verify", first, second, "--at", AUGUST, "--json").json
    assert [entry["reason"] for entry in entries] == ["KEY_REVOKED_LATER", "OK"]
    assert {"Ed25519", algorithm} == set(algorithms(office))


def real_office(home: Path) -> None:
    """Nothing in it is unverified any more."""
    file = home / "office" / "office.toml"
    text = file.read_text("utf-8").replace("sample = true", "sample = false")
    file.write_text(text.replace("https://verify.example.cn", "https://verify.qinghe.example"), encoding="utf-8")


def test_a_real_office_with_an_offline_root(office: Chenghe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, stick = tmp_path / "home", tmp_path / "stick"
    real_office(home)
    said = office("keys", "init", "--root", stick)
    assert (said.status, "KEYS_UNENCRYPTED" in said.err, stick.exists()) == (2, True, False)
    monkeypatch.setenv("CHENGHE_KEY_PASSPHRASE", PASSPHRASE)
    assert office("keys", "init", "--root", stick).status == 0
    assert (stick / "root.pem").is_file()
    assert not (home / "keys" / "root.pem").exists()
    stick.rename(tmp_path / "safe")
    assert office("keys", "export").status == 0, "everything else works without the root"
    assert office("keys", "list").status == 0
    refused = office("keys", "rotate")
    assert (refused.status, "ROOT_KEY_MISSING" in refused.err, "--root" in refused.err) == (2, True, True)
    kid = office("keys", "list", "--json").json[0]["kid"]
    for words in (
        ("rotate", "--from", "2000-01-01"),
        ("revoke", kid, "--reason", " "),
        ("revoke", "x", "--reason", "x"),
    ):
        assert office("keys", *words, "--root", tmp_path / "safe").status == 2
    assert office("keys", "revoke", kid, "--reason", "测试被盗", "--root", tmp_path / "safe").status == 0
    rows = office("keys", "list", "--json").json
    assert [row["revoked_at"] is None for row in rows] == [True, False]
    with sqlite3.connect(home / "office.db") as store:
        found = store.execute("select target, detail from audit where action = 'keys.revoke'").fetchall()
    store.close()
    assert found == [(kid, "测试被盗")]


def test_a_stolen_key_is_not_brought_back_by_an_old_trust_file(office: Chenghe, tmp_path: Path) -> None:
    """Verify-case 63: the thief hands out the trust file of before the revocation; the verifier has seen the next."""
    report = issue(office, tmp_path / "out")
    bank = tmp_path / "bank"
    before, after = tmp_path / "before.json", tmp_path / "after.json"
    assert office("keys", "export", "--out", before).status == 0
    for row in office("keys", "list", "--json").json:
        assert office("keys", "revoke", row["kid"], "--reason", "被盗（测试）").status == 0
    assert office("keys", "export", "--out", after).status == 0

    def reason(trust: Path) -> str:
        said = office("verify", report, "--trust", trust, "--at", AUGUST, "--json", home=bank)
        return str(said.json["error"]["code"] if isinstance(said.json, dict) else said.json[0]["reason"])

    assert reason(before) == "OK"
    assert reason(after) == "KEY_REVOKED_LATER"
    assert reason(before) == "KEY_LIST_ROLLBACK"
    assert reason(after) == "KEY_REVOKED_LATER"
    (bank / "seen.json").write_text("{", encoding="utf-8")
    assert reason(after) == "SEEN_DAMAGED"


def test_keys_do_not_go_into_a_repository(office: Chenghe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHENGHE_KEY_PASSPHRASE", PASSPHRASE)
    real_office(tmp_path / "home")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    said = office("keys", "init")
    assert (said.status, "KEYS_IN_REPOSITORY" in said.err) == (2, True)
    (tmp_path / ".gitignore").write_text("home/\n", encoding="utf-8")
    said = office("keys", "init", "--root", tmp_path / "stick")
    assert (said.status, "KEYS_IN_REPOSITORY" in said.err) == (2, True), "nor the root"
    assert not list(tmp_path.rglob("*.pem"))
    assert office("keys", "init").status == 0


def test_witnesses_are_listed_and_struck_off(office: Chenghe) -> None:
    assert office("keys", "init").status == 0
    key = verifier_key(Witness("witness.example.cn/c", throwaway_signer(ED25519).public_key))
    assert office("keys", "witness", "add", key).status == 0
    assert "WITNESS_KNOWN" in office("keys", "witness", "add", key).err
    assert "WITNESS_KEY_INVALID" in office("keys", "witness", "add", key[:-4] + "AAAA").err
    assert office("keys", "witness", "list").out.strip() == key
    assert office("keys", "witness", "list", "--json").json == [{"name": "witness.example.cn/c", "key": key}]
    assert office("keys", "witness", "remove", "witness.example.cn/c").status == 0
    assert "WITNESS_UNKNOWN" in office("keys", "witness", "remove", "witness.example.cn/c").err
    assert office("keys", "witness", "list").out == ""


def test_what_ends_soon_is_said_when_keys_are_listed(office: Chenghe, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import timedelta

    from bot import clock

    assert office("keys", "init").status == 0
    assert "请注意" not in office("keys", "list").err
    now = clock.now()
    for days, words in ((77, "keys rotate"), (340, "公钥清单")):
        monkeypatch.setattr(clock, "now", lambda later=now + timedelta(days=days): later)
        said = office("keys", "list")
        assert "请注意" in said.err
        assert words in said.err


def test_no_command_tells_a_secret(
    office: Chenghe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither printed nor logged, at the most talkative level; nor stored in the clear anywhere in the home."""
    caplog.set_level(logging.DEBUG)
    real_office(tmp_path / "home")
    monkeypatch.setenv("CHENGHE_KEY_PASSPHRASE", PASSPHRASE)
    root = ("--root", tmp_path / "stick")
    said = [office("keys", "init", *root), office("keys", "rotate", *root), office("keys", "list", "--json")]
    kid = said[-1].json[-1]["kid"]
    said += [office("keys", "revoke", kid, "--reason", "测试", *root), office("keys", "export", *root)]
    said += [office("keys", "certificate"), office("keys", "witness", "list"), office("keys", "list")]
    assert [each.status for each in said] == [0] * len(said)
    monkeypatch.setenv("CHENGHE_KEY_PASSPHRASE", PASSPHRASE + "错")
    said.append(office("keys", "rotate", *root))
    assert said[-1].status == 2
    told = "\n".join([caplog.text, *(each.out + each.err for each in said)]).encode()
    stored = b"\n".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for secret in secrets_of(tmp_path):
        for spelling in (secret, secret.hex().encode()):
            assert spelling not in told
            assert spelling not in stored


def secrets_of(folder: Path) -> list[bytes]:
    """The passphrase, and the private bytes of every key of the office."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    found = [PASSPHRASE.encode()]
    for file in folder.rglob("*.pem"):
        key = load_pem_private_key(file.read_bytes(), PASSPHRASE.encode())
        if isinstance(key, Ed25519PrivateKey):
            found.append(key.private_bytes_raw())
    assert len(found) >= 5
    return found
