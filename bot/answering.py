"""What a message from a platform is answered with: who asks, what for, and who can say it.

1. The sender's account is looked up in the directory; an account nobody knows is nobody, whatever its name.
2. Attachments are fetched, bounded in number and size.
3. The actions are asked in order; the first that takes the message answers it.
4. Else the assistant answers from the policy texts; its line goes into the question log.

* Unknown accounts get what the office allows them: answers from policy texts, or the way to the administrator.
* Everybody is told his own account when he asks for it alone: it is what the administrator registers.
* What was said to another holder of the account, or to a member with other duties, is not gone on with.
* Where it is not known whether an act was done, its dialogue stays: the same 确认, again, is the same act.
* A fault is answered with a sentence and the next step; it never leaves the member without an answer.

Source: issue 6 §1, §3; design §1.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol, TypeVar

from bot.actions.said import Action, Caller, Reply, Said, SentFile, key_of
from bot.actions.standing import standing_of
from bot.assistant.answer import Answer, Citation, Turn
from bot.assistant.desk import Exchange
from bot.channels.messages import Attachment, Incoming, SendFailed
from bot.post.inbox import storable
from bot.post.remembering import Memory
from index.directory.accounts import Platform, compared, written
from index.directory.model import Account, Staff
from index.errors import OfficeError, StoreError
from index.questions.model import Channel

QUESTION_MAX = 500
FILES_MAX = 5
Result = TypeVar("Result")
NOBODY = "您的账号还没有登记为工作人员，暂时不能提问。下一步：发送“我的账号”，把收到的内容告诉本单位管理员。"
OWN_ACCOUNT = "我的账号"
EMPTY = "没有看到问题。下一步：请直接输入要问的内容，例如“专用信用报告多长时间内有效？”"
NOT_FETCHED = "没有从平台取到您发的文件。下一步：请重新发送一次；文件不要超过 20 MB。"
UNREAD = "收到了文件，但其中没有找到信用报告的核验码。下一步：请发送报告原件，或把首页右上角的二维码拍清楚再发。"
TOO_LONG = f"问题超过了 {QUESTION_MAX} 个字。下一步：请缩短问题，一次只问一件事。"


class Directory(Protocol):
    def find(self, account: Account) -> Staff | None:
        """The active member of this account."""


class Asked(Protocol):
    """``bot.channels.reception.Reception.answer``."""

    async def __call__(
        self, question: str, *, as_of: date, channel: Channel, context: Sequence[Turn], actor: str | None
    ) -> Exchange: ...


class InThread(Protocol):
    """Where reading and waiting stop nobody else."""

    async def __call__(self, work: Callable[[], Result]) -> Result: ...


Fetch = Callable[[Incoming, Attachment], Awaitable[bytes]]
"""From the platform, bounded. Raises SendFailed."""


@dataclass(frozen=True, slots=True)
class Answering:
    """Used from the event loop. ``strangers``: whether unknown accounts get policy answers."""

    directory: Directory
    actions: tuple[Action, ...]
    ask: Asked
    in_thread: InThread
    fetch: Fetch
    clock: Callable[[], datetime]
    strangers: bool = True

    async def answer(self, incoming: Incoming, memory: Memory) -> Reply:
        """Raises nothing but faults of ours."""
        account = Account(incoming.platform.value, incoming.tenant, incoming.sender)
        try:
            staff = await self.in_thread(lambda: self.directory.find(account))
        except OfficeError as error:
            return Reply(_told(error), pending=memory.pending, holder=memory.holder)
        known = memory.of(standing_of(staff))
        return replace(await self._answer(incoming, account, staff, known), holder=known.holder)

    async def _answer(self, incoming: Incoming, account: Account, staff: Staff | None, memory: Memory) -> Reply:
        try:
            text = storable(incoming.text).strip()
            if text == OWN_ACCOUNT and not incoming.group:
                return Reply(account_told(account, staff))
            if staff is None and not self.strangers:
                return Reply(NOBODY)
            files = await self._files(incoming)
            said = Said(
                text,
                _caller(incoming, account, staff),
                self.clock(),
                files,
                memory.pending,
                key=key_of(incoming.app, incoming.id),
            )
            acted = await self.in_thread(lambda: first_answer(self.actions, said))
            return acted[1] if acted else await self._from_the_texts(said, memory.turns)
        except StoreError as error:
            return Reply(_told(error), pending=memory.pending)
        except OfficeError as error:
            return Reply(_told(error))
        except SendFailed:
            return Reply(NOT_FETCHED)

    async def _files(self, incoming: Incoming) -> tuple[SentFile, ...]:
        wanted = incoming.attachments[:FILES_MAX]
        return tuple([SentFile(each.name, await self.fetch(incoming, each)) for each in wanted])

    async def _from_the_texts(self, said: Said, context: Sequence[Turn]) -> Reply:
        if not said.text:
            return Reply(UNREAD if said.files else EMPTY)
        if len(said.text) > QUESTION_MAX:
            return Reply(TOO_LONG)
        staff, channel = said.caller.staff, Channel(said.caller.channel)
        exchange = await self.ask(
            said.text, as_of=said.now.date(), channel=channel, context=context, actor=staff.id if staff else None
        )
        return reply_of(exchange.answer)


def _caller(incoming: Incoming, account: Account, staff: Staff | None) -> Caller:
    named = written(compared(account))
    channel, conversation = incoming.platform.value, incoming.conversation
    return Caller(staff, channel, conversation, incoming.group, app=incoming.app, account=named)


def _told(error: OfficeError) -> str:
    return f"{error.message}下一步：{error.next_step}"


def first_answer(actions: Sequence[Action], said: Said) -> tuple[str, Reply] | None:
    """Of the action that waits, else of the first that takes it: its name, its answer. None: for the texts.

    Raises OfficeError.
    """
    waiting = said.pending.action if said.pending else None
    for action in sorted(actions, key=lambda each: each.name != waiting):
        reply = action.answers(said)
        if reply is not None:
            return action.name, reply
    return None


def account_told(account: Account, staff: Staff | None) -> str:
    """For the administrator, who cannot see a follower's account anywhere else."""
    if not account.tenant:
        return "这个账号不属于任何企业，不能登记。下一步：请用本单位的账号发消息。"
    platform = Platform.OIDC.label if account.platform == Platform.OIDC else Channel(account.platform).label
    who = f"已登记为{staff.unit}的{staff.name}" if staff else "还没有登记"
    told = f"您的账号：{platform}，{account.tenant}，{account.account}；{who}。"
    return f"{told}下一步：请把它告诉本单位管理员。"


def reply_of(answer: Answer) -> Reply:
    """An answer in a chat: the sentence, then each clause with its document and status, then what to watch."""
    clauses = (_cited(each, answer.answer) for each in answer.citations)
    notices = (f"提示：{notice}" for notice in answer.notices)
    return Reply(answer.answer, (*clauses, *notices), suggestions=answer.suggestions)


def _cited(citation: Citation, said: str) -> str:
    """The document and its state; where in it and the words too, unless they have been said."""
    number = f"（{citation.document_number}）" if citation.document_number else ""
    document, state = f"依据：《{citation.document}》{number}", f"【{citation.status.state.label}】"
    if citation.quote in said:
        return f"{document}{state}"
    heading = f" {'／'.join(citation.heading)}" if citation.heading else ""
    return f"{document}{heading}{state}\n“{citation.quote}”"
