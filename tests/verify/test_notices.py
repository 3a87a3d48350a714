"""Answers verify/notices.py: what is told beside the verdict, and that it never becomes one."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verify.sample import (
    FACTS,
    KEY,
    NOTICES,
    NOW,
    QR,
    STRANGER,
    TOKEN,
    TRUST,
    Office,
    moment,
    with_change,
    with_status,
)
from verify.binding import DocumentInHand
from verify.check import Verification, check
from verify.credential import sign
from verify.notices import NOTICE_WORDING, Changed, Notice
from verify.reasons import Reason, Verdict
from verify.status import Status, pack
from verify.trust import Trust

BOTH = Changed.CORRECTED | Changed.REPAIRED
AFTER = moment("2026-09-21T00:00:00")
UNKNOWN: dict[str, Trust] = {
    "no list": Office(changes=None).trust(),
    "expired": with_change(Changed(0), expires_at=NOW),
    "from the future": with_change(Changed(0), issued_at=NOW + timedelta(hours=1)),
    "too short": Office(changes=replace(NOTICES, packed=bytes(8))).trust(),
}


def ask(trust: Trust = TRUST, scanned: str | bytes = QR, **how: object) -> Verification:
    return check(scanned, trust=trust, **{"at": NOW, "now": NOW, **how})  # type: ignore[arg-type]


@given(st.sampled_from([Changed(0), Changed.CORRECTED, Changed.REPAIRED, BOTH]), st.integers(0, (1 << 14) - 1))
def test_a_change_is_told_of_its_own_report_and_of_no_other(change: Changed, index: int) -> None:
    token = sign(replace(FACTS, status_index=index), KEY)
    told = ask(with_change(change, index), token)
    assert (Notice.DATA_CORRECTED in told.notices) == bool(change & Changed.CORRECTED)
    assert (Notice.RECORD_REPAIRED in told.notices) == bool(change & Changed.REPAIRED)
    other = sign(replace(FACTS, status_index=index ^ 1), KEY)
    assert ask(with_change(change, index), other).notices == ()


def test_corrected_data_are_said_in_the_words_of_the_rule_with_what_to_do() -> None:
    (corrected,) = ask(with_change(Changed.CORRECTED)).to_json()["notices"]
    assert corrected["code"] == "DATA_CORRECTED"
    assert corrected["message"] == "数据已更正，请重新获取。"
    assert "重新免费下载" in corrected["next_step"]
    assert ask(with_change(Changed.REPAIRED)).notices[0].message == "签发后有记录完成修复。"


def test_correction_comes_before_repair() -> None:
    assert ask(with_change(BOTH)).notices == (Notice.DATA_CORRECTED, Notice.RECORD_REPAIRED)


@pytest.mark.parametrize("trust", UNKNOWN.values(), ids=UNKNOWN.keys())
def test_what_cannot_be_known_is_said_and_the_verdict_stays(trust: Trust) -> None:
    answer = ask(trust)
    assert (answer.verdict, answer.notices) == (Verdict.VALID, (Notice.NOTICES_UNKNOWN,))


@pytest.mark.parametrize("trust", UNKNOWN.values(), ids=UNKNOWN.keys())
def test_beside_a_report_nobody_relies_on_what_is_unknown_is_not_said(trust: Trust) -> None:
    expired = ask(trust, at=AFTER)
    assert (expired.verdict, expired.notices) == (Verdict.EXPIRED, ())


def test_a_correction_counts_even_from_a_stale_list() -> None:
    late = ask(with_change(Changed.CORRECTED, expires_at=NOW))
    assert late.notices == (Notice.DATA_CORRECTED, Notice.NOTICES_UNKNOWN)
    assert ask(with_change(Changed.CORRECTED, expires_at=NOW), at=AFTER).notices == (Notice.DATA_CORRECTED,)


def test_notices_stand_beside_every_verdict_on_a_report_of_ours_and_change_none() -> None:
    revoked = Office(statuses=with_status(Status.REVOKED).statuses)
    document = DocumentInHand(None, ())
    for office, how, reason in (
        (Office(), {}, Reason.OK),
        (Office(), {"at": AFTER}, Reason.PERIOD_OVER),
        (Office(), {"at": FACTS.issued_at - timedelta(seconds=1)}, Reason.ISSUED_LATER),
        (revoked, {}, Reason.WITHDRAWN),
        (Office(statuses=None), {}, Reason.STATUS_MISSING),
        (Office(), {"document": document}, Reason.PACKAGE_MISSING),
    ):
        plain = ask(office.trust(), **how)
        noticed = ask(replace(office, changes=replace(NOTICES, packed=pack({4711: BOTH}, 1 << 14))).trust(), **how)
        assert (plain.reason, noticed.reason) == (reason, reason)
        assert (plain.notices, noticed.notices) == ((), (Notice.DATA_CORRECTED, Notice.RECORD_REPAIRED))


def test_nothing_is_told_of_a_code_that_is_not_ours() -> None:
    trust = with_change(BOTH)
    for scanned in (sign(FACTS, STRANGER), TOKEN[:-1] + b"\x00", "1234", b""):
        answer = ask(trust, scanned)
        assert (answer.credential, answer.notices, answer.to_json()["notices"]) == (None, (), [])


def test_every_notice_has_a_sentence_and_a_next_step() -> None:
    assert set(NOTICE_WORDING) == set(Notice)
    assert all(notice.message.endswith("。") and notice.next_step.endswith("。") for notice in Notice)
