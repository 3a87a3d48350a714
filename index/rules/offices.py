"""Loading an office: a folder of small files a clerk can edit, or a built-in sample profile.

Reads ``office.toml``, ``domains.csv``, ``bases.csv``, ``unit_aliases.csv`` and, where present, ``units.csv``,
``main_domains.csv``, ``calendar.csv`` and ``subject_kinds.csv``.

Rules kept:
* A folder that is absent or empty means the sample profile; a folder that is half filled is an error, not a sample.
* A real office (``sample = false``) has nothing left that is unverified (``index.rules.unverified``).
* Pure of the database: registered bases are added by ``index.rules.bases.with_registered``.

Source of the sample values: the Yancheng scheme of 2024, 二（三）（四）, 文末 and annex; the second city is fictional.
"""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from index.calendar import Calendar
from index.errors import RuleError
from index.rules import office_sheets
from index.rules.identity import Identity, read_identity
from index.rules.model import Domain, Office
from index.rules.subject_kinds import FILE as SUBJECT_KINDS
from index.rules.subject_kinds import read_subject_kinds, standard_kinds
from index.rules.unverified import unverified

SAMPLE = "yancheng"
PROFILES = ("yancheng", "yunting")
REQUIRED = ("office.toml", "domains.csv", "bases.csv", "unit_aliases.csv")
OPTIONAL = ("units.csv", "main_domains.csv", "calendar.csv", SUBJECT_KINDS)


def load_office(folder: Path | None) -> Office:
    """The office of ``folder``, or the sample office when the folder is None, absent or empty. Raises RuleError."""
    if folder is None or not folder.is_dir() or not any(folder.iterdir()):
        return load_profile(SAMPLE)
    return _load(folder)


def load_profile(name: str) -> Office:
    """A built-in office: ``yancheng`` (facts of the 2024 scheme) or ``yunting`` (a fictional city)."""
    return _load(profile_files(name))


def copy_profile(name: str, folder: Path) -> None:
    """Writes a built-in office into ``folder`` as a start to edit; refuses to overwrite. Raises RuleError."""
    source = profile_files(name)
    folder.mkdir(parents=True, exist_ok=True)
    taken = [file for file in (*REQUIRED, *OPTIONAL) if (folder / file).exists()]
    if taken:
        raise RuleError(f"{folder} 中已有 {'、'.join(taken)}", next_step="请换一个空文件夹，或先移走这些文件。")
    for file in (*REQUIRED, *OPTIONAL):
        if source.joinpath(file).is_file():
            (folder / file).write_bytes(source.joinpath(file).read_bytes())


def profile_files(name: str) -> Traversable:
    """The folder of a built-in office. Raises RuleError for a name that is none."""
    if name not in PROFILES:
        raise RuleError(f"没有名为“{name}”的内置配置", next_step=f"可用：{'、'.join(PROFILES)}。")
    return files("index.rules").joinpath("profiles", name)


def _load(folder: Path | Traversable) -> Office:
    missing = [file for file in REQUIRED if not folder.joinpath(file).is_file()]
    if missing:
        raise RuleError(
            f"office 文件夹缺少 {'、'.join(missing)}",
            next_step="请用 chenghe office init 在别处新建一份，把缺少的文件复制过来并改成本机构的内容；"
            "或清空该文件夹以使用内置示例。",
        )
    identity = read_identity(folder.joinpath("office.toml"))
    office = _office(identity, office_sheets.read_domains(folder.joinpath("domains.csv")), folder)
    left = () if office.sample else unverified(office)
    if left:
        first = "、".join(left[:5]) + (" 等" if len(left) > 5 else "")
        raise RuleError(
            f"还有 {len(left)} 处没有核实，不能正式使用（sample = false）：{first}",
            next_step="请核对文件原文后改掉“待核实”等示例内容；核实完之前，office.toml 填 sample = true。",
            code="OFFICE_UNVERIFIED",
        )
    return office


def _office(identity: Identity, domains: tuple[Domain, ...], folder: Path | Traversable) -> Office:
    bases = office_sheets.read_bases(folder.joinpath("bases.csv"))
    units, main = folder.joinpath("units.csv"), folder.joinpath("main_domains.csv")
    calendar, kinds = folder.joinpath("calendar.csv"), folder.joinpath(SUBJECT_KINDS)
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
        unit_aliases=office_sheets.read_aliases(folder.joinpath("unit_aliases.csv"), domains),
        bases=tuple(basis for basis, _ in bases),
        unit_kinds=office_sheets.read_unit_kinds(units) if units.is_file() else (),
        main_domains=office_sheets.read_main_domains(main, domains) if main.is_file() else (),
        calendar=office_sheets.read_calendar(calendar) if calendar.is_file() else Calendar(),
        subject_kinds=read_subject_kinds(kinds) if kinds.is_file() else standard_kinds(),
        sources=identity.purpose_sources + tuple((basis.title, source) for basis, source in bases if source),
        criminal_records_included=identity.criminal_records_included,
        allow_expired_basis=identity.allow_expired_basis,
        objection_days=identity.objection_days,
        signing_algorithm=identity.signing_algorithm,
    )
