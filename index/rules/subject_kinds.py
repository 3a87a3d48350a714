"""Which kinds of subjects may have a report, and which kind a 统一社会信用代码 speaks of: ``subject_kinds.csv``.

Rules kept:
* Every kind of ``SubjectKind`` has exactly one row; a kind that is not served says why.
* The first two characters of a code (registering department, class of organization) give the kind where a file does
  not; no two kinds claim the same two characters.
* An office's own ``subject_kinds.csv`` replaces the built-in one whole: another city may serve more kinds.

Source: scheme of 2024, 二（二）, 三（六）; GB 32100-2015, 4.2–4.3; inventory B04, B18.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from types import MappingProxyType

from index.errors import RuleError
from index.records.model import SubjectKind
from index.rules.sheets import SheetRow, rows

FILE = "subject_kinds.csv"
COLUMNS = ("主体类型", "是否适用", "代码前两位", "按代码推定", "不适用的原因", "来源")
_CLASS = re.compile(r"[0-9A-HJ-NP-RTUWXY]{2}")


@dataclass(frozen=True, slots=True)
class KindRule:
    """What holds for one kind. ``code_classes``: the first two characters its codes may have; empty = not known.

    ``derived``: a code of these classes alone says the kind.
    """

    kind: SubjectKind
    served: bool
    code_classes: tuple[str, ...]
    derived: bool
    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class SubjectKinds:
    """The rules of all kinds, ready to be asked once per row."""

    rules: Mapping[SubjectKind, KindRule]
    by_class: Mapping[str, SubjectKind]
    of_class: Mapping[str, frozenset[SubjectKind]]

    @classmethod
    def of(cls, rules: Iterable[KindRule]) -> "SubjectKinds":
        """Of rules that ``read_subject_kinds`` has checked."""
        found = tuple(rules)
        classes = {each for rule in found for each in rule.code_classes}
        return cls(
            MappingProxyType({rule.kind: rule for rule in found}),
            MappingProxyType({each: rule.kind for rule in found if rule.derived for each in rule.code_classes}),
            MappingProxyType(
                {each: frozenset(rule.kind for rule in found if each in rule.code_classes) for each in classes}
            ),
        )

    def serves(self, kind: SubjectKind) -> bool:
        """Whether subjects of this kind may have a report (B04)."""
        return self.rules[kind].served

    def of_code(self, code: str) -> SubjectKind | None:
        """The kind a code speaks of; None when its class leaves it open."""
        return self.by_class.get(code[:2])

    def fits(self, kind: SubjectKind, code: str) -> bool:
        """False when the code's class belongs to other kinds only."""
        kinds = self.of_class.get(code[:2])
        return kinds is None or kind in kinds

    @property
    def served(self) -> tuple[SubjectKind, ...]:
        return tuple(kind for kind in self.rules if self.serves(kind))


@cache
def standard_kinds() -> SubjectKinds:
    """The built-in rules: those of the sample scheme."""
    return read_subject_kinds(files("index.rules").joinpath(FILE))


def read_subject_kinds(file: Path | Traversable) -> SubjectKinds:
    """The rules of ``file``. Raises RuleError naming file, row and next step."""
    found: dict[SubjectKind, KindRule] = {}
    owner: dict[str, SubjectKind] = {}
    for row in rows(file, COLUMNS):
        rule = _rule(row)
        if rule.kind in found:
            raise row.fail("主体类型", f"“{rule.kind}”已经登记过", "请删去重复的一行。")
        taken = [each for each in rule.code_classes if rule.derived and each in owner]
        if taken:
            raise row.fail("按代码推定", f"{taken[0]} 已推定为“{owner[taken[0]]}”", "同一个前两位只能有一类填“是”。")
        found[rule.kind] = rule
        owner.update(dict.fromkeys(rule.code_classes if rule.derived else (), rule.kind))
    missing = [kind.value for kind in SubjectKind if kind not in found]
    if missing:
        raise RuleError(f"{file.name} 缺少主体类型：{'、'.join(missing)}", next_step="请补上，每种一行。")
    return SubjectKinds.of(found.values())


def _rule(row: SheetRow) -> KindRule:
    name, served = row.required("主体类型"), row.yes("是否适用")
    if name not in set(SubjectKind):
        raise row.fail("主体类型", f"“{name}”不认识", f"可用：{'、'.join(SubjectKind)}。")
    classes = tuple(each.strip() for each in row.cells["代码前两位"].split(";") if each.strip())
    wrong = [each for each in classes if not _CLASS.fullmatch(each)]
    if wrong:
        raise row.fail("代码前两位", f"“{wrong[0]}”不是统一社会信用代码的前两位", "例如 91；多个用英文分号隔开。")
    reason = "" if served else row.required("不适用的原因")
    return KindRule(SubjectKind(name), served, classes, row.yes("按代码推定"), reason, row.required("来源"))
