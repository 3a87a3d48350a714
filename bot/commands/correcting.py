"""``chenghe records amend``: the office corrects a stored record by its own decision (docs/access.md).

Unexpired reports that show what was changed are told of it (docs/decisions/0159).
What an objection or a repair decides is done there (``chenghe objections``, ``chenghe repairs``); this is for what the
department asks for after an amendment has made its own file be refused.
"""

import argparse
from collections.abc import Iterable

from bot import clock, console, rooms
from bot.commands import Commands, casework
from bot.errors import UsageError
from bot.settings import Home


def add_amending(records: Commands, common: argparse.ArgumentParser) -> None:
    amending = records.add_parser("amend", parents=[common], help="由信用办更正一条记录，旧版本留在历史里")
    amending.add_argument("key", metavar="KEY", help="记录编号（records list --json 的 key）")
    amending.add_argument(
        "--set", action="append", required=True, metavar="FIELD=VALUE", help="更正的内容，如 法律状态=撤销；可重复"
    )
    amending.add_argument("--reason", required=True, metavar="TEXT", help="更正的原因和依据，记入历史")
    amending.set_defaults(run=amend_record)


def amend_record(options: argparse.Namespace, home: Home) -> int:
    from index.cases.changes import tell_changes
    from index.cases.corrections import of_office, read_correction
    from index.records.amending import amend
    from index.records.versions import newest_version
    from index.store.engine import writing

    changes = of_office(read_correction(field_values(options.set)), rooms.office(home))
    now, actor = clock.now(), clock.operator()
    with writing(rooms.store(home)) as connection:
        before = newest_version(connection)
        amend(connection, options.key, changes, at=now, actor=actor, reason=options.reason)
        told = tell_changes(connection, since=before, at=now, actor=actor)
    console.say("已更正。用 chenghe records history KEY 查看旧版本；已签发的报告不会改变，需要时请主体重新申请。")
    casework.publish_notices(home, told)
    return 0


def field_values(typed: Iterable[str]) -> dict[str, str]:
    """FIELD=VALUE as people type it. Raises UsageError."""
    pairs = [text.partition("=") for text in typed]
    wrong = [name for name, sign, _ in pairs if not sign]
    if wrong:
        raise UsageError(f"看不懂“{wrong[0]}”。", next_step="请写成 字段=内容，例如 --set 法律状态=撤销。")
    return {name.strip(): value for name, _, value in pairs}
