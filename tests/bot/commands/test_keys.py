"""Answers bot/commands/keys.py."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from bot.commands.certificates import PKCS12_VARIABLE
from tests.journeys.conftest import Chenghe
from tests.verify.issuing.pdf.test_certificates import bundle


def test_whoever_makes_changes_or_hands_out_keys_leaves_an_audit_line(chenghe: Chenghe, tmp_path: Path) -> None:
    assert chenghe("keys", "init").status == 0
    assert chenghe("keys", "rotate").status == 0
    assert chenghe("keys", "export", "--out", tmp_path / "out" / "trust.json").status == 0
    with sqlite3.connect(tmp_path / "home" / "office.db") as store:
        acts = [action for (action,) in store.execute("select action from audit order by id")]
    store.close()
    assert acts[::2] == ["keys.intend"] * 3
    assert acts[1::2] == ["keys.init", "keys.rotate", "keys.export"]
    kids = [row["kid"] for row in chenghe("keys", "list", "--json").json]
    assert all(kid in chenghe("keys", "list").out for kid in kids)
    assert len(kids) == 2


def test_keys_are_made_once(chenghe: Chenghe) -> None:
    assert chenghe("keys", "init").status == 0
    again = chenghe("keys", "init")
    assert (again.status, "KEYS_EXIST" in again.err) == (2, True)


def test_a_trust_file_that_cannot_be_written_is_said(chenghe: Chenghe, tmp_path: Path) -> None:
    chenghe("keys", "init")
    said = chenghe("keys", "export", "--out", tmp_path)
    assert (said.status, "CANNOT_WRITE" in said.err) == (2, True)


def test_a_certificate_of_an_authority_is_brought_in_under_audit_and_listed(
    chenghe: Chenghe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert chenghe("keys", "init").status == 0
    file = tmp_path / "office.p12"
    file.write_bytes(bundle(ec.generate_private_key(ec.SECP256R1()), password="口令".encode(), now=datetime.now(UTC)))
    refused = chenghe("keys", "certificate", file)
    assert (refused.status, "CERTIFICATE_REFUSED" in refused.err) == (2, True)
    monkeypatch.setenv(PKCS12_VARIABLE, "口令")
    assert chenghe("keys", "certificate", file).status == 0
    listed = chenghe("keys", "certificate", "--json").json
    assert [entry["own"] for entry in listed] == [True, False]
    assert all(entry["name"] in chenghe("keys", "certificate").out for entry in listed)
    with sqlite3.connect(tmp_path / "home" / "office.db") as store:
        acts = store.execute("select target from audit where action = 'keys.certificate'").fetchall()
    store.close()
    assert acts == [(listed[1]["name"],)]


def test_a_certificate_file_that_cannot_be_opened_is_said(chenghe: Chenghe, tmp_path: Path) -> None:
    chenghe("keys", "init")
    said = chenghe("keys", "certificate", tmp_path / "missing.p12")
    assert (said.status, "FILE_NOT_OPENED" in said.err) == (2, True)


def test_the_authority_of_the_pdfs_is_exported_beside_the_trust_file(chenghe: Chenghe, tmp_path: Path) -> None:
    chenghe("keys", "init")
    assert chenghe("keys", "export", "--out", tmp_path / "out" / "trust.json").status == 0
    exported = x509.load_pem_x509_certificate((tmp_path / "out" / "document-root.crt").read_bytes())
    assert exported.subject == exported.issuer
