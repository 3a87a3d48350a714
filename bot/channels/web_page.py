"""The page of the chat put together: what was said before, what came now, and the form for what comes next.

* Every form carries the same words along (``web_talk.Kept``), so that the page goes on without a script.
"""

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from bot.assistant.answer import Turn
from bot.channels.asking import QUESTION_MAX
from bot.channels.showing import ShownAnswer, ShownRating
from bot.channels.showing_acted import ShownAct
from bot.channels.showing_past import ShownConversation
from bot.channels.web_checking import ShownCheck
from bot.channels.web_room import Room, Visitor
from bot.channels.web_talk import Kept, Talk, Talks
from index.questions.log import NOTE_MAX
from verify.public.problems import Problem

EXAMPLES = (
    "专用信用报告多长时间内有效？",
    "查询和下载专用信用报告收费吗？",
    "对报告里的记录有异议怎么办？",
    "已经完成信用修复的记录还会显示吗？",
)


@dataclass(frozen=True, slots=True)
class ChatPage:
    """``checks``: whether reports can be checked here now; ``acts``: whether anything can be done here."""

    room: Room
    talks: Talks
    checks: Callable[[], bool]
    acts: bool

    async def shown(
        self,
        who: Visitor,
        talk: Talk,
        *,
        as_of: str = "",
        draft: str = "",
        earlier: tuple[Turn, ...] = (),
        past: ShownConversation | None = None,
        now: ShownAnswer | ShownAct | ShownCheck | ShownRating | None = None,
        problem: Problem | None = None,
    ) -> web.Response:
        """``earlier``: the turns before, in plain words; ``past``: a conversation of the history, whole; ``now``: what
        has just come."""
        documents = await self.room.in_thread(who, self.room.library.documents)
        today = self.room.today().isoformat()
        return self.room.page(
            "chat.html",
            who,
            status=200 if problem is None else problem.status,
            documents=len(documents),
            limit=QUESTION_MAX,
            note_limit=NOTE_MAX,
            checks=self.checks(),
            acts=self.acts,
            offers_sign_in=self.room.door is not None and who.staff is None,
            problem=problem,
            examples=EXAMPLES,
            draft=draft,
            as_of=as_of or today,
            today=today,
            kept=self.kept(talk, who),
            earlier=earlier,
            past=past,
            shown=now if isinstance(now, ShownAnswer) else None,
            acted=now if isinstance(now, ShownAct) else None,
            checked=now if isinstance(now, ShownCheck) else None,
            rated=now if isinstance(now, ShownRating) else None,
        )

    def kept(self, talk: Talk, who: Visitor) -> Kept:
        return self.talks.kept(talk, who, self.room.reception.clock())
