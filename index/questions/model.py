"""The facts of the question log: what was asked and answered, what readers said of it, what experts have approved.

* An ``Entry`` is one question in all its wordings that count as the same (``index.questions.sameness``); its number is
  what staff type.
* An ``Asking`` is one time it was asked; a ``Line`` is an asking on its way into the log.
* An ``Approval`` is an expert's word on an entry: an answer with its clauses, or the clauses alone, or that none is
  needed. The last word counts.
* A ``Cited`` clause names document, span and exact words, so that one sees later whether the source still says it.

Moments are aware (Asia/Shanghai), days are calendar days, spans are half-open character offsets.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Channel(StrEnum):
    """Where a question came in."""

    TERMINAL = "terminal"
    WEB = "web"
    API = "api"
    WECOM = "wecom"
    WECHAT = "wechat"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    MCP = "mcp"

    @property
    def label(self) -> str:
        return _CHANNELS[self.value]


_CHANNELS = {
    "terminal": "命令行",
    "web": "网页",
    "api": "接口",
    "wecom": "企业微信",
    "wechat": "微信公众号",
    "dingtalk": "钉钉",
    "feishu": "飞书",
    "mcp": "智能助手接口",
}


class Verdict(StrEnum):
    """What a reader says of an answer."""

    USEFUL = "useful"
    USELESS = "useless"

    @property
    def label(self) -> str:
        return {"useful": "有用", "useless": "没用"}[self.value]


class ApprovalKind(StrEnum):
    ANSWER = "answer"
    """The office's own sentence, with the clauses it rests on: given when the question is asked again."""
    CONFIRM = "confirm"
    """These clauses answer the question: the search learns it."""
    DISMISS = "dismiss"
    """Needs no answer (a greeting, a slip): off the list."""

    @property
    def label(self) -> str:
        return {"answer": "审核答复", "confirm": "确认条文", "dismiss": "无需答复"}[self.value]


@dataclass(frozen=True, slots=True)
class Cited:
    """``quote`` was ``source[start:end]`` of the document when it was cited."""

    document_id: str
    title: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Line:
    """One asking as it goes into the log; what is personal in its texts is masked on the way in.

    ``ticket`` is unguessable and names the asking to the one who asked. ``whole`` is the question made whole from the
    ``turns`` before it; the same as ``question`` when there were none. ``approval``: the approved answer given.
    """

    ticket: str
    at: datetime
    channel: Channel
    actor: str | None
    question: str
    whole: str
    turns: int
    as_of: date
    answered: bool
    small_talk: bool
    approval: int | None
    answer: str
    citations: tuple[Cited, ...]
    notices: tuple[str, ...]
    suggestions: tuple[str, ...]
    elapsed_ms: float
    version: str
    conversation: str | None = None
    """In which it was asked; None: in one of its own, named by the ticket."""


@dataclass(frozen=True, slots=True)
class Act:
    """A wish of a member that an action of the chat took. ``action``: its name; ``text``: masked on the way in."""

    at: datetime
    channel: Channel
    actor: str
    conversation: str
    action: str
    text: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """One of a member's, as the list names it: by what it began with. ``turns``: how often something was said."""

    id: str
    channel: Channel
    first: str
    began_at: datetime
    last_at: datetime
    turns: int


@dataclass(frozen=True, slots=True)
class Feedback:
    at: datetime
    actor: str | None
    verdict: Verdict
    note: str


@dataclass(frozen=True, slots=True)
class Asking:
    """A ``Line`` as the log has it. ``masked``: which kinds of personal numbers were taken out of its texts."""

    id: int
    line: Line
    masked: tuple[str, ...]
    feedback: tuple[Feedback, ...]


@dataclass(frozen=True, slots=True)
class NewApproval:
    """An expert's word on its way into the log. ``text`` and ``until`` (a last day) belong to an answer only."""

    kind: ApprovalKind
    by: str
    at: datetime
    text: str = ""
    until: date | None = None
    citations: tuple[Cited, ...] = ()


@dataclass(frozen=True, slots=True)
class Approval:
    """An expert's word as the log has it. ``retracted_at``: since when it counts no more."""

    id: int
    entry: int
    question: str
    word: NewApproval
    retracted_at: datetime | None = None
    retracted_by: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One question with what happened to it.

    ``answered``, ``small_talk``: how it went the last time; ``answered`` is None when it was never asked.
    """

    number: int
    question: str
    asked: int
    last_at: datetime | None
    answered: bool | None
    small_talk: bool
    useful: int
    useless: int
    useless_at: datetime | None
    """When a reader last said 没用 and left it at that."""
    standing: tuple[Approval, ...]
    """The approvals that count: the last of each kind, none that was retracted."""

    def word(self, kind: ApprovalKind) -> Approval | None:
        return next((approval for approval in self.standing if approval.word.kind is kind), None)
