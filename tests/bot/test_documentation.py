"""What programs meet is documented: error codes, tools and their fields, settings of the language model."""

import re
from pathlib import Path

import pytest
from mcp import Client

from bot.actions.checking import Published
from bot.assistant import rephrasing
from bot.channels.reception import Reception, ReceptionSettings
from bot.mcp import Tools, server
from index.questions.model import Channel
from tests.bot.channels.conftest import NOW
from verify.documents.reading import read

ROOT = Path(__file__).resolve().parents[2]
API, MCP, REPHRASING = ((ROOT / "docs" / f"{name}.md").read_text("utf-8") for name in ("api", "mcp", "rephrasing"))


def _codes(*names: str) -> set[str]:
    sources = "".join((ROOT / "bot" / name).read_text("utf-8") for name in names)
    return set(re.findall(r"""(?:Wrong|_wrong)\(\s*"([A-Za-z_]+)",""", sources))


def test_every_refusal_of_the_api_is_explained() -> None:
    codes = _codes("channels/openai_api.py", "channels/openai_request.py")
    assert len(codes) > 10
    assert {code for code in codes if f"`{code}`" not in API} == set()


def test_limits_in_the_page_are_those_of_the_program() -> None:
    from bot.channels import asking, openai_api
    from bot.tokens import DAYS_MAX

    assert f"不超过 {asking.QUESTION_MAX} 个字" in API
    assert f"取最近 {asking.TURNS_KEPT} 条" in API
    assert f"超过 {openai_api.LIMITS.small_bytes // 1024} KB" in API
    assert f"可连问 {openai_api.RATE.burst} 次" in API
    assert f"--days {DAYS_MAX}" in API


async def test_every_tool_and_its_fields_are_explained(tmp_path: Path) -> None:
    reception = Reception(ReceptionSettings(tmp_path / "l", tmp_path / "s", tmp_path / "q.db", lambda: NOW))
    tools = Tools(reception, Published(tmp_path, lambda: NOW, read))
    async with Client(server(tools, "test")) as client:
        listed = (await client.list_tools()).tools
    await reception.close()
    for tool in listed:
        assert f"`{tool.name}`" in MCP
        assert {name for name in tool.input_schema["properties"] if f"`{name}`" not in MCP} == set()


@pytest.mark.parametrize("channel", [channel.value for channel in Channel])
def test_every_channel_that_may_be_rephrased_is_named(channel: str) -> None:
    assert f"`{channel}`" in REPHRASING


def test_settings_and_notice_of_rephrasing_are_explained() -> None:
    for name in ("address", "model", "key", "seconds", "channels"):
        assert re.search(rf"^{name} = ", REPHRASING, re.MULTILINE)
    assert rephrasing.NOTICE in REPHRASING
    assert f"后 {rephrasing.PAUSE_SECONDS:.0f} 秒内" in REPHRASING
    assert f"最多 {rephrasing.AT_ONCE} 个答复" in REPHRASING


def test_a_word_of_the_glossary_has_one_line() -> None:
    rows = re.findall(r"^\| ([^|]+) \|", (ROOT / "docs" / "glossary.md").read_text("utf-8"), re.MULTILINE)
    words = [word.strip() for row in rows[1:] for word in row.split(",")]
    assert len(words) > 100
    assert {word for word in words if words.count(word) > 1} == set()


def test_every_picture_of_the_pages_is_there_in_both_sizes() -> None:
    docs = ROOT / "docs"
    shown = set(re.findall(r"\(images/([a-z_-]+)-(?:phone|desktop)\.png\)", (docs / "pages.md").read_text("utf-8")))
    taken = {path.name for path in (docs / "images").iterdir()}
    assert len(shown) > 40
    assert {f"{name}-{size}.png" for name in shown for size in ("phone", "desktop")} - taken == set()
