"""``chenghe subjects import`` and ``chenghe records import``: what the departments provide; ``looking`` shows it."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import clock, console, rooms
from bot.commands import Commands, casework
from bot.commands.correcting import add_amending
from bot.commands.error_books import ErrorBooks
from bot.commands.histories import add_record_history, add_subject_history
from bot.commands.looking import add_listing, add_showing
from bot.settings import Home
from index.errors import UnreadableImport

if TYPE_CHECKING:
    from index.records.import_report import ImportReport

SHOWN_ERRORS = 20


def add_to(commands: Commands, common: argparse.ArgumentParser) -> None:
    subjects = commands.add_parser("subjects", help="经营主体：导入、查看").add_subparsers(
        dest="subjects", required=True, metavar="动作"
    )
    _importing(subjects, common, import_subjects, "导入经营主体表（CSV、XLSX）")
    add_showing(subjects, common)
    add_subject_history(subjects, common)

    records = commands.add_parser("records", help="信用记录：导入、列出").add_subparsers(
        dest="records", required=True, metavar="动作"
    )
    importing = _importing(records, common, import_records, "导入双公示表（CSV、XLSX）")
    importing.add_argument("--unit", metavar="U", help="数据提供单位；它负责的领域随之记为已接入")
    add_listing(records, common)
    add_record_history(records, common)
    add_amending(records, common)


def _importing(
    group: Commands, common: argparse.ArgumentParser, run: object, explanation: str
) -> argparse.ArgumentParser:
    parser = group.add_parser("import", parents=[common], help=explanation)
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--errors", metavar="PATH", help="没有导入的行写到这里（文件夹或 .xlsx），标出错误，改好再导入")
    parser.add_argument("--json", action="store_true", help="输出 JSON")
    parser.set_defaults(run=run)
    return parser


def import_subjects(options: argparse.Namespace, home: Home) -> int:
    from index.records.importing import import_subjects as load

    engine, office = rooms.store(home), rooms.office(home)

    def import_one(path: Path, progress: Callable[[int, float], None]) -> "ImportReport":
        return load(engine, path, office, now=clock.now(), actor=clock.operator(), progress=progress)

    return _import_each(options, import_one)


def import_records(options: argparse.Namespace, home: Home) -> int:
    from index.records.importing import import_records as load

    engine, office = rooms.store(home), rooms.office(home)
    told: set[str] = set()

    def import_one(path: Path, progress: Callable[[int, float], None]) -> "ImportReport":
        report = load(
            engine,
            path,
            office,
            unit=options.unit,
            now=clock.now(),
            actor=clock.operator(),
            progress=progress,
        )
        told.update(report.told)
        return report

    try:
        return _import_each(options, import_one)
    finally:  # also when a later file, or an error workbook, ends the command: what landed has changed reports
        if told:
            casework.publish_notices(home, sorted(told))


def _import_each(
    options: argparse.Namespace, import_one: "Callable[[Path, Callable[[int, float], None]], ImportReport]"
) -> int:
    """0 when every row of every file landed, 1 when some rows were refused, 2 when a whole file was; the others are in.

    A file that cannot be read is named and skipped.
    """
    told: list[dict[str, Any]] = []
    status = 0
    errors = ErrorBooks.of(options.errors, options.files)
    for name in options.files:
        try:
            with console.counting(label=Path(name).name, unit=" 行") as progress:
                report = import_one(Path(name), progress)
        except UnreadableImport as problem:
            told.append({"file": Path(name).name, "error": console.described(problem)})
            console.say(f"{Path(name).name}：没有导入。{problem.message}下一步：{problem.next_step}（{problem.code}）")
            status = 2
        else:
            _say(report)
            told.append(report.to_json() | errors.write(report, Path(name)))
            status = max(status, 1 if report.errors else 0)
    if options.json:
        console.print_json(told)
    return status


def _say(report: "ImportReport") -> None:
    console.say(
        f"{report.file}：共 {report.rows} 行，新增 {report.inserted}，更新 {report.updated}，"
        f"没有变化 {report.unchanged}，未导入 {report.rejected}"
    )
    if report.ignored_columns:
        console.say(f"  没有保存的列：{'、'.join(report.ignored_columns)}")
    for notice in report.notices:
        console.say(f"  请核对：{notice}")
    for error in report.errors[:SHOWN_ERRORS]:
        console.say(f"  第 {error.row} 行 {error.column}：{error.message} 下一步：{error.next_step}")
    if len(report.errors) > SHOWN_ERRORS:
        console.say(f"  ……另有 {len(report.errors) - SHOWN_ERRORS} 处，用 --json 查看全部。")
