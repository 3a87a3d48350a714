"""What can be had done in the terminal: what anybody may – days counted, a code checked – and why not the rest.

* The program cannot tell who types: the home belongs to one account of the system, whoever runs a command on it is that
  account, and the name of a user is what the environment says. So nobody is a member here, no record is looked up, no
  act is done in anybody's name. Administrators have commands for it, with their own lines in the audit.

Decision: docs/decisions/0243.
"""

import secrets
from datetime import datetime

from bot.actions.calculating import Calculating
from bot.actions.checking import ASK_CODE, HOW, Checking, Published
from bot.actions.chosen import is_command
from bot.actions.said import Action, Caller, Pending, Said, key_of
from bot.answering import OWN_ACCOUNT, first_answer
from index.calendar import Calendar
from index.questions.model import Channel

APP = "terminal"
NOT_HERE = (
    "终端里认不出您是谁，不查询记录，也不办理业务。下一步：请在登录后的网页问答或已登记的聊天账号里说同样的话；"
    "管理员请用相应的命令，见 docs/commands.md。"
)
NO_FILES = "终端里不能发文件，请用 chenghe verify 加文件名。"


class TerminalActs:
    """Of one conversation."""

    def __init__(self, calendar: Calendar, published: Published) -> None:
        checking: tuple[Action, ...] = (Checking(published),) if published.is_here() else ()
        self._actions: tuple[Action, ...] = (*checking, Calculating(calendar))
        self._pending: Pending | None = None

    def of(self, text: str, now: datetime) -> tuple[str, ...] | None:
        """The lines of the answer; None: for the texts. Raises OfficeError."""
        caller = Caller(None, Channel.TERMINAL.value, APP, group=False, app=APP, account="")
        said = Said(text, caller, now, (), self._pending, key=key_of(APP, secrets.token_hex(16)))
        self._pending = None
        found = first_answer(self._actions, said)
        if found is not None:
            _, reply = found
            self._pending = reply.pending
            lines = (line for text in (reply.text, *reply.blocks) for line in text.split("\n"))
            return (*lines, *((NO_FILES,) if reply.text in (HOW, ASK_CODE) else ()))
        return (NOT_HERE,) if is_command(text) or text.strip() == OWN_ACCOUNT else None
