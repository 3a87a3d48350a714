import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verify.sample import (
    ENTRY,
    FACTS,
    ISSUED,
    KEY,
    KEYS,
    NOW,
    PACKAGE,
    QR,
    STATUSES,
    STRANGER,
    TOKEN,
    TRUST,
    Office,
    moment,
    with_status,
)
from verify.binding import DocumentInHand, Field, FieldPackage, VisibleLine
from verify.check import SERIOUSNESS, Verification, check, untrusted
from verify.credential import decode, sign
from verify.errors import TrustError
from verify.reasons import WORDING, Reason, Verdict
from verify.scanned import digits, qr_text
from verify.status import Status
from verify.trust import Trust

LINES = tuple(
    VisibleLine(f"正文／表格1／第{number}行／第5列", field.text)
    for number, field in enumerate(PACKAGE.fields)
    if field.text
)
DOCUMENT = DocumentInHand(PACKAGE, LINES)
LAST_SECOND = moment("2026-09-20T23:59:59")


def ask(
    scanned: str | bytes = QR,
    *,
    trust: Trust = TRUST,
    at: datetime = NOW,
    now: datetime = NOW,
    document: DocumentInHand | None = None,
) -> Verification:
    return check(scanned, trust=trust, at=at, now=now, document=document)


def test_a_genuine_report_is_valid_and_names_its_subject() -> None:
    answer = ask()
    assert (answer.verdict, answer.reason) == (Verdict.VALID, Reason.OK)
    assert answer.to_json() == {
        "verdict": "valid",
        "reason": "OK",
        "message": "核验通过：报告由示例市公共信用信息中心（虚构）签发，在有效期内。",
        "next_step": WORDING[Reason.OK].next_step,
        "checked_at": "2026-09-01T09:00:00+08:00",
        "report": {
            "number": "YCZX202608200000017",
            "type": "special_credit_report",
            "subject_name": "盐城示例禾苗环保科技有限公司",
            "subject_code": "91320902MA1EX0M1XB",
            "period_from": "2023-08-20",
            "period_to": "2026-08-19",
            "issued_at": "2026-08-20T10:32:05+08:00",
            "valid_until": "2026-09-20T23:59:59+08:00",
            "domains": 45,
            "records": 1,
            "domains_without_data": 2,
        },
        "differences": [],
        "notices": [],
        "log": None,
    }
    assert answer.conclusion == "在 43 个领域内查询到违法违规记录 1 条；另有 2 个领域数据缺失，不作结论。"


def test_it_is_valid_in_its_last_second_and_expired_one_second_later() -> None:
    assert ask(at=LAST_SECOND).reason is Reason.OK
    assert ask(at=LAST_SECOND + timedelta(milliseconds=999)).reason is Reason.OK
    assert ask(at=LAST_SECOND + timedelta(seconds=1)).reason is Reason.PERIOD_OVER


def test_it_is_not_yet_valid_before_its_first_second() -> None:
    assert ask(at=ISSUED).verdict is Verdict.VALID
    assert ask(at=ISSUED - timedelta(seconds=1)).verdict is Verdict.NOT_YET_VALID


@pytest.mark.parametrize(
    ("issued", "last"), [("2026-01-31T23:59:59", "2026-02-28"), ("2026-08-31T00:00:00", "2026-09-30")]
)
def test_a_month_is_clipped_to_its_end(issued: str, last: str) -> None:
    early = replace(ENTRY, not_before=moment("2026-01-01T00:00:00"))
    token = sign(replace(FACTS, issued_at=moment(issued), period_to=moment(issued).date() - timedelta(1)), KEY)
    trust = Office(entry=early).trust()
    assert ask(token, trust=trust, at=moment(f"{last}T23:59:59")).verdict is Verdict.VALID
    assert ask(token, trust=trust, at=moment(f"{last}T23:59:59") + timedelta(seconds=1)).verdict is Verdict.EXPIRED


def test_every_flipped_byte_is_forged_or_unreadable_and_says_nothing_about_a_subject() -> None:
    for place in range(len(TOKEN)):
        for flip in (0x01, 0x80, 0xFF):
            forged = TOKEN[:place] + bytes([TOKEN[place] ^ flip]) + TOKEN[place + 1 :]
            for scanned in (forged, digits(forged)):
                answer = ask(scanned)
                assert answer.verdict in {Verdict.FORGED, Verdict.UNREADABLE}, (place, flip, answer.reason)
                assert answer.credential is None


@given(st.integers(0, len(TOKEN) * 8 - 1), st.integers(0, len(TOKEN) * 8 - 1))
def test_no_two_flipped_bits_are_valid(one: int, other: int) -> None:
    number = int.from_bytes(TOKEN) ^ (1 << one) ^ (0 if one == other else 1 << other)
    answer = ask(number.to_bytes(len(TOKEN)))
    assert answer.verdict in {Verdict.FORGED, Verdict.UNREADABLE}


