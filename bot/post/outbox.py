"""What goes out: the letters of each answer, in order, until each is sent or given up.

* A letter is tried only after the try itself is written down: what a platform may have seen is never forgotten.
* ``key`` is made of the platform's own id of the message: the same for every repetition, another for any other letter.
* When one letter of an answer is given up, so are those after it: the end of an answer alone helps nobody.

Operations on an open transaction of ``messages.db``; the moment is passed in.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from bot.channels.messages import Incoming, OutFile
from bot.post.inbox import Line, storable
from bot.post.tables import attempts, letters

QUEUED, SENT, GIVEN_UP = "queued", "sent", "given_up"
FAULT_MAX = 300


@dataclass(frozen=True, slots=True)
class Letter:
    """One call of a platform. Either ``text`` or ``file``. ``tries``: how often it was tried, last ``failed_at``."""

    number: int
    message: int
    line: Line
    recipient: str
    route: Mapping[str, str]
    text: str
    file: OutFile | None
    key: str
    written_at: datetime
    tries: int
    failed_at: datetime | None
    not_before: datetime | None


def key_of(app: str, id: str, position: int) -> str:
    return hashlib.sha256(json.dumps([app, id, position]).encode("ascii")).hexdigest()[:32]


def put(
    connection: Connection, message: int, incoming: Incoming, texts: Sequence[str], file: OutFile | None, at: datetime
) -> list[int]:
    """Queues the letters of one answer, the file last; their numbers."""
    common = {
        "message": message,
        "app": incoming.app,
        "conversation": storable(incoming.conversation),
        "recipient": storable(incoming.conversation if incoming.group else incoming.sender),
        "route": json.dumps(dict(incoming.route)),
        "state": QUEUED,
        "passive": False,
        "written_at": at,
        "tries": 0,
    }
    bodies: list[dict[str, Any]] = [{"text": storable(text)} for text in texts]
    if file is not None:
        bodies.append({"file_name": storable(file.name), "file": file.content})
    numbers = []
    for position, body in enumerate(bodies):
        row = {**common, **body, "key": key_of(incoming.app, incoming.id, position)}
        numbers.append(_number(connection.execute(insert(letters).values(**row))))
    return numbers


def queued(connection: Connection) -> list[tuple[Line, int]]:
    """What is to be sent, oldest first."""
    rows = select(letters.c.app, letters.c.conversation, letters.c.number).where(letters.c.state == QUEUED)
    return [((row.app, row.conversation), row.number) for row in connection.execute(rows.order_by(letters.c.number))]


def find(connection: Connection, number: int) -> Letter | None:
    """A letter that is still queued."""
    row = connection.execute(select(letters).where(letters.c.number == number, letters.c.state == QUEUED)).one_or_none()
    if row is None:
        return None
    last = select(attempts.c.ended_at).where(attempts.c.letter == number, attempts.c.ended_at.is_not(None))
    return _letter(row, connection.scalar(last.order_by(attempts.c.number.desc()).limit(1)))


def begin_try(connection: Connection, letter: Letter, at: datetime) -> int | None:
    """Notes that the platform is being called; the number of the attempt, None when the letter is done."""
    still = update(letters).where(letters.c.number == letter.number, letters.c.state == QUEUED)
    if not connection.execute(still.values(tries=letters.c.tries + 1)).rowcount:
        return None
    row = {"letter": letter.number, "app": letter.line[0], "recipient": letter.recipient, "begun_at": at}
    return _number(connection.execute(insert(attempts).values(**row)))


def sent(connection: Connection, letter: Letter, attempt: int, at: datetime) -> None:
    _end(connection, attempt, at)
    _set(connection, letter, state=SENT, done_at=at)


def failed(
    connection: Connection,
    letter: Letter,
    attempt: int,
    at: datetime,
    *,
    fault: str,
    not_before: datetime,
    doubtful: bool,
) -> None:
    """It is tried again, not before that moment. ``doubtful``: the platform may have it, and will not recognise it."""
    _end(connection, attempt, at)
    known = letters.c.doubtful + (1 if doubtful else 0)
    _set(connection, letter, not_before=not_before, fault=storable(fault)[:FAULT_MAX], doubtful=known)


def give_up(connection: Connection, letter: Letter, attempt: int | None, at: datetime, *, fault: str) -> None:
    """It and what was to follow it of the same answer."""
    if attempt is not None:
        _end(connection, attempt, at)
    rest = update(letters).where(letters.c.message == letter.message, letters.c.number >= letter.number)
    done = {"state": GIVEN_UP, "done_at": at, "fault": storable(fault)[:FAULT_MAX]}
    connection.execute(rest.where(letters.c.state == QUEUED).values(**done))


def claim(connection: Connection, message: int, at: datetime, in_time: Callable[[], bool]) -> str | None:
    """The whole answer, marked as sent, for the platform's own call; the same again when it was sent in this way.

    None when it is more than one text, has been tried the other way, something in its conversation goes first, or the
    books came to it too late: the platform has hung up.
    """
    rows = connection.execute(select(letters).where(letters.c.message == message)).all()
    if len(rows) != 1 or rows[0].text is None:
        return None
    row = rows[0]
    if row.passive:
        return str(row.text)
    if row.state != QUEUED or row.tries or _has_earlier(connection, row) or not in_time():
        return None
    _set(connection, _letter(row, None), state=SENT, done_at=at, passive=True)
    return str(row.text)


def end_attempts(connection: Connection, at: datetime, forgetful: Sequence[str]) -> None:
    """Those whose process ended during them: until now the platform may have seen them.

    ``forgetful``: the apps whose platform will not recognise a repetition.
    """
    open_ = select(attempts.c.letter).where(attempts.c.ended_at.is_(None), attempts.c.app.in_(forgetful))
    unsure = update(letters).where(letters.c.number.in_(open_), letters.c.state == QUEUED)
    connection.execute(unsure.values(doubtful=letters.c.doubtful + 1))
    connection.execute(update(attempts).where(attempts.c.ended_at.is_(None)).values(ended_at=at))


def calls(connection: Connection, at: datetime, seconds: float) -> list[tuple[str, str, float]]:
    """App, recipient and age in seconds of the end of each call of the last ``seconds``, oldest first."""
    ended = attempts.c.ended_at
    recent = select(attempts.c.app, attempts.c.recipient, ended).where(ended > at - timedelta(seconds=seconds))
    rows = connection.execute(recent.order_by(ended))
    return [(app, recipient, max(0.0, (at - moment).total_seconds())) for app, recipient, moment in rows]


def _has_earlier(connection: Connection, row: Any) -> bool:
    earlier = select(letters.c.number).where(
        letters.c.state == QUEUED,
        letters.c.app == row.app,
        letters.c.conversation == row.conversation,
        letters.c.number < row.number,
    )
    return connection.execute(earlier.limit(1)).first() is not None


def _end(connection: Connection, attempt: int, at: datetime) -> None:
    connection.execute(update(attempts).where(attempts.c.number == attempt).values(ended_at=at))


def _set(connection: Connection, letter: Letter, **values: Any) -> None:
    connection.execute(update(letters).where(letters.c.number == letter.number).values(**values))


def _letter(row: Any, failed_at: datetime | None) -> Letter:
    file = None if row.file_name is None else OutFile(row.file_name, row.file)
    line = row.app, row.conversation
    return Letter(
        row.number, row.message, line, row.recipient, json.loads(row.route), row.text or "", file, row.key,
        row.written_at, row.tries, failed_at, row.not_before,
    )  # fmt: skip


def _number(added: Any) -> int:
    return int(added.inserted_primary_key[0])
