"""A request in OpenAI's form, read from an untrusted program: the question, what was said before, the day.

* The last message is the question and comes from the user; user and assistant messages before it are the conversation,
  the newest ``TURNS_KEPT`` of them. System and developer messages change nothing: what is answered comes from the
  policy texts alone.
* Settings of a sampling model (``temperature``, ``tools`` …) are ignored; what would promise something we do not do –
  several choices, a JSON schema, sound – is refused.
* ``as_of`` (not OpenAI's) is the day whose law counts.

Source: OpenAI API reference, “Create chat completion”; docs/api.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.assistant.answer import Role, Turn
from bot.channels.asking import QUESTION_MAX, TURN_MAX, TURNS_KEPT

MODEL = "chenghe"
MESSAGES_MAX = 400
_SILENT = frozenset({"system", "developer", "tool", "function"})


class Wrong(Exception):
    """``status``, and what OpenAI's error object says: ``param``, ``code``; message and next step are Chinese."""

    def __init__(
        self,
        code: str,
        message: str,
        next_step: str,
        *,
        param: str | None = None,
        status: int = 400,
        retry_after_seconds: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.next_step = next_step
        self.param = param
        self.status = status
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True, slots=True)
class Completion:
    """What is asked. ``stream``: in pieces; ``usage``: with the counts at the end of them."""

    question: str
    context: tuple[Turn, ...]
    as_of: date
    stream: bool
    usage: bool


def read_completion(values: Mapping[str, Any], today: date) -> Completion:
    """Raises Wrong."""
    _model(values.get("model"))
    _only_what_we_do(values)
    *earlier, last = _messages(values.get("messages"))
    if last is None or last.role is not Role.USER:
        raise _wrong("QUESTION_MISSING", "没有收到问题。", "最后一条消息应是 user 说的话。", "messages")
    context = tuple(Turn(turn.role, turn.content[:TURN_MAX]) for turn in earlier if turn is not None)
    stream = _flag(values, "stream")
    options = values.get("stream_options")
    counted = isinstance(options, dict) and options.get("include_usage") is True
    return Completion(
        _question(last.content), context[-TURNS_KEPT:], _as_of(values.get("as_of"), today), stream, counted
    )


def _model(value: object) -> None:
    if value != MODEL:
        raise Wrong("model_not_found", "没有这个模型。", f"model 请写 {MODEL}。", param="model", status=404)


def _only_what_we_do(values: Mapping[str, Any]) -> None:
    if values.get("n") not in (None, 1):
        raise _wrong("UNSUPPORTED", "一次只给一个答复。", "n 请写 1，或者不写。", "n")
    form = values.get("response_format")
    if form is not None and form != {"type": "text"}:
        raise _wrong("UNSUPPORTED", "只给文字答复。", "response_format 请不写，或者写 text。", "response_format")
    if values.get("modalities") not in (None, ["text"]):
        raise _wrong("UNSUPPORTED", "只给文字答复。", "modalities 请不写，或者只写 text。", "modalities")


def _messages(value: object) -> list[Turn | None]:
    """One for each message; None for what changes nothing."""
    if not isinstance(value, list) or not 1 <= len(value) <= MESSAGES_MAX:
        raise _wrong(
            "MESSAGES_UNREADABLE", "messages 的格式不对。", f"应是 1 到 {MESSAGES_MAX} 条消息的列表。", "messages"
        )
    return [_turn(message) for message in value]


def _turn(message: object) -> Turn | None:
    match message:
        case {"role": "user" | "assistant" as role, "content": content}:
            if role == "assistant" and content is None:  # it called a tool
                return None
            return Turn(Role(role), _text(content))
        case {"role": str(role)} if role in _SILENT:
            return None
        case {"role": "assistant"}:
            return None
    raise _wrong(
        "MESSAGES_UNREADABLE",
        "有一条消息看不懂。",
        "每条消息写 role（user、assistant、system）和 content。",
        "messages",
    )


def _text(content: object) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(_part(part) for part in content)
    raise _wrong("MESSAGES_UNREADABLE", "有一条消息没有文字。", "content 写文字，或者写 text 的列表。", "messages")


def _part(part: object) -> str:
    match part:
        case {"type": "text", "text": str(text)}:
            return text
    raise _wrong(
        "CONTENT_UNSUPPORTED", "这个接口只接受文字，不接受图片、声音和文件。", "请把要问的写成文字。", "messages"
    )


def _question(text: str) -> str:
    question = " ".join(text.split())
    if not question:
        raise _wrong("QUESTION_MISSING", "没有收到问题。", "最后一条消息应写明要问的内容。", "messages")
    if len(question) > QUESTION_MAX:
        raise _wrong(
            "QUESTION_TOO_LONG", f"问题超过了 {QUESTION_MAX} 个字。", "请缩短问题，一次只问一件事。", "messages"
        )
    return question


def _as_of(value: object, today: date) -> date:
    if value is None:
        return today
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError as cause:
        raise _wrong("DAY_UNREADABLE", "看不懂日期。", "as_of 请写成 2026-11-21 这样的形式。", "as_of") from cause


def _flag(values: Mapping[str, Any], name: str) -> bool:
    value = values.get(name)
    if value not in (None, True, False):
        raise _wrong("FIELD_UNREADABLE", f"{name} 应是 true 或 false。", f"请改正 {name}。", name)
    return value is True


def _wrong(code: str, message: str, next_step: str, param: str) -> Wrong:
    return Wrong(code, message, next_step, param=param)
