"""Loading an office: a folder of small files a clerk can edit, or a built-in sample profile.

Reads ``office.toml``, ``domains.csv``, ``bases.csv``, ``unit_aliases.csv`` and, where present, ``units.csv`` and
``calendar.csv``.

Rules kept:
* A folder that is absent or empty means the sample profile; a folder that is half filled is an error, not a sample.
* What contradicts itself (a domain twice, an alias of an unknown unit, a basis that ends before it begins) is refused.

Source of the sample values: the Yancheng scheme of 2024, 二（三）（四）, 文末 and annex; the second city is fictional.
"""

from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from index.calendar import Calendar, DayKind
from index.errors import RuleError
from index.rules.identity import Identity, read_identity
from index.rules.model import Basis, Domain, Office
from index.rules.sheets import SheetRow, rows

SAMPLE = "yancheng"
PROFILES = ("yancheng", "yunting")
REQUIRED = ("office.toml", "domains.csv", "bases.csv", "unit_aliases.csv")
OPTIONAL = ("units.csv", "main_domains.csv", "calendar.csv")

DOMAIN_COLUMNS = ("序号", "领域", "说明", "责任单位", "责任单位原文", "批次", "实施日期")
BASIS_COLUMNS = ("文件名称", "文号", "施行日期", "有效期至")
ALIAS_COLUMNS = ("别名", "单位")
KIND_COLUMNS = ("单位", "类别")
MAIN_COLUMNS = ("单位", "领域序号")
CALENDAR_COLUMNS = ("date", "kind")
SOURCE_KINDS = ("行政机关", "法律法规授权的组织", "垂直管理单位", "司法机关", "其他")


def load_office(folder: Path | None) -> Office:
    """The office of ``folder``, or the sample office when the folder is None, absent or empty. Raises RuleError."""
    if folder is None or not folder.is_dir() or not any(folder.iterdir()):
        return load_profile(SAMPLE)
    return _load(folder)


def load_profile(name: str) -> Office:
    """A built-in office: ``yancheng`` (facts of the 2024 scheme) or ``yunting`` (a fictional city)."""
    return _load(_profile(name))


def copy_profile(name: str, folder: Path) -> None:
    """Writes a built-in office into ``folder`` as a start to edit; refuses to overwrite. Raises RuleError."""
    source = _profile(name)
    folder.mkdir(parents=True, exist_ok=True)
    taken = [file for file in (*REQUIRED, *OPTIONAL) if (folder / file).exists()]
    if taken:
        raise RuleError(f"{folder} 中已有 {'、'.join(taken)}", next_step="请换一个空文件夹，或先移走这些文件。")
    for file in (*REQUIRED, *OPTIONAL):
        if source.joinpath(file).is_file():
            (folder / file).write_bytes(source.joinpath(file).read_bytes())


def _profile(name: str) -> Traversable:
    if name not in PROFILES:
        raise RuleError(f"没有名为“{name}”的内置配置", next_step=f"可用：{'、'.join(PROFILES)}。")
    return files("index.rules").joinpath("profiles", name)


def _load(folder: Path | Traversable) -> Office:
    missing = [file for file in REQUIRED if not folder.joinpath(file).is_file()]
    if missing:
        raise RuleError(
            f"office 文件夹缺少 {'、'.join(missing)}",
            next_step="请从程序目录 index/rules/profiles/yancheng 复制缺少的文件并改成本机构的内容，"
            "或清空该文件夹以使用内置示例。",
        )
    identity = read_identity(folder.joinpath("office.toml"))
    domains = tuple(_read_domains(folder.joinpath("domains.csv")))
    return _office(identity, domains, folder)


def _office(identity: Identity, domains: tuple[Domain, ...], folder: Path | Traversable) -> Office:
    return Office(
        city=identity.city,
        issuer_name=identity.issuer_name,
        platform=identity.platform,
        website=identity.website,
        report_title=identity.report_title,
        number_prefix=identity.number_prefix,
        verify_url=identity.verify_url,
        sample=identity.sample,
        purposes=identity.purposes,
        domains=domains,
        unit_aliases=tuple(_read_aliases(folder.joinpath("unit_aliases.csv"), domains)),
        bases=tuple(_read_bases(folder.joinpath("bases.csv"))),
        unit_kinds=tuple(_read_kinds(folder.joinpath("units.csv"))),
        main_domains=tuple(_read_main_domains(folder.joinpath("main_domains.csv"), domains)),
        calendar=Calendar(_read_calendar(folder.joinpath("calendar.csv"))),
    )


