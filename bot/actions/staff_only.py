"""Who may have an action done: known staff with the role, alone with the robot; every refusal leaves an audit line.

Source: issue 6 §3 (unknown accounts never records; group chats never show records).
"""

from sqlalchemy import Engine

from bot.actions.said import Caller, Reply, Said
from index.admission import note_denial
from index.directory.model import Role, Staff

IN_GROUP = "群聊里不查询记录、不办理业务。请私聊我再说一遍。"
BY_AGENT = "委托他人来办的，要登记授权书，请到窗口页面办理。"
SELF_SERVICE = "经营主体办理自己的事项，请到“{}”网站或窗口。"
UNKNOWN = "您的账号没有登记为工作人员，不能{what}。下一步：请联系本单位管理员登记账号和权限。"
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
        return _refused(engine, said, UNKNOWN.format(what=what) + instead, what, target, "CHAT_ACCOUNT_UNKNOWN")
    if not caller.staff.active or role not in caller.staff.roles:
        return _refused(engine, said, NO_ROLE.format(role=role.label, what=what), what, target, "CHAT_ROLE")
    return caller.staff


def note(engine: Engine, said: Said, what: str, target: str, code: str) -> None:
    """The audit line of a refusal that ``index.admission`` has not seen."""
    note_denial(engine, _who(said.caller), f"聊天中{what}", target, f"{said.caller.channel}：{code}", said.now)


def _refused(engine: Engine, said: Said, text: str, what: str, target: str, code: str) -> Reply:
    note(engine, said, what, target, code)
    return Reply(text)


def _who(caller: Caller) -> str:
    return actor_of(caller.staff) if caller.staff else f"未登记账号（{caller.channel}）"
