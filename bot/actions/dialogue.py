"""One thing asked after the other: what was said so far is kept with what is asked now, in plain words.

* ``asked`` names the one thing whose answer comes next; nothing empty is kept.
"""

from collections.abc import Callable, Mapping

from bot.actions.choosing import CHOICES, chosen_by_number
from bot.actions.naming import is_code_alone, wanted_in
from bot.actions.said import Pending, Reply, Said
from bot.actions.typed import is_question


def asking(action: str, kept: Mapping[str, str], asked: str, text: str) -> Reply:
    """``text`` asks for ``asked``; ``action`` waits for it."""
    words = {key: value for key, value in kept.items() if value}
    return Reply(text, pending=Pending(action, {**words, "asked": asked}))


def is_else(said: Said, is_command: Callable[[str], bool], freely: str = "") -> bool:
    """Whether a message in a dialogue is no answer but a wish or a question of its own.

    A code alone is a wish to look it up, but not where a subject was asked for. ``freely``: what was asked there is
    answered in any words, also such as questions have.
    """
    asked = said.pending.kept["asked"] if said.pending else ""
    if asked == "subject" and is_code_alone(said.text):
        return False
    return is_command(said.text) or (asked != freely and is_question(said.text))


def with_subject(kept: Mapping[str, str], text: str) -> dict[str, str]:
    """``kept`` with the subject that ``text`` names: a number of the list, a code, a name; as it was without one.

    Raises RecordError for a code that is none.
    """
    code = chosen_by_number(text, kept[CHOICES]) if kept.get(CHOICES) else None
    if code is not None:
        return {**kept, "code": code, CHOICES: ""}
    wanted = wanted_in(text)
    return {**kept, "code": wanted.code, "name": wanted.name, CHOICES: ""} if wanted else dict(kept)