def _read_domains(file: Path | Traversable) -> list[Domain]:
    found: list[Domain] = []
    for row in rows(file, DOMAIN_COLUMNS):
        domain = _domain(row)
        if any(domain.number == other.number or domain.name == other.name for other in found):
            raise row.fail("序号", f"领域 {domain.number} {domain.name} 重复", "请删去重复的一行。")
        found.append(domain)
    if not found:
        raise RuleError("domains.csv 没有任何领域", next_step="请至少填写一行。")
    return found


def _domain(row: SheetRow) -> Domain:
    number = row.required("序号")
    if not (number.isascii() and number.isdigit() and 1 <= int(number) <= 999):
        raise row.fail("序号", f"“{number}”不是 1–999 的整数", "请填写领域的序号。")
    units = tuple(unit.strip() for unit in row.cells["责任单位"].split(";") if unit.strip())
    return Domain(
        number=int(number),
        name=row.required("领域"),
        note=row.cells["说明"],
        units=units,
        unit_text=row.required("责任单位原文"),
        batch=row.required("批次"),
        effective_on=row.day("实施日期"),
    )


def _read_bases(file: Path | Traversable) -> list[Basis]:
    found = []
    for row in rows(file, BASIS_COLUMNS):
        start, end = row.day("施行日期"), row.optional_day("有效期至")
        if end is not None and end < start:
            raise row.fail("有效期至", "早于施行日期", "请核对文件原文。")
        found.append(Basis(row.required("文件名称"), row.cells["文号"] or None, start, end))
    return found


def _read_aliases(file: Path | Traversable, domains: tuple[Domain, ...]) -> list[tuple[str, str]]:
    units = {unit for domain in domains for unit in domain.units}
    found: dict[str, str] = {}
    for row in rows(file, ALIAS_COLUMNS):
        alias, unit = row.required("别名"), row.required("单位")
        if unit not in units:
            raise row.fail("单位", f"domains.csv 中没有“{unit}”", "请改为 domains.csv 中的责任单位名称。")
        if alias in units or alias in found:
            raise row.fail("别名", f"“{alias}”已经登记过", "请删去重复的一行。")
        found[alias] = unit
    return list(found.items())


def _read_kinds(file: Path | Traversable) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    for row in rows(file, KIND_COLUMNS) if file.is_file() else ():
        unit, kind = row.required("单位"), row.required("类别")
        if kind not in SOURCE_KINDS:
            raise row.fail("类别", f"“{kind}”不是来源类别", f"可用：{'、'.join(SOURCE_KINDS)}。")
        if unit in found:
            raise row.fail("单位", f"“{unit}”已经登记过", "请删去重复的一行。")
        found[unit] = kind
    return list(found.items())


def _read_main_domains(file: Path | Traversable, domains: tuple[Domain, ...]) -> list[tuple[str, int]]:
    owned = {(unit, domain.number) for domain in domains for unit in domain.units}
    found: dict[str, int] = {}
    for row in rows(file, MAIN_COLUMNS) if file.is_file() else ():
        unit, number = row.required("单位"), row.required("领域序号")
        if not number.isdecimal() or (unit, int(number)) not in owned:
            raise row.fail("领域序号", f"“{number}”不是{unit}负责的领域", "请填 domains.csv 中由该单位负责的序号。")
        if unit in found:
            raise row.fail("单位", f"“{unit}”已经登记过", "请删去重复的一行。")
        found[unit] = int(number)
    return list(found.items())


def _read_calendar(file: Path | Traversable) -> dict[date, DayKind]:
    found: dict[date, DayKind] = {}
    for row in rows(file, CALENDAR_COLUMNS) if file.is_file() else ():
        day, kind = row.day("date"), row.required("kind")
        if kind not in {DayKind.OFF, DayKind.WORK}:
            raise row.fail("kind", f"“{kind}”不认识", "休息填 off，上班填 work。")
        if day in found:
            raise row.fail("date", f"{day.isoformat()} 重复", "请删去重复的一行。")
        found[day] = DayKind(kind)
    return found
