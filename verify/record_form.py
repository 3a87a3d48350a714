"""The form of a verification record: the keys at every level, their types and bounds, as docs/record.md lists them.

* Exactly these keys, no others and none missing; numbers are whole, ``true`` is none; text has no control character and
  no lone surrogate, so that a record can be shown on a terminal as it is.
* Codes are codes of this program, and a reason stands beside its own verdict.

Source: docs/record.md (chenghe-record-1); docs/decisions/0211.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from unicodedata import category

from verify.notices import Notice
from verify.reasons import WORDING, Reason

FORMAT = "chenghe-record-1"
NAME_MAX, ORGANISATION_MAX, FILE_NAME_MAX, PROGRAM_MAX = 60, 120, 120, 80
_TEXT_MAX, _LIST_MAX = 400, 1000
_NUMBER_MAX = (1 << 53) - 1
_HEX = re.compile(r"[0-9a-f]{64}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\+08:00")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_STATUSES = ("valid", "revoked", "suspended", "superseded")

Form = Callable[[Any], bool]


def is_record(content: Any) -> bool:
    """Whether ``content``, parsed JSON, has the form of a record. Says nothing of its signature."""
    return _RECORD(content) and WORDING[Reason[content["reason"]]].verdict.value == content["verdict"]


def plain(text: str) -> bool:
    """Whether ``text`` can be shown: no control character, no lone surrogate, no separator of lines."""
    return not any(category(character) in ("Cc", "Cs", "Zl", "Zp") for character in text)


def _text(most: int = _TEXT_MAX, least: int = 0) -> Form:
    return lambda value: isinstance(value, str) and least <= len(value) <= most and plain(value)


def _one_of(*words: str) -> Form:
    return lambda value: isinstance(value, str) and value in words


def _whole(value: Any) -> bool:
    return type(value) is int and 0 <= value <= _NUMBER_MAX


def _hex(value: Any) -> bool:
    return isinstance(value, str) and _HEX.fullmatch(value) is not None


def _written(pattern: re.Pattern[str], read: Callable[[str], object]) -> Form:
    def form(value: Any) -> bool:
        if not isinstance(value, str) or pattern.fullmatch(value) is None:
            return False
        try:
            read(value)
        except ValueError:
            return False
        return True

    return form


def _or_null(form: Form) -> Form:
    return lambda value: value is None or form(value)


def _list(form: Form) -> Form:
    return lambda value: isinstance(value, list) and len(value) <= _LIST_MAX and all(map(form, value))


def _object(**members: Form) -> Form:
    def form(value: Any) -> bool:
        known = isinstance(value, dict) and set(value) == set(members)
        return known and all(member(value[name]) for name, member in members.items())

    return form


_moment, _day = _written(_MOMENT, datetime.fromisoformat), _written(_DAY, date.fromisoformat)
_FILE = _object(kind=_one_of("file"), name=_or_null(_text(FILE_NAME_MAX)), sha256=_or_null(_hex))
_NO_FILE = _object(kind=_one_of("code", "typed"), name=lambda value: value is None, sha256=lambda value: value is None)
_RECORD = _object(
    format=_one_of(FORMAT),
    checker=_object(name=_text(NAME_MAX, 1), organisation=_text(ORGANISATION_MAX)),
    recorded_at=_moment,
    asked_at=_moment,
    input=lambda value: _FILE(value) or _NO_FILE(value),
    verdict=_text(),
    reason=_one_of(*Reason.__members__),
    notices=_list(_one_of(*(notice.value for notice in Notice))),
    differences=_whole,
    report=_or_null(
        _object(
            number=_text(),
            type=_text(),
            subject_name=_text(),
            subject_code=_text(),
            period_from=_day,
            period_to=_day,
            issued_at=_moment,
            valid_until=_moment,
            domains=_whole,
            records=_whole,
            domains_without_data=_whole,
        )
    ),
    token_sha256=_or_null(_hex),
    log=_or_null(
        _object(
            origin=_text(),
            index=_whole,
            logged_at=_moment,
            tree_size=_whole,
            checkpoint_at=_moment,
            witnesses=_list(_text()),
            changes=_list(_object(status=_one_of(*_STATUSES), at=_moment, index=_whole)),
        )
    ),
    trust=_or_null(
        _object(
            issuer=_text(),
            root_sha256=_hex,
            key_list_version=_whole,
            key_list_issued_at=_moment,
            status_list_issued_at=_or_null(_moment),
            notice_list_issued_at=_or_null(_moment),
        )
    ),
    checked_in=_one_of("browser", "server", "command line"),
    program=_text(PROGRAM_MAX),
    public_key=_text(),
    signature=_text(),
)
