"""What a message at the page has done: the same actions as on the platforms, for whoever has signed in.

* Who that is, the directory says with every request, with the roles of this moment; whoever has not signed in is a
  stranger: policy answers, checks and calculators, and of everything else why not.
* The actions run in threads of their own; ``ACTS_MAX`` at a time, ``ACTS_OF_ONE`` of one member; ``STRANGERS_MAX`` more
  of strangers, who keep no member waiting.
* What a member began is noted in the history in the member's words, masked; what was answered is on the page and
  nowhere else: not in the log, not in what the next question brings along.
* An answer to what is no more waited for is no question: it goes to no texts, and into no log.

Source: issue 6 §3. Decision: docs/decisions/0242.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass

from aiohttp import web

from bot.actions.chosen import is_command
from bot.actions.said import PENDING_MINUTES, Action, Caller, Reply, Said
from bot.actions.typed import is_question
from bot.answering import OWN_ACCOUNT, account_told, first_answer
from bot.channels.showing_acted import ShownAct, shown_act
from bot.channels.web_files import Files
from bot.channels.web_line import Line
from bot.channels.web_room import STRANGERS, Room, Visitor
from bot.channels.web_talk import APP, Talk
from bot.post.inbox import storable
from index.directory.accounts import compared, written
from index.errors import OfficeError, StoreError
from index.questions.model import Act, Channel

ACTS_MAX, ACTS_OF_ONE = 24, 4
STRANGERS_MAX = 8
NO_ACCOUNT = "您还没有登录，没有账号可以登记。下一步：请先登录再说一遍；页面上没有“登录”的，请联系本单位管理员设置。"
OVER = (
    f"刚才说的事已经中断：超过了 {PENDING_MINUTES} 分钟，或者重新登录过、权限有变动。"
    "下一步：请从头再说一遍；先前回复过“确认”的，请先到窗口页面看是否已经办成。"
)


@dataclass(frozen=True, slots=True)
class Acted:
    """``talk``: as the next message finds it."""

    shown: ShownAct
    talk: Talk


class Acting:
    """``threads``: for reading and waiting; whoever made it ends it."""

    def __init__(self, room: Room, actions: tuple[Action, ...], threads: Executor, ticket: Callable[[], str]) -> None:
        self._room = room
        self._actions = actions
        self._threads = threads
        self._files = Files(ticket)
        self._line = Line(ACTS_MAX, ACTS_OF_ONE)
        self._strangers = Line(STRANGERS_MAX, STRANGERS_MAX)

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/files/{ticket}", self._room.for_members(self.fetch))]

    async def of(self, text: str, talk: Talk, who: Visitor) -> Acted | None:
        """What an action made of it; None: for the texts. Raises Refused when too much is under way."""
        text = storable(text)
        said = Said(text, _caller(talk, who), self._room.reception.clock(), (), talk.pending, key=talk.key(who, text))
        with (self._line if who.actor else self._strangers).place(who.actor or STRANGERS):
            found = await asyncio.get_running_loop().run_in_executor(self._threads, self._answer, said, who)
        if found is None:
            return _over(text, talk) if talk.over and not is_question(text) else None
        name, reply = found
        self._note(name, said, who)
        return Acted(self._shown(text, reply, who), _after(talk, reply))

    async def fetch(self, request: web.Request, who: Visitor) -> web.StreamResponse:
        name = request.match_info["ticket"]
        return self._files.fetched(name, who.holder, self._room.reception.clock())

    def _answer(self, said: Said, who: Visitor) -> tuple[str, Reply] | None:
        if said.text.strip() == OWN_ACCOUNT:
            return "", Reply(account_told(who.account, who.staff) if who.account else NO_ACCOUNT)
        try:
            return first_answer(self._actions, said)
        except StoreError as error:  # what was waited for may still be done
            return "", Reply(_told(error), pending=said.pending)
        except OfficeError as error:
            return "", Reply(_told(error))

    def _note(self, name: str, said: Said, who: Visitor) -> None:
        """What begins something, not the answers to what is asked on the way."""
        goes_on = said.pending is not None and said.pending.action == name and not is_command(said.text)
        if not name or goes_on or who.actor is None:
            return
        keeper = self._room.reception.keeper
        keeper.note(Act(said.now, Channel.WEB, who.actor, said.caller.conversation, name, said.text))

    def _shown(self, text: str, reply: Reply, who: Visitor) -> ShownAct:
        """A file is for somebody: nobody else can fetch it."""
        if reply.file is None or who.actor is None:
            return shown_act(text, reply, None)
        return shown_act(text, reply, self._files.put(reply.file, who.holder, self._room.reception.clock()))


def _over(text: str, talk: Talk) -> Acted:
    return Acted(shown_act(text, Reply(OVER), None), _after(talk, Reply(OVER)))


def _caller(talk: Talk, who: Visitor) -> Caller:
    account = written(compared(who.account)) if who.account else ""
    return Caller(who.staff, Channel.WEB.value, talk.conversation, group=False, app=APP, account=account)


def _after(talk: Talk, reply: Reply) -> Talk:
    return Talk(talk.conversation, talk.sending, talk.context, reply.pending)


def _told(error: OfficeError) -> str:
    return f"{error.message}下一步：{error.next_step}"
