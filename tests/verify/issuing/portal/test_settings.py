"""Answers verify/issuing/portal/settings.py: a file that is half right is refused, a secret is never in it."""

from pathlib import Path

import pytest

from tests.provider import Client, write_settings
from verify.errors import KeyringError
from verify.issuing.portal.settings import PortalError, PortalSettings, Realm, Task, is_secure, load_portal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    client = Client("chenghe", "geheim")
    write_settings(tmp_path, "https://credit.example.cn", "https://id.example.cn", client, client)
    return tmp_path / "portal.toml"


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_no_file_means_that_nobody_can_sign_in(tmp_path: Path) -> None:
    assert load_portal(tmp_path / "portal.toml") == PortalSettings()


def test_a_whole_file_is_read(path: Path) -> None:
    settings = load_portal(path)
    assert settings.company is not None
    assert settings.staff is not None
    assert settings.company.provider.client_secret == "geheim"
    assert settings.company.required == {"real_name": frozenset({"verified"})}
    assert settings.staff.tasks[Task.ISSUE] == frozenset({"window"})
    assert settings.provider(Realm.STAFF) == settings.staff.provider
    assert "geheim" not in repr(settings)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('base_url = "https://credit.example.cn"', ""),
        ("https://credit.example.cn", "http://credit.example.cn"),
        ("https://credit.example.cn", "https://credit.example.cn/"),
        ("https://credit.example.cn", "https://credit.example.cn/portal"),
        ("https://credit.example.cn", "https://user@credit.example.cn"),
        ("https://id.example.cn", "https://id.example.cn?x=1"),
        ("https://id.example.cn", "ftp://id.example.cn"),
        ('subject_claim = "uscc"', ""),
        ('subject_claim = "uscc"', "subject_claim = 7"),
        ('real_name = ["verified"]', 'real_name = "verified"'),
        ('real_name = ["verified"]', "real_name = []"),
        ('[staff.tasks]\nissue = ["window"]\ncases = ["handler"]', ""),
        ('cases = ["handler"]', 'revoke = ["handler"]'),
        ('name_claim = "name"', 'name_claim = "name"\nsecret = "geheim"'),
        ("[company]", "[company"),
        ('client_secret_file = "keys/portal-company.secret"', 'client_secret_env = "CHENGHE_NOT_SET"'),
        (
            'client_secret_file = "keys/portal-company.secret"',
            'client_secret_file = "keys/portal-company.secret"\nclient_secret_env = "PATH"',
        ),
    ],
)
def test_a_file_that_is_half_right_is_refused_in_words(path: Path, old: str, new: str) -> None:
    change(path, old, new)
    with pytest.raises(PortalError) as refused:
        load_portal(path)
    assert refused.value.code == "PORTAL_SETTINGS"
    assert refused.value.next_step


def test_a_secret_that_others_may_read_is_refused(path: Path) -> None:
    (path.parent / "keys" / "portal-company.secret").chmod(0o644)
    with pytest.raises(KeyringError, match="权限过宽"):
        load_portal(path)


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe"])
def test_a_secret_file_without_a_secret_is_refused(path: Path, content: bytes) -> None:
    (path.parent / "keys" / "portal-company.secret").write_bytes(content)
    with pytest.raises(PortalError):
        load_portal(path)


def test_a_secret_may_come_from_the_environment(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHENGHE_TEST_SECRET", "aus der Umgebung")
    change(path, 'client_secret_file = "keys/portal-company.secret"', 'client_secret_env = "CHENGHE_TEST_SECRET"')
    company = load_portal(path).company
    assert company is not None
    assert company.provider.client_secret == "aus der Umgebung"


def test_an_issuer_may_end_in_a_slash_and_keeps_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    issuer = text.partition('issuer = "')[2].partition('"')[0]
    path.write_text(text.replace(f'issuer = "{issuer}"', f'issuer = "{issuer}/"'), encoding="utf-8")
    company = load_portal(path).company
    assert company is not None
    assert company.provider.issuer == f"{issuer}/"


@pytest.mark.parametrize(
    ("address", "secure"),
    [
        ("https://id.example.cn", True),
        ("https://id.example.cn:8443/realms/a", True),
        ("http://127.0.0.1:9400", True),
        ("http://localhost:9400", True),
        ("http://id.example.cn", False),
        ("http://127.0.0.1.example.cn", False),
        ("https://", False),
        ("https://a@b.cn", False),
        ("https://b.cn/#x", False),
        ("https://b.cn:99999", False),
        ("javascript:alert(1)", False),
        ("https://b.cn/\n", False),
    ],
)
def test_what_counts_as_a_secure_address(address: str, secure: bool) -> None:
    assert is_secure(address) is secure
