"""Who may have an action done: known staff with the role, alone with the robot; every refusal is in the audit.

* A member's refusal has its line; of a stranger's, the first of each hour have, and their number (``index.refusals``).

Source: issue 6 §3 (unknown accounts never records; group chats never show records).
"""

from sqlalchemy import Engine

from bot.actions.said import Caller, Reply, Said
from index.admission import note_denial
from index.directory.model import Role, Staff
from index.questions.model import Channel
from index.refusals import Refusal, note_refusal

IN_GROUP = "群聊里不查询记录、不办理业务。请私聊我再说一遍。"
BY_AGENT = "委托他人来办的，要登记授权书，请到窗口页面办理。"
SELF_SERVICE = "经营主体办理自己的事项，请到“{}”网站或窗口。"
UNKNOWN = "您的账号没有登记为工作人员，不能{what}。下一步：请联系本单位管理员登记账号和权限。"
NOT_SIGNED_IN = "您还没有登录，不能{what}。下一步：请先登录再说一遍；页面上没有“登录”的，请联系本单位管理员设置。"
NO_ROLE = "您没有“{role}”权限，不能{what}。下一步：确需办理的，请联系本单位管理员开通。"


def actor_of(staff: Staff) -> str:
    """As audit lines and cases name a member."""
    return f"{staff.name}（{staff.id}）"


def admitted(engine: Engine, said: Said, role: Role, what: str, target: str, instead: str = "") -> Staff | Reply:
    """The member, or why not; ``what`` was wanted of whom (``target``); ``instead``: what a stranger may do."""
    caller = said.caller
    if caller.group:
        return _refused(engine, said, IN_GROUP, what, target, "CHAT_GROUP")
    if caller.staff is None:
        return _refused(engine, said, unknown(caller, what) + instead, what, target, "CHAT_ACCOUNT_UNKNOWN")
    if not caller.staff.active or role not in caller.staff.roles:
        return _refused(engine, said, NO_ROLE.format(role=role.label, what=what), what, target, "CHAT_ROLE")
    return caller.staff


def unknown(caller: Caller, what: str) -> str:
    """Why somebody who is nobody here cannot have it, and the way to become somebody."""
    return (NOT_SIGNED_IN if caller.channel == Channel.WEB else UNKNOWN).format(what=what)


def note(engine: Engine, said: Said, what: str, target: str, code: str) -> None:
    """The audit of a refusal that ``index.admission`` has not seen."""
    caller, purpose, detail = said.caller, f"聊天中{what}", f"{said.caller.channel}：{code}"
    if caller.staff is None:
        account = caller.account or caller.channel
        note_refusal(engine, Refusal(account, purpose, target, detail), said.now)
    else:
        note_denial(engine, actor_of(caller.staff), purpose, target, detail, said.now)


def _refused(engine: Engine, said: Said, text: str, what: str, target: str, code: str) -> Reply:
    note(engine, said, what, target, code)
    return Reply(text)