@given(st.binary(max_size=600) | st.text(max_size=300) | st.integers(0, 10**600).map(str))
def test_whatever_is_scanned_gets_an_answer(scanned: bytes | str) -> None:
    answer = ask(scanned)
    assert answer.verdict in {Verdict.FORGED, Verdict.UNREADABLE}
    assert answer.message
    assert answer.next_step
    assert "{" not in answer.message


def test_a_foreign_host_with_a_valid_token_is_valid_with_a_warning() -> None:
    answer = ask(qr_text(TOKEN, "https://verify.example.com"))
    assert (answer.verdict, answer.reason) == (Verdict.VALID, Reason.OK_FOREIGN_HOST)
    assert "网址" in answer.message
    assert "陌生网址" in answer.next_step
    assert ask(QR.replace("https", "HTTPS")).reason is Reason.OK


def test_a_stranger_s_signature_under_our_kid_is_forged() -> None:
    ours, theirs = decode(TOKEN), decode(sign(FACTS, STRANGER))
    assert ask(sign(FACTS, STRANGER)).reason is Reason.KEY_UNKNOWN
    swapped = TOKEN.replace(ours.signed.signature, theirs.signed.signature)
    assert ask(swapped).reason is Reason.SIGNATURE_INVALID


KEY_CASES: dict[str, tuple[Office, Reason]] = {
    "not yet valid": (Office(entry=replace(ENTRY, not_before=ISSUED + timedelta(seconds=1))), Reason.KEY_NOT_YET_VALID),
    "expired": (Office(entry=replace(ENTRY, not_after=ISSUED - timedelta(seconds=1))), Reason.KEY_EXPIRED),
    "outlived": (Office(entry=replace(ENTRY, not_after=LAST_SECOND - timedelta(seconds=1))), Reason.KEY_OUTLIVED),
    "lives exactly as long": (Office(entry=replace(ENTRY, not_after=LAST_SECOND)), Reason.OK),
    "of another report type": (Office(entry=replace(ENTRY, report_types=(2,))), Reason.KEY_REPORT_TYPE),
    "revoked before issue": (Office(entry=replace(ENTRY, revoked_at=ISSUED)), Reason.KEY_REVOKED),
    "revoked after issue": (
        Office(entry=replace(ENTRY, revoked_at=ISSUED + timedelta(seconds=1))),
        Reason.KEY_REVOKED_LATER,
    ),
    "list expired": (Office(keys=replace(KEYS, expires_at=NOW)), Reason.KEY_LIST_EXPIRED),
    "list from the future": (Office(keys=replace(KEYS, issued_at=NOW + timedelta(hours=1))), Reason.CLOCK_BEHIND),
    "list a minute ahead": (Office(keys=replace(KEYS, issued_at=NOW + timedelta(minutes=1))), Reason.OK),
}


@pytest.mark.parametrize(("office", "reason"), KEY_CASES.values(), ids=KEY_CASES.keys())
def test_what_a_key_may_not_do(office: Office, reason: Reason) -> None:
    answer = ask(trust=office.trust())
    assert answer.reason is reason
    assert (answer.credential is None) == (answer.verdict is Verdict.FORGED)


def test_an_unknown_key_under_an_expired_key_list_is_indeterminate_not_forged() -> None:
    trust = Office(keys=replace(KEYS, expires_at=NOW)).trust()
    answer = ask(sign(FACTS, STRANGER), trust=trust)
    assert (answer.verdict, answer.reason) == (Verdict.INDETERMINATE, Reason.KEY_LIST_EXPIRED)
    assert answer.credential is None


