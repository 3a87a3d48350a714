"""What a batch asks: files, zips of files, a list of bidders, a moment, and the form of the answer.

* ``file`` any number of times, each a report or a zip; ``bidders`` once; ``at`` and ``format`` as fields. Anything
  else is passed over.
* The form of the answer is the field ``format``, or what the Accept header prefers, or NDJSON.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from aiohttp import hdrs, web

from verify.batch.inputs import ZIP, Item, items_of_zip, nothing_in, shown, too_many
from verify.documents.reading import FILE_LIMIT_BYTES
from verify.errors import DocumentError
from verify.public.asking import moment
from verify.public.problems import PROBLEMS, Problem, Refused
from verify.public.spooling import Part
from verify.reasons import Reason, Rejection

FIELD_MAX = 200


class Form(Enum):
    """``value`` is the media type."""

    NDJSON = "application/x-ndjson"
    JSON = "application/json"
    CSV = "text/csv"
    XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Batch:
    """``bidders``: the list as it was sent; None without one. ``form``: None when no field asks for one."""

    items: tuple[Item, ...]
    bidders: bytes | None
    at: datetime | None
    form: Form | None


def batch_of(parts: Sequence[Part], *, files: int) -> Batch:
    """Raises Refused. Takes as long as the directories of the zips."""
    items: list[Item] = []
    fields: dict[str, str] = {}
    bidders: bytes | None = None
    for part in parts:
        if part.filename is None:
            fields.setdefault(part.name, _field(part))
        elif part.name == "bidders":
            bidders = _limited(part) if part.size else bidders
        elif part.name == "file" and (part.size or part.filename):
            items.extend(_items(part, part.filename))
    if not items:
        raise Refused(PROBLEMS[400])
    if len(items) > files:
        raise refused_as(too_many(len(items), files), 413)
    return Batch(tuple(items), bidders, moment(fields.get("at") or None), _named(fields.get("format")))


def preferred(request: web.Request) -> Form:
    """By the Accept header; among several the first that is known."""
    for accepted in request.headers.get(hdrs.ACCEPT, "").split(","):
        for form in Form:
            if accepted.partition(";")[0].strip().lower() == form.value:
                return form
    return Form.NDJSON


def refused_as(error: DocumentError | Rejection, status: int) -> Refused:
    return Refused(Problem(status, error.code, "没有核验", error.message, error.next_step))


def _named(text: str | None) -> Form | None:
    if not text:
        return None
    if text.upper() not in Form.__members__:
        raise Refused(PROBLEMS[400])
    return Form[text.upper()]


def _field(part: Part) -> str:
    if part.size > FIELD_MAX:
        raise Refused(PROBLEMS[413])
    try:
        return part.content().decode("utf-8")
    except UnicodeDecodeError as cause:
        raise Refused(PROBLEMS[400]) from cause


def _items(part: Part, filename: str) -> list[Item]:
    """A zip that is refused as a whole is one answer."""
    if part.head(len(ZIP)) == ZIP:
        try:
            members = items_of_zip(part.file())
        except DocumentError as error:
            raise refused_as(error, 413) from error
        except Rejection as rejection:
            return [Item(shown(filename), _refusing(rejection))]
        if members is not None:
            return members or [nothing_in(filename)]
    return [Item(shown(filename), lambda: _limited(part))]


def _limited(part: Part) -> bytes:
    if part.size > FILE_LIMIT_BYTES:
        raise Rejection(Reason.FILE_TOO_LARGE)
    return part.content()


def _refusing(rejection: Rejection) -> Callable[[], bytes]:
    def content() -> bytes:
        raise Rejection(rejection.reason, rejection.detail)

    return content
