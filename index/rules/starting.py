"""Setting up an office: a folder of commented files to fill in, made from a built-in profile.

Writes ``office.toml`` and every CSV, each with notes that tell a clerk what to write where.

Rules kept:
* Nothing is overwritten, and the folder appears whole or not at all: written beside its place, loaded, then moved.
* For another city the profile is a draft: its name is put in, every source becomes 待核实, and no basis is taken over –
  a text of one city is none of another. The office stays a sample until all of it is checked.

Source: issue 4, 1 ("a second city can be set up without code"); inventory B18; decision: docs/decisions/0133.
"""

import csv
import io
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from index.errors import RuleError
from index.rules import subject_kinds
from index.rules.identity import CITY
from index.rules.model import Domain, Office
from index.rules.offices import SAMPLE, load_office, load_profile
from index.rules.unverified import TEMPLATE_PREFIX, TEMPLATE_VERIFY_URL, UNVERIFIED


def start_office(folder: Path, *, city: str | None = None, profile: str = SAMPLE) -> Office:
    """Writes an office to fill in, and loads it. Raises RuleError (OFFICE_EXISTS, CITY, OFFICE_NOT_WRITABLE)."""
    model = load_profile(profile)
    draft = _Draft(model, _city(city) if city else model.city)
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise RuleError(
            f"{folder} 中已有内容，没有改动。", next_step="请换一个空文件夹，或先移走其中的文件。", code="OFFICE_EXISTS"
        )
    try:
        return _put(draft.files(), folder)
    except OSError as cause:
        raise RuleError(
            f"不能写入 {folder}：{cause.strerror}。", next_step="请换一个可以写入的文件夹。", code="OFFICE_NOT_WRITABLE"
        ) from cause


def _city(text: str) -> str:
    city = text.strip()
    if not CITY.fullmatch(city):
        raise RuleError(f"“{text}”不是城市全称。", next_step="请写全称，例如 盐城市。", code="CITY")
    return city


def _put(contents: Mapping[str, str], folder: Path) -> Office:
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for name, content in contents.items():
            _write(beside / name, content)
        office = load_office(beside)
        os.replace(beside, folder)  # onto nothing, or onto an empty folder
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return office


def _write(path: Path, content: str) -> None:
    """A CSV begins with a byte order mark: without it a double click shows Chinese as garbage."""
    encoding = "utf-8-sig" if path.suffix == ".csv" else "utf-8"
    with path.open("w", encoding=encoding, newline="\n") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


class _Draft:
    """The files of an office of ``city``, after the example of ``model``."""

    def __init__(self, model: Office, city: str) -> None:
        self._model = model
        self._city = city
        self._own = city == model.city

    def files(self) -> dict[str, str]:
        model = self._model
        return {
            "office.toml": self._settings(),
            "domains.csv": _sheet("domains.csv", [self._domain(domain) for domain in model.domains]),
            "bases.csv": _sheet("bases.csv", self._bases()),
            "unit_aliases.csv": _sheet(
                "unit_aliases.csv", [(self._named(alias), self._named(unit)) for alias, unit in model.unit_aliases]
            ),
            "units.csv": _sheet("units.csv", [(self._named(unit), kind) for unit, kind in model.unit_kinds]),
            "main_domains.csv": _sheet(
                "main_domains.csv", [(self._named(unit), str(number)) for unit, number in model.main_domains]
            ),
            "calendar.csv": _sheet("calendar.csv", []),
            subject_kinds.FILE: self._kinds(),
        }

    def _settings(self) -> str:
        text = _template("office.toml")
        for key, value in self._identity().items():
            text = text.replace(f"@{key}@", _quoted(value))
        return text + "".join(self._purposes(group, names) for group, names in self._model.purposes)

    def _purposes(self, group: str, names: tuple[str, ...]) -> str:
        source = self._source(dict(self._model.sources).get(group, ""))
        listed = ", ".join(_quoted(name) for name in names)
        stated = f"source = {_quoted(source)}\n" if source else ""
        return f"\n[[purposes]]\ngroup = {_quoted(group)}\n{stated}names = [{listed}]\n"

    def _identity(self) -> dict[str, str]:
        model, city = self._model, self._city
        if self._own:
            keys = ("city", "issuer_name", "platform", "website", "report_title", "number_prefix", "verify_url")
            return {key: getattr(model, key) for key in keys}
        return {
            "city": city,
            "issuer_name": f"{city}公共信用信息工作机构（{UNVERIFIED}）",
            "platform": f"{city}公共信用信息系统（{UNVERIFIED}）",
            "website": f"“信用中国（{city.removesuffix('市')}）”（{UNVERIFIED}）",
            "report_title": f"{city}经营主体专用信用报告",
            "number_prefix": TEMPLATE_PREFIX,
            "verify_url": TEMPLATE_VERIFY_URL,
        }

    def _domain(self, domain: Domain) -> tuple[str, ...]:
        return (
            str(domain.number),
            domain.name,
            domain.note,
            ";".join(self._named(unit) for unit in domain.units),
            self._named(domain.unit_text),
            domain.batch,
            domain.effective_on.isoformat(),
            domain.effective_to.isoformat() if domain.effective_to else "",
            self._source(domain.source),
        )

    def _bases(self) -> list[tuple[str, ...]]:
        if not self._own:
            return []
        sources = dict(self._model.sources)
        return [
            (
                basis.title,
                basis.document_number or "",
                basis.effective_from.isoformat(),
                basis.effective_to.isoformat() if basis.effective_to else "",
                sources.get(basis.title, ""),
            )
            for basis in self._model.bases
        ]

    def _kinds(self) -> str:
        standard = files("index.rules").joinpath(subject_kinds.FILE).read_text(encoding="utf-8")
        notes = [line for line in standard.splitlines() if line.startswith("#")]
        lines = [
            (
                rule.kind.value,
                "是" if rule.served else "否",
                ";".join(rule.code_classes),
                "是" if rule.derived else "否",
                rule.reason,
                self._source(rule.source),
            )
            for rule in self._model.subject_kinds.rules.values()
        ]
        return "\n".join(notes) + "\n" + _csv([subject_kinds.COLUMNS, *lines])

    def _named(self, text: str) -> str:
        """A unit's name with the new city's in place of the old one's."""
        if self._own:
            return text
        old, new = self._model.city.removesuffix("市"), self._city.removesuffix("市")
        return text.replace(old, new)

    def _source(self, text: str) -> str:
        return text if self._own else UNVERIFIED


def _quoted(text: str) -> str:
    """A TOML basic string: the same escapes as JSON's."""
    return json.dumps(text, ensure_ascii=False)


def _sheet(name: str, lines: list[tuple[str, ...]]) -> str:
    return _template(name) + _csv(lines)


def _csv(lines: list[tuple[str, ...]]) -> str:
    made = io.StringIO()
    csv.writer(made, lineterminator="\n").writerows(lines)
    return made.getvalue()


def _template(name: str) -> str:
    return files("index.rules").joinpath("template", name).read_text(encoding="utf-8")
