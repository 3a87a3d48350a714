"""Whoever may not sees nothing and does nothing, whatever he says in whatever order; and nobody breaks a dialogue."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.actions.checking import Published
from bot.actions.chosen import Rooms, actions
from bot.actions.issuing_room import Here
from bot.actions.said import Action, Caller, Pending, Said
from bot.post.duties import Duties
from index.directory.model import Role, Staff
from index.errors import OfficeError
from index.policies.library import Library
from tests.bot.actions.conftest import CLERK, NEWCOMER, alone
from tests.verify.issuing.office import COMPANY, ISSUED, TestOffice
from verify.documents.reading import read

SECRETS = ("喆堃", "示例12号", "欧阳", "危险废物")
SAYINGS = (
    f"查一下{COMPANY}",
    f"查一下{COMPANY}，事项：行政审批，用途：核发许可",
    "查盐城示例喆堃环保的记录",
    "换事项",
    f"给{COMPANY}开近三年的报告",
    "代开报告",
    f"对{COMPANY}提异议",
    "提异议",
    COMPANY,
    "1",
    "2",
    "近三年",
    "确认",
    "取消",
    "营业执照、身份证",
    "该处罚决定已被撤销（示例）",
    "13领域",
    "我的任务",
    "核验YCZX202608200000001",
    "0000-0000-0000",
    "专用信用报告多长时间内有效？",
    "",
)
PENDING = (
    Pending("looking_up", {"code": COMPANY, "matter": "行政审批"}),
    Pending("looking_up", {"choices": COMPANY}),
    Pending("issuing", {"code": COMPANY, "years": "3", "identity": "营业执照", "key": "k", "asked": "confirmation"}),
    Pending("objecting", {"code": COMPANY, "keys": "x", "asked": "record"}),
    Pending(
        "objecting", {"code": COMPANY, "domain": "13", "reason": "理由理由", "brought": "某人", "asked": "confirmation"}
    ),
)
MALLORIES = (
    alone(None),
    alone(NEWCOMER),
    alone(replace(CLERK, active=False)),
    alone(replace(CLERK, unit="某某省某某局", roles=frozenset(Role))),
    replace(alone(CLERK), group=True),
)
several = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture
def known(office: TestOffice, duties: Duties) -> tuple[Action, ...]:
    office.add_records({})
    office.issuing.publish(office.wall)
    published = Published(office.places.public, lambda: ISSUED, read)
    room = Here(office.issuing, lambda: ISSUED)
    return actions(Rooms(office.office, Library(office.home / "library"), office.engine, room, published, duties))


def answered(known: tuple[Action, ...], said: Said) -> tuple[str, Pending | None]:
    """As ``bot.answering`` asks them."""
    waiting = said.pending.action if said.pending else None
    for action in sorted(known, key=lambda each: each.name != waiting):
        try:
            reply = action.answers(said)
        except OfficeError as error:
            return f"{error.message}{error.next_step}", None
        if reply is not None:
            return "\n".join((reply.text, *reply.blocks)), reply.pending
    return "", None


@several
@example(caller=MALLORIES[3], first=PENDING[4], sayings=["确认"])
@example(caller=MALLORIES[3], first=PENDING[2], sayings=["确认"])
@example(caller=MALLORIES[2], first=PENDING[2], sayings=["确认"])
@example(caller=MALLORIES[4], first=PENDING[0], sayings=["核发许可"])
@example(caller=MALLORIES[3], first=PENDING[0], sayings=["核发许可"])
@given(
    caller=st.sampled_from(MALLORIES),
    first=st.sampled_from((None, *PENDING)),
    sayings=st.lists(st.sampled_from(SAYINGS), min_size=1, max_size=6),
)
def test_mallory_sees_nothing_and_does_nothing(
    office: TestOffice, known: tuple[Action, ...], caller: Caller, first: Pending | None, sayings: list[str]
) -> None:
    pending = first
    for number, text in enumerate(sayings):
        told, pending = answered(known, Said(text, caller, ISSUED, (), pending, key=str(number)))
        assert not [secret for secret in SECRETS if secret in told and secret not in text], (text, told)
    assert office.count("ledger") == 0
    assert office.count("objections") == 0


@several
@given(
    staff=st.sampled_from((CLERK, replace(CLERK, matters=("招标投标",)))),
    sayings=st.lists(st.one_of(st.sampled_from(SAYINGS), st.text(max_size=30)), min_size=1, max_size=8),
)
def test_no_order_of_sayings_breaks_a_dialogue(
    office: TestOffice, known: tuple[Action, ...], staff: Staff, sayings: list[str]
) -> None:
    pending: Pending | None = None
    for number, text in enumerate(sayings):
        _, pending = answered(known, Said(text, alone(staff), ISSUED, (), pending, key=str(number)))
        assert pending is None or all(isinstance(value, str) for value in pending.kept.values())
