"""``office.toml``: who the office is, and what it has decided where the texts leave it a choice.

Rules kept:
* An unknown key is a typing mistake and refused; the keys of ``CHOICES`` may be left out and then have their default.

Source: inventory B02 (criminal records), B08 (purposes), B12 (verification), B15 (objections), B21 (platform names),
"Expired basis".
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType
from typing import Any

from index.errors import RuleError
from index.invisible import all_seen
from index.rules.sheets import decode, read_bytes

TEXTS = ("city", "issuer_name", "platform", "website", "report_title", "number_prefix", "verify_url")
KEYS = (*TEXTS, "sample", "purposes")
CHOICES: Mapping[str, Any] = MappingProxyType(
    {
        "criminal_records_included": True,
        "allow_expired_basis": False,
        "objection_days": None,
        "signing_algorithm": "Ed25519",
    }
)
"""What the office decides itself, each with its default."""
OBJECTION_DAYS_MAX = 90
SIGNING_ALGORITHMS = ("Ed25519", "ES256", "SM2")
CITY = re.compile(r"[\u3400-\u9fff]{2,15}市")
"""Unit names are read by it: 盐城市某某局 is 市某某局 (``index.rules.units``)."""
_PREFIX = re.compile(r"[A-Z]{4}")
_PLACE = re.compile(r"at line ([0-9]+), column ([0-9]+)")
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
    purpose_sources: tuple[tuple[str, str], ...]
    """(group, source article), where stated."""
    criminal_records_included: bool
    allow_expired_basis: bool
    objection_days: int | None
    signing_algorithm: str


def read_identity(file: Path | Traversable) -> Identity:
    """The office's identity. Raises RuleError naming the file, the key and the next step."""
    given = _parse(decode(read_bytes(file), file.name))
    _check_keys(given)
    values = {**CHOICES, **given}
    texts = {key: _text(values, key) for key in TEXTS}
    _check_forms(texts)
    return Identity(
        **texts,
        sample=_switch(values, "sample"),
        purposes=_purposes(values["purposes"]),
        purpose_sources=_purpose_sources(values["purposes"]),
        criminal_records_included=_switch(values, "criminal_records_included"),
        allow_expired_basis=_switch(values, "allow_expired_basis"),
        objection_days=_objection_days(values["objection_days"]),
        signing_algorithm=_signing_algorithm(values["signing_algorithm"]),
    )


def _check_forms(texts: dict[str, str]) -> None:
    if not CITY.fullmatch(texts["city"]):
        raise _wrong("city", "应为城市全称，以“市”结尾", '例如 "盐城市"')
    if not _PREFIX.fullmatch(texts["number_prefix"]):
        raise _wrong("number_prefix", "应为 4 个大写英文字母", '例如 "YCZX"')
    if not _ORIGIN.fullmatch(texts["verify_url"]):
        raise _wrong("verify_url", "应为 https:// 开头的核验网站地址，末尾没有斜杠", '例如 "https://verify.example.cn"')


def _parse(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also a number or a nesting beyond all measure
        place = _PLACE.search(str(error))
        where = f"第 {place[1]} 行第 {place[2]} 个字处" if place else ""
        raise RuleError(
            f"office.toml {where}不是有效的 TOML。", next_step="请检查该处：引号、等号、逗号都用英文的，一行写一项。"
        ) from error


def _check_keys(values: dict[str, Any]) -> None:
    missing = [key for key in KEYS if key not in values]
    unknown = [key for key in values if key not in (*KEYS, *CHOICES)]
    if missing:
        raise RuleError(f"office.toml 缺少：{'、'.join(missing)}", next_step="请参照内置示例补填。")
    if unknown:
        raise RuleError(
            f"office.toml 有不认识的项：{'、'.join(unknown)}", next_step=f"可用的项：{'、'.join((*KEYS, *CHOICES))}。"
        )


def _text(values: Mapping[str, Any], key: str) -> str:
    value = values[key]
    if not isinstance(value, str) or not value.strip() or len(value) > _MAX_TEXT or not all_seen(value):
        raise _wrong(key, f"应为 1–{_MAX_TEXT} 个字的一行文字", "请加引号填写")
    return value.strip()


def _switch(values: Mapping[str, Any], key: str) -> bool:
    value = values[key]
    if not isinstance(value, bool):
        raise _wrong(key, "应为 true 或 false", "请填 true 或 false，不加引号")
    return value


def _objection_days(value: Any) -> int | None:
    if value is not None and (type(value) is not int or not 1 <= value <= OBJECTION_DAYS_MAX):
        raise _wrong("objection_days", f"应为 1–{OBJECTION_DAYS_MAX} 的整数（工作日）", "不设答复时限的，请删去这一行")
    days: int | None = value
    return days


def _signing_algorithm(value: Any) -> str:
    if not isinstance(value, str) or value not in SIGNING_ALGORITHMS:
        raise _wrong("signing_algorithm", f"应为 {'、'.join(SIGNING_ALGORITHMS)} 之一", '例如 "SM2"')
    return value


def _purposes(value: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(value, list) or not value:
        raise _wrong("purposes", "没有任何用途", "请至少写一组 [[purposes]]")
    return tuple(_purpose_group(group) for group in value)


def _purpose_sources(groups: list[dict[str, Any]]) -> tuple[tuple[str, str], ...]:
    return tuple((_text(group, "group"), _text(group, "source")) for group in groups if "source" in group)


def _purpose_group(group: Any) -> tuple[str, tuple[str, ...]]:
    if not isinstance(group, dict) or not {"group", "names"} <= set(group) <= {"group", "names", "source"}:
        raise _wrong("purposes", "每组应有 group 和 names，可以有 source", '例如 group = "金融"、names = ["银行贷款"]')
    names = group["names"]
    if not isinstance(names, list) or not names:
        raise _wrong("purposes", "names 应为非空的列表", '例如 names = ["银行贷款"]')
    return _text(group, "group"), tuple(_text({"names": name}, "names") for name in names)


def _wrong(key: str, problem: str, hint: str) -> RuleError:
    return RuleError(f"office.toml 的 {key} {problem}", next_step=f"{hint}。")
