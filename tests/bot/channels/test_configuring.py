"""channels.toml: what is wrong in it is said by name, before anything starts; secrets are never shown."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.channels import configuring
from bot.channels.app_settings import AppSettings
from bot.channels.configuring import KINDS, Configured, read_channels
from bot.channels.messages import Channel
from bot.errors import UsageError

NOW = datetime(2026, 11, 22, tzinfo=UTC)
GOOD = '[[app]]\nname = "credit"\nkind = "wecom"\nsecret = "S3CRET"\napi = "https://qyapi.example.com"\n'


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    def make(settings: AppSettings, clock: object, seconds: object) -> object:
        return SimpleNamespace(
            app=settings.name, secret=settings.secret("secret"), api=settings.address("api", "https://a.example.com")
        )

    monkeypatch.setattr(configuring, "import_module", lambda name: SimpleNamespace(make=make))

    def write(text: str, mode: int = 0o600) -> Path:
        path = tmp_path / "channels.toml"
        path.write_text(text, "utf-8")
        path.chmod(mode)
        return path

    return write


def read(path: Path) -> tuple[Channel, ...]:
    return everything(path).channels


def everything(path: Path) -> Configured:
    return read_channels(path, lambda: NOW, lambda: 0.0)


def test_without_the_file_there_are_no_channels(tmp_path: Path) -> None:
    assert read(tmp_path / "none.toml") == ()


def test_several_apps_have_a_channel_each(written: Callable[[str], Path]) -> None:
    channels = read(written(GOOD + GOOD.replace("credit", "second")))
    assert [each.app for each in channels] == ["credit", "second"]


def test_what_strangers_get_and_where_reports_are_issued_may_be_said(written: Callable[[str], Path]) -> None:
    assert (everything(written(GOOD)).strangers, everything(written(GOOD)).issuing) == (True, None)
    issuing = '[issuing]\naddress = "https://issuing.example.com/"\ntoken = "S3CRET"\n'
    found = everything(written('strangers = "nothing"\n' + GOOD + issuing))
    assert (found.strangers, found.issuing) == (False, ("https://issuing.example.com", "S3CRET"))
    assert "S3CRET" not in repr(replace(found, channels=()))


def test_a_secret_may_stand_in_the_environment(written: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(GOOD.replace("S3CRET", "env:OUR_SECRET"))
    with pytest.raises(UsageError, match="OUR_SECRET 没有设置"):
        read(path)
    monkeypatch.setenv("OUR_SECRET", "from outside")
    assert read(path)[0].secret == "from outside"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD + GOOD, "credit 用了两次"),
        (GOOD.replace("wecom", "telegram"), "kind 只能是 wecom、"),
        (GOOD.replace('"credit"', '"../x"'), "name 不对"),
        (GOOD + "colour = 1\n", "colour 不认识这一项"),
        (GOOD.replace('secret = "S3CRET"\n', ""), "secret 没有填写"),
        (GOOD.replace('"S3CRET"', "5"), "secret 应是一段文字"),
        (GOOD.replace("https://qyapi", "http://qyapi"), "api 应是 https 地址"),
        (GOOD.replace("example.com", "example.com/path"), "api 应是 https 地址"),
        (GOOD.replace("https://", "https://user:pw@"), "api 应是 https 地址"),
        ("more = 1\n" + GOOD, "more 不认识这一项"),
        ("[[app]", "不是 TOML"),
        ('app = "wecom"', "应写成 [[app]]"),
        ('strangers = "all"\n' + GOOD, "strangers 只能是 policy、nothing"),
        ('issuing = "https://x.example"\n' + GOOD, "应写成 [issuing]"),
        (GOOD + '[issuing]\naddress = "https://x.example"\n', "token 没有填写"),
        (GOOD + '[issuing]\naddress = "http://x.example"\ntoken = "S3CRET"\n', "address 应是 https 地址"),
    ],
)
def test_what_is_wrong_is_named_and_no_secret_is_shown(written: Callable[[str], Path], text: str, said: str) -> None:
    with pytest.raises(UsageError) as problem:
        read(written(text))
    assert said in problem.value.message
    assert "S3CRET" not in f"{problem.value.message}{problem.value.next_step}"


def test_a_file_that_others_may_read_is_refused(written: Callable[..., Path]) -> None:
    with pytest.raises(UsageError, match="其他用户也能读"):
        read(written(GOOD, 0o640))


def test_settings_do_not_show_what_they_hold() -> None:
    assert "S3CRET" not in repr(AppSettings("credit", {"secret": "S3CRET"}))


def test_every_kind_is_documented() -> None:
    documents = "\n".join(path.read_text("utf-8") for path in Path("docs/channels").glob("*.md"))
    assert [kind for kind in KINDS if f'kind = "{kind}"' not in documents] == []
