"""``language-model.toml``: off without it, strict with it."""

from pathlib import Path

import pytest

from bot.errors import UsageError
from bot.language_model import read_rephraser

GOOD = 'address = "https://model.example/v1"\nmodel = "m"\nchannels = ["web"]\n'


def written(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "language-model.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_without_the_file_there_is_no_model(tmp_path: Path) -> None:
    assert read_rephraser(tmp_path / "language-model.toml") is None


def test_without_a_channel_it_is_off(tmp_path: Path) -> None:
    assert read_rephraser(written(tmp_path, GOOD.replace('["web"]', "[]"))) is None


def test_with_a_channel_it_is_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_KEY", "geheim")
    assert read_rephraser(written(tmp_path, GOOD)) is not None
    assert read_rephraser(written(tmp_path, GOOD + 'key = "env:MODEL_KEY"\nseconds = 5\n')) is not None
    assert read_rephraser(written(tmp_path, GOOD.replace("https://model.example", "http://127.0.0.1:1"))) is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "address = 5",
        GOOD.replace("https", "http"),
        GOOD.replace("https://model.example/v1", "https://user@model.example/v1"),
        GOOD.replace("https://model.example/v1", "https://model.example/v1?key=x"),
        GOOD.replace('"m"', '""'),
        GOOD.replace('"web"', '"fax"'),
        GOOD.replace('["web"]', '"web"'),
        GOOD + "seconds = 0\n",
        GOOD + "seconds = 60\n",
        GOOD + "seconds = true\n",
        GOOD + 'key = "env:NOT_SET_ANYWHERE"\n',
        GOOD + "key = 5\n",
        GOOD + 'kee = "x"\n',
        "[" * 9999,
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_rephraser(written(tmp_path, text))
    assert refused.value.code == "MODEL_SETTINGS"
    assert "language-model.toml" in refused.value.message


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        read_rephraser(written(tmp_path, GOOD + 'key = "geheim"\n', 0o644))
    assert "geheim" not in refused.value.message