STATUS_CASES: dict[str, tuple[Trust, Verdict, Reason]] = {
    "revoked": (with_status(Status.REVOKED), Verdict.REVOKED, Reason.WITHDRAWN),
    "superseded": (with_status(Status.SUPERSEDED), Verdict.SUPERSEDED, Reason.REPLACED),
    "suspended": (with_status(Status.SUSPENDED), Verdict.INDETERMINATE, Reason.SUSPENDED),
    "the neighbour below is revoked": (with_status(Status.REVOKED, FACTS.status_index - 1), Verdict.VALID, Reason.OK),
    "the neighbour above is revoked": (with_status(Status.REVOKED, FACTS.status_index + 1), Verdict.VALID, Reason.OK),
    "no list": (Office(statuses=None).trust(), Verdict.INDETERMINATE, Reason.STATUS_MISSING),
    "stale": (Office(statuses=replace(STATUSES, expires_at=NOW)).trust(), Verdict.INDETERMINATE, Reason.STATUS_STALE),
    "index beyond the list": (
        Office(statuses=replace(STATUSES, packed=bytes(FACTS.status_index // 4))).trust(),
        Verdict.INDETERMINATE,
        Reason.STATUS_INDEX_UNKNOWN,
    ),
    "clock behind the list": (
        Office(statuses=replace(STATUSES, issued_at=NOW + timedelta(hours=1))).trust(),
        Verdict.INDETERMINATE,
        Reason.CLOCK_BEHIND,
    ),
}


@pytest.mark.parametrize(("trust", "verdict", "reason"), STATUS_CASES.values(), ids=STATUS_CASES.keys())
def test_what_the_status_list_says(trust: Trust, verdict: Verdict, reason: Reason) -> None:
    answer = ask(trust=trust)
    assert (answer.verdict, answer.reason) == (verdict, reason)
    assert answer.credential is not None


def test_a_revoked_report_is_revoked_within_its_month_after_it_and_under_a_stale_list() -> None:
    trust = with_status(Status.REVOKED)
    for at, now in ((NOW, NOW), (LAST_SECOND + timedelta(days=1), NOW), (NOW, NOW + timedelta(days=30))):
        assert ask(trust=trust, at=at, now=now).reason is Reason.WITHDRAWN


def test_an_expired_report_is_expired_even_under_a_stale_list() -> None:
    assert ask(at=LAST_SECOND + timedelta(days=9), now=NOW + timedelta(days=30)).reason is Reason.PERIOD_OVER


def test_now_never_moves_the_month_and_at_never_refreshes_a_list() -> None:
    long = Office(statuses=replace(STATUSES, expires_at=moment("2027-08-01T00:00:00"))).trust()
    assert ask(trust=long, at=NOW, now=moment("2027-07-31T00:00:00")).reason is Reason.OK
    assert ask(at=NOW, now=NOW + timedelta(days=30)).reason is Reason.STATUS_STALE


def test_the_document_as_issued_is_valid() -> None:
    assert ask(document=DOCUMENT).reason is Reason.OK


def test_a_changed_line_is_named_by_its_issued_path() -> None:
    lines = list(LINES)
    lines[3] = VisibleLine("正文", "未查询到")
    answer = ask(document=DocumentInHand(PACKAGE, tuple(lines)))
    assert answer.reason is Reason.FIELDS_DIFFER
    assert answer.to_json()["differences"] == [
        {"where": "一、分领域查询结果／第2行 生态环境领域／查询结果", "issued": "有 1 条", "found": "未查询到"}
    ]
    assert "1 处不一致" in answer.message


def test_another_report_s_package_is_not_compared_but_named() -> None:
    other = replace(PACKAGE, fields=(*PACKAGE.fields, Field("多", "正文", "一行")))
    answer = ask(document=DocumentInHand(other, LINES))
    assert (answer.verdict, answer.reason) == (Verdict.ALTERED, Reason.OTHER_REPORT)
    assert "盐城示例禾苗环保科技有限公司" in answer.message
    assert "二维码与本文件不是同一份报告" in answer.message
    assert answer.differences == ()


def test_a_missing_and_a_damaged_package_are_told_apart() -> None:
    assert ask(document=DocumentInHand(None, LINES)).reason is Reason.PACKAGE_MISSING
    assert ask(document=DocumentInHand(None, LINES, package_damaged=True)).reason is Reason.PACKAGE_DAMAGED


def test_altered_beats_revoked_and_expired() -> None:
    document = DocumentInHand(PACKAGE, LINES[1:])
    late = LAST_SECOND + timedelta(days=1)
    assert ask(trust=with_status(Status.REVOKED), at=late, document=document).verdict is Verdict.ALTERED


def test_a_forged_code_beats_everything_about_the_document() -> None:
    answer = ask(sign(FACTS, STRANGER), document=DocumentInHand(FieldPackage(bytes(32), (Field("a", "b", "c"),)), ()))
    assert (answer.verdict, answer.differences) == (Verdict.FORGED, ())


def test_every_reason_of_a_holding_signature_has_its_place_in_the_order() -> None:
    with_report = {"valid", "expired", "revoked", "superseded", "not_yet_valid", "altered"}
    assert {reason for reason in Reason if WORDING[reason].verdict.value in with_report} <= set(SERIOUSNESS)
    assert len(set(SERIOUSNESS)) == len(SERIOUSNESS)


def test_without_usable_trust_nothing_is_green() -> None:
    answer = untrusted(TrustError("公钥清单不可用：根签名无效。", next_step="重新下载"), NOW)
    assert answer.verdict is Verdict.INDETERMINATE
    assert "根签名无效" in answer.message


def test_each_reason_has_a_sentence_and_a_next_step_in_chinese() -> None:
    chinese: Callable[[str], object] = re.compile(r"[\u4e00-\u9fff]").search
    assert set(WORDING) == set(Reason)
    for wording in WORDING.values():
        assert chinese(wording.message)
        assert chinese(wording.next_step)
        assert wording.message.endswith("。")
        assert wording.next_step.endswith("。")
