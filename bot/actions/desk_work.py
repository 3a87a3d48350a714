"""What a clerk may have done for a visitor here: one piece of desk work, step by step, and only after 确认.

Rules kept, whatever the work:
* Known staff with its role, alone with the robot; others are told where subjects go themselves.
* A wish begins it anew; what is no answer to what was asked is left to others, and ends it.
* The subject is named by code, by name, or by a number of a short list; records about it are read by duty.
* The act is made from the message that led to the confirmation (``confirm``): however often the 确认 is answered,
  after a kill too, it is one report, one objection.

Source: issue 6 §2, §3. Decisions: docs/decisions/0231, 0232, 0244.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from bot.actions.choosing import CHOICES, chosen_of
from bot.actions.dialogue import asking, is_else, with_subject
from bot.actions.naming import Wanted, code_in, wanted_code, wanted_name, with_codes_joined
from bot.actions.said import Reply, Said
from bot.actions.staff_only import SELF_SERVICE, actor_of, admitted
from bot.actions.typed import CANCELLED, LONGEST, folded, is_no
from index.access import Duty, Entitlement
from index.admission import admit
from index.directory.model import Role, Staff
from index.errors import RecordError
from index.rules.model import Office

UNNAMED = "未指明主体"


@dataclass(frozen=True, slots=True)
class Heard:
    """A wish: ``said`` are the named parts of its words; ``wanted`` None: no subject was named."""

    said: Mapping[str, str | None]
    wanted: Wanted | None


def heard(wishes: Sequence[re.Pattern[str]], text: str) -> Heard | None:
    """The first of ``wishes`` that ``text`` is, with its groups ``code`` and ``name``. Raises RecordError.

    What may be no subject's name is no wish: it may be a question of policy.
    """
    if len(text) > LONGEST:
        return None
    plain = with_codes_joined(text)
    found = next((match for wish in wishes if (match := wish.fullmatch(folded(plain)))), None)
    if found is None:
        return None
    said = found.groupdict()
    if said.get("code"):
        return Heard(said, wanted_code(code_in(plain) or ""))
    if not said.get("name"):
        return Heard(said, None)
    wanted = wanted_name(said["name"])
    return Heard(said, wanted) if wanted else None


@dataclass(frozen=True, slots=True)
class Work:
    """``what``, ``matter``: as refusals and the audit say it. ``freely``: what is asked there is answered in any words.

    ``which``: the question for the subject.
    """

    name: str
    what: str
    matter: str
    role: Role
    which: str
    freely: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """``is_command``: whether a message is meant for any action, so that it is no answer to a question of ours."""

    work: Work
    engine: Engine
    office: Office
    is_command: Callable[[str], bool]

    def clerk(self, said: Said, wanted: Wanted | None, *, begins: bool) -> Staff | Reply | None:
        """Who may go on, with a wish (``begins``) or with what was asked; else what to say; None: not ours."""
        if not begins and not self._is_answer(said):
            return None
        target = wanted.code or wanted.name if wanted else UNNAMED
        instead = SELF_SERVICE.format(self.office.website)
        staff = admitted(self.engine, said, self.work.role, self.work.what, target, instead)
        if isinstance(staff, Staff) and not begins and is_no(said.text):
            return Reply(CANCELLED)
        return staff

    def _is_answer(self, said: Said) -> bool:
        if said.pending is None or said.pending.action != self.work.name or said.files:
            return False
        return is_no(said.text) or not is_else(said, self.is_command, freely=self.work.freely)

    def with_subject(self, said: Said, kept: Mapping[str, str]) -> dict[str, str] | Reply:
        """``kept`` with the subject that the message names; or what is wrong with it, and it is asked for again."""
        try:
            return with_subject(kept, said.text)
        except RecordError as error:
            return Reply(f"{error.message}{error.next_step}", pending=said.pending)

    def identified(self, said: Said, staff: Staff, kept: Mapping[str, str]) -> dict[str, str] | Reply:
        """``kept`` with the code of its subject; or the question which one. Raises AccessDenied."""
        if kept.get("code"):
            return dict(kept)
        if not kept.get("name"):
            return asking(self.work.name, kept, "subject", self.work.which)
        chosen = chosen_of(self.engine, self.office, Wanted(name=kept["name"]), self.duty(staff), said.now)
        if chosen.code:
            return {**kept, "code": chosen.code}
        listed = {**kept, "name": "", CHOICES: ",".join(chosen.codes)}
        return asking(self.work.name, listed, "subject", chosen.text)

    def ask(self, kept: Mapping[str, str], asked: str, text: str) -> Reply:
        return asking(self.work.name, kept, asked, text)

    def confirm(self, said: Said, kept: Mapping[str, str], text: str) -> Reply:
        """Asks for the 确认 of one act."""
        return asking(self.work.name, {**kept, "key": kept.get("key") or f"chat:{said.key}"}, "confirmation", text)

    def admission(self, said: Said, staff: Staff, code: str) -> Entitlement:
        """Who may no more read about the subject does nothing for it either. Raises AccessDenied."""
        return admit(self.engine, self.duty(staff), code, now=said.now, office=self.office)

    def duty(self, staff: Staff) -> Duty:
        return Duty(staff.unit, self.work.matter, actor_of(staff), self.work.matter)
