"""``office.toml``: who the office is. Every key is required, an unknown key is a typing mistake and refused.

Source: inventory B08 (purposes), B12 (verification), B21 (platform names).
"""

import re
import tomllib
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from index.errors import RuleError
from index.rules.sheets import decode, read_bytes

TEXTS = ("city", "issuer_name", "platform", "website", "report_title", "number_prefix", "verify_url")
KEYS = (*TEXTS, "sample", "purposes")
_PREFIX = re.compile(r"[A-Z]{4}")
_ORIGIN = re.compile(r"https://[a-z0-9]([a-z0-9.-]{0,60}[a-z0-9])?(:[0-9]{1,5})?")
_MAX_TEXT = 60


@dataclass(frozen=True, slots=True)
class Identity:
    """The values of ``office.toml``, checked."""

    city: str
    issuer_name: str
    platform: str
    website: str
    report_title: str
    number_prefix: str
    verify_url: str
    sample: bool
    purposes: tuple[tuple[str, tuple[str, ...]], ...]


def read_identity(file: Path | Traversable) -> Identity:
    """The office's identity. Raises RuleError naming the file, the key and the next step."""
    values = _parse(decode(read_bytes(file), file.name))
    _check_keys(values)
    texts = {key: _text(values, key) for key in TEXTS}
    if not _PREFIX.fullmatch(texts["number_prefix"]):
        raise _wrong("number_prefix", "应为 4 个大写英文字母", '例如 "YCZX"')
    if not _ORIGIN.fullmatch(texts["verify_url"]):
        raise _wrong("verify_url", "应为 https:// 开头的核验网站地址，末尾没有斜杠", '例如 "https://verify.example.cn"')
    if not isinstance(values["sample"], bool):
        raise _wrong("sample", "应为 true 或 false", "示例数据填 true，正式使用填 false")
    return Identity(**texts, sample=values["sample"], purposes=_purposes(values["purposes"]))


def _parse(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"office.toml 不是有效的 TOML：{error}", next_step="请检查该处的引号和等号。") from error


def _check_keys(values: dict[str, Any]) -> None:
    missing = [key for key in KEYS if key not in values]
    unknown = [key for key in values if key not in KEYS]
    if missing:
        raise RuleError(f"office.toml 缺少：{'、'.join(missing)}", next_step="请参照内置示例补填。")
    if unknown:
        raise RuleError(f"office.toml 有不认识的项：{'、'.join(unknown)}", next_step=f"可用的项：{'、'.join(KEYS)}。")


def _text(values: dict[str, Any], key: str) -> str:
    value = values[key]
    if not isinstance(value, str) or not value.strip() or len(value) > _MAX_TEXT or not value.isprintable():
        raise _wrong(key, f"应为 1–{_MAX_TEXT} 个字的一行文字", "请加引号填写")
    return value.strip()


def _purposes(value: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(value, list) or not value:
        raise _wrong("purposes", "没有任何用途", "请至少写一组 [[purposes]]")
    return tuple(_purpose_group(group) for group in value)


def _purpose_group(group: Any) -> tuple[str, tuple[str, ...]]:
    if not isinstance(group, dict) or set(group) != {"group", "names"}:
        raise _wrong("purposes", "每组应有 group 和 names", '例如 group = "金融"、names = ["银行贷款"]')
    names = group["names"]
    if not isinstance(names, list) or not names:
        raise _wrong("purposes", "names 应为非空的列表", '例如 names = ["银行贷款"]')
    return _text(group, "group"), tuple(_text({"names": name}, "names") for name in names)


def _wrong(key: str, problem: str, hint: str) -> RuleError:
    return RuleError(f"office.toml 的 {key} {problem}", next_step=f"{hint}。")
