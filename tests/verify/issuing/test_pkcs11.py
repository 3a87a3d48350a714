"""Answers verify/issuing/pkcs11.py, with SoftHSM 2 in a token folder of this test's own."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pkcs11
import pytest

from tests.verify.issuing.office import ISSUED, TestOffice
from tests.verify.issuing.test_keys import NOW, TODAY, refused, store
from verify.credential import decode
from verify.errors import KeyringError
from verify.issuing.pkcs11 import Device, DeviceSigner, device_from_environment, ensure_key
from verify.keyring import ED25519, ES256, SM2, verifying_key
from verify.reasons import Reason
from verify.scanned import read

PIN, LABEL = "73910486", "chenghe-2026-4"
MODULES = (Path("/usr/lib/softhsm/libsofthsm2.so"), Path("/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"))


@pytest.fixture(scope="session")
def module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """SoftHSM reads its configuration once for a process: one token folder for all tests of this file."""
    found = next((path for path in MODULES if path.is_file()), None)
    if found is None or shutil.which("softhsm2-util") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI needs the Debian package softhsm2")
        pytest.skip("SoftHSM 2 is not installed")
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n", encoding="utf-8")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(configuration)
    yield found
    pkcs11.unload(str(found))
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before


@pytest.fixture
def device(module: Path, request: pytest.FixtureRequest) -> Device:
    """A token of its own for each test."""
    token = f"chenghe {abs(hash(request.node.name)) % 10**8}"
    initialise = ["softhsm2-util", "--init-token", "--free", "--label", token, "--so-pin", "12345678", "--pin", PIN]
    subprocess.run(initialise, check=True, capture_output=True)
    pkcs11.lib(str(module)).reinitialize()
    return Device(module, token, PIN)


@pytest.fixture
def in_environment(device: Device, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Device:
    file = tmp_path / "pin"
    file.touch(0o600)
    file.write_text(f"{PIN}\n", encoding="utf-8")
    monkeypatch.setenv("CHENGHE_PKCS11_MODULE", str(device.module))
    monkeypatch.setenv("CHENGHE_PKCS11_TOKEN", device.token)
    monkeypatch.setenv("CHENGHE_PKCS11_PIN_FILE", str(file))
    monkeypatch.delenv("CHENGHE_PKCS11_PIN", raising=False)
    return device


@pytest.mark.parametrize("algorithm", [ES256, ED25519])
def test_a_key_is_made_in_the_device_and_signs_there(device: Device, algorithm: int) -> None:
    signer = ensure_key(device, LABEL, algorithm)
    holds = verifying_key(algorithm, signer.public_key)
    for message in (b"", b"message", bytes(5000)):
        assert holds(message, signer.sign(message))
    again = ensure_key(device, LABEL, algorithm)
    assert again.public_key == signer.public_key, "the same label is the same key"
    assert ensure_key(device, "another", algorithm).public_key != signer.public_key
    assert LABEL in repr(signer)
    assert PIN not in repr(signer) + repr(device)


def test_a_key_that_could_be_read_out_is_refused(device: Device) -> None:
    from pkcs11 import Attribute, KeyType, Mechanism
    from pkcs11.util.ec import encode_named_curve_parameters

    with pkcs11.lib(str(device.module)).get_token(token_label=device.token).open(rw=True, user_pin=PIN) as session:
        curve = {Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}
        parameters = session.create_domain_parameters(KeyType.EC, curve, local=True)
        loose = {Attribute.EXTRACTABLE: True, Attribute.SENSITIVE: False}
        parameters.generate_keypair(
            mechanism=Mechanism.EC_KEY_PAIR_GEN, store=True, label=LABEL, private_template=loose
        )
    assert refused(lambda: ensure_key(device, LABEL, ES256)).code == "DEVICE_KEY_EXTRACTABLE"


def test_what_a_device_cannot_do_is_said(device: Device) -> None:
    assert refused(lambda: ensure_key(device, LABEL, SM2)).code == "DEVICE_ALGORITHM"
    assert refused(lambda: DeviceSigner(device, "nobody", ES256)).code == "DEVICE_KEY_MISSING"
    ensure_key(device, LABEL, ES256)
    assert refused(lambda: DeviceSigner(device, LABEL, ED25519)).code == "DEVICE_KEY_MISSING"


def test_a_device_that_is_not_there_or_not_open_to_us_is_said(device: Device, tmp_path: Path) -> None:
    for wrong in (replace(device, token="no such token"), replace(device, module=tmp_path / "missing.so")):
        problem = refused(lambda at=wrong: ensure_key(at, LABEL, ES256))
        assert problem.code == "DEVICE_UNAVAILABLE"
    problem = refused(lambda: ensure_key(replace(device, pin="00000000"), LABEL, ES256))
    assert problem.code == "DEVICE_PIN"
    assert "00000000" not in problem.message + problem.next_step


def test_a_device_whose_signature_does_not_hold_is_caught(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    signer = ensure_key(device, LABEL, ES256)
    monkeypatch.setattr("verify.issuing.pkcs11._signature", lambda key, algorithm, message: b"\1" * 64)
    assert refused(lambda: signer.sign(b"message")).code == "DEVICE_FAILED"


def test_a_device_that_was_away_for_a_moment_signs_again(device: Device) -> None:
    signer = ensure_key(device, LABEL, ES256)
    signature = signer.sign(b"message")
    pkcs11.lib(str(device.module)).reinitialize()  # every session is gone
    assert refused(lambda: signer.sign(b"message")).code == "DEVICE_FAILED"
    assert verifying_key(ES256, signer.public_key)(b"message", signer.sign(b"message"))
    assert verifying_key(ES256, signer.public_key)(b"message", signature)


@pytest.mark.parametrize("missing", ["MODULE", "TOKEN", "PIN_FILE"])
def test_the_environment_says_where_the_device_is(
    in_environment: Device, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert device_from_environment() == in_environment
    monkeypatch.delenv(f"CHENGHE_PKCS11_{missing}")
    assert refused(device_from_environment).code == "DEVICE_NOT_SET"


def test_a_pin_file_others_may_read_is_refused(in_environment: Device, tmp_path: Path) -> None:
    (tmp_path / "pin").chmod(0o644)
    assert refused(device_from_environment).code == "KEYS_OPEN_TO_OTHERS"


@pytest.mark.parametrize("algorithm", [ES256, ED25519])
def test_a_report_signed_in_the_device_verifies(office: TestOffice, in_environment: Device, algorithm: int) -> None:
    office.office = replace(office.office, signing_algorithm="ES256" if algorithm == ES256 else "Ed25519")
    office.reopen()
    state = office.keys.init(ISSUED, label=LABEL)
    kid = state.entry.kid
    assert state.in_device
    assert not (office.home / "keys" / f"{kid.hex()}.pem").exists()
    report = office.issue()
    assert decode(read(report.qr_text).token).signed.kid == kid
    assert decode(read(report.qr_text).token).signed.algorithm == algorithm
    assert office.examine(report.qr_text).reason is Reason.OK
    assert office.examine(report.docx).reason is Reason.OK


def test_a_real_office_rotates_into_the_device_and_out_again(tmp_path: Path, in_environment: Device) -> None:
    keys = store(tmp_path, algorithm=ES256)
    in_file = keys.init(NOW).entry
    in_device = keys.rotate(NOW, starts=TODAY, label=LABEL)
    assert in_device.in_device
    assert keys.signer_for(NOW, now=NOW).kid == in_device.entry.kid
    again = store(tmp_path, algorithm=ES256)
    assert again.signer_for(NOW, now=NOW).sign(b"message")
    replacement = again.revoke(in_device.entry.kid, NOW)
    assert replacement is None
    assert again.signer_for(NOW, now=NOW).kid == in_file.kid


def test_a_key_of_the_device_is_listed_once_and_its_revocation_never_taken_back(
    tmp_path: Path, in_environment: Device
) -> None:
    keys = store(tmp_path, algorithm=ES256)
    kid = keys.init(NOW, label=LABEL).entry.kid
    before = keys.key_list()
    assert refused(lambda: keys.rotate(NOW, label=LABEL)).code == "KEY_LISTED"
    assert refused(lambda: keys.revoke(kid, NOW, label=LABEL)).code == "KEY_LISTED"
    assert keys.key_list() == before
    replacement = keys.revoke(kid, NOW, label=f"{LABEL} b")
    assert replacement is not None
    assert replacement.in_device
    before = keys.key_list()
    assert refused(lambda: keys.rotate(NOW, label=LABEL)).code == "KEY_LISTED"
    assert keys.key_list() == before


def test_another_token_in_its_place_is_said(
    tmp_path: Path, in_environment: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = store(tmp_path, algorithm=ES256)
    kid = keys.init(NOW, label=LABEL).entry.kid
    monkeypatch.setenv("CHENGHE_PKCS11_TOKEN", "another")
    problem = refused(lambda: store(tmp_path, algorithm=ES256).signer(kid))
    assert problem.code == "DEVICE_UNAVAILABLE"
    assert in_environment.token in problem.message


def test_a_device_that_fails_leaves_no_key_listed(
    tmp_path: Path, in_environment: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = store(tmp_path, algorithm=ES256)
    keys.init(NOW)
    before = keys.key_list()
    monkeypatch.setenv("CHENGHE_PKCS11_TOKEN", "no such token")
    with pytest.raises(KeyringError):
        keys.rotate(NOW, label=LABEL)
    assert keys.key_list() == before
