"""Many reports in one request, on both sides of the counter: whose, what is missing, what came of it, one zip.

* A parent and its registered branches, nobody else: a code that is not of this family is not even looked at.
* The zip is made on disk and sent from there: many at once cost no memory.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO
from urllib.parse import quote
from zipfile import ZIP_STORED, ZipFile

from aiohttp import web
from sqlalchemy import ColumnElement, select

from index.records.model import Subject
from index.store import tables
from verify.issuing.orders import BatchItem
from verify.issuing.portal.forms import Asked
from verify.issuing.portal.reports import Choice
from verify.issuing.portal.room import Room, not_found

REPORTS_MAX = 100
"""A quarter of a second each: one request stays well within the minute that proxies wait."""
KEY = "[A-Za-z0-9_-]{16,40}"
KEY_MAX = 40


@dataclass(frozen=True, slots=True)
class Family:
    """A parent and its branches."""

    parent: Subject
    branches: tuple[Subject, ...]

    @property
    def subjects(self) -> tuple[Subject, ...]:
        return (self.parent, *self.branches)

    @property
    def proposed(self) -> frozenset[str]:
        """Who is ticked before anybody has chosen: the branches, as many as one request takes."""
        return frozenset(branch.code for branch in self.branches[:REPORTS_MAX])

    def ticked(self, asked: Asked) -> tuple[str, ...]:
        """Whom the form names, in the order of the page."""
        sent = asked.texts("subject-")
        return tuple(each.code for each in self.subjects if each.code in sent)

    def lines(self, items: Iterable[BatchItem]) -> list[tuple[str, BatchItem]]:
        """What came of each, with its name."""
        names = {each.code: each.name for each in self.subjects}
        return [(names.get(item.subject_code, item.subject_code), item) for item in items]


def missing_in(ticked: tuple[str, ...], choice: Choice, key: str) -> str:
    """What has not been said yet; empty when all is said."""
    if not ticked:
        return "请至少勾选一个主体。"
    if len(ticked) > REPORTS_MAX:
        return f"一次最多 {REPORTS_MAX} 份，请分几次办理。"
    if not re.fullmatch(KEY, key):
        return "表单不完整，请重新提交。"
    return "" if choice.years else "请先选择查询年限。"


def archive_of(room: Room, which: ColumnElement[bool], actor: str) -> web.Response:
    """The files of the reports ``which`` says; each report leaves its audit line. Raises Refused when there is none."""
    ledger = tables.ledger
    with room.engine.connect() as connection:
        numbers = connection.execute(select(ledger.c.number).where(which).order_by(ledger.c.number)).scalars().all()
    if not numbers:
        raise not_found()
    shown = quote(f"专用信用报告-{len(numbers)}份-{numbers[0]}.zip")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{shown}", "Cache-Control": "no-store"}
    return web.Response(body=_zipped(room, numbers, actor), content_type="application/zip", headers=headers)


def _zipped(room: Room, numbers: Iterable[str], actor: str) -> IO[bytes]:
    """Open, at its beginning; whoever sends it closes it."""
    file = TemporaryFile()  # noqa: SIM115 - outlives this function
    try:
        with ZipFile(file, "w", ZIP_STORED) as archive:  # docx and PDF are compressed already
            for number in numbers:
                report = room.issuing.issued(number, actor)
                for path in (report.docx, report.pdf):
                    if path is not None:
                        archive.write(path, f"{report.subject_code}-{number}{path.suffix}")
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file
