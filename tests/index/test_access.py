"""Answers index/access.py: who may read about a subject; Mallory, who wants to and may not."""

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.access import Authorisation, Authorised, Claim, Duty, Entitlement, Ground, Scope, SelfReading, permit
from index.calendar import SHANGHAI
from index.errors import AccessDenied
from index.rules.offices import load_profile
from tests.index.records.samples import COMPANY, COOPERATIVE, NOW, SHOP

OFFICE = load_profile("yunting")
GRANT = Authorisation(
    number="SQ202611010001",
    subject_code=COMPANY,
    grantee="云汀示例银行（91320902MA1EX0M44X）",
    scope=Scope.REPORT,
    valid_from=date(2026, 11, 1),
    valid_to=date(2026, 11, 30),
    file_name="授权书.pdf",
    file_sha256="0" * 64,
    registered_at=NOW,
    actor="测试",
)
BANK = Authorised(GRANT.number, GRANT.grantee)
DUTY = Duty("市生态环境局", "行政许可审查", "王五", "核对申请材料")
ITSELF = SelfReading(COMPANY, "统一身份认证登录，王五")


def ask(
    claim: Claim,
    code: str = COMPANY,
    *,
    scope: Scope = Scope.REPORT,
    now: datetime = NOW,
    grant: Authorisation | None = GRANT,
    parent: str | None = None,
) -> Entitlement:
    return permit(claim, code, scope=scope, now=now, office=OFFICE, authorisation=grant, parent_code=parent)


def refused(claim: Claim, code: str = COMPANY, **how: object) -> AccessDenied:
    with pytest.raises(AccessDenied) as caught:
        ask(claim, code, **how)  # type: ignore[arg-type]
    assert caught.value.next_step
    return caught.value


def test_the_subject_itself_reads_everything_of_its_own() -> None:
    found = ask(ITSELF, scope=Scope.RECORDS)
    assert (found.ground, found.subject_code, found.scope) == (Ground.SELF, COMPANY, Scope.RECORDS)
    assert found.words == f"本人（{COMPANY}，统一身份认证登录，王五）"


def test_a_company_reads_of_its_own_branch_only() -> None:
    assert ask(ITSELF, SHOP, parent=COMPANY).ground is Ground.PARENT
    assert refused(ITSELF, SHOP, parent=COOPERATIVE).code == "ACCESS_NOT_SELF"
    assert refused(ITSELF, SHOP).code == "ACCESS_NOT_SELF"


def test_a_claim_for_no_subject_is_not_the_parent_of_a_subject_without_one() -> None:
    assert refused(SelfReading("", "证件"), SHOP, parent="").code == "ACCESS_NOT_SELF"


def test_who_is_authorised_reads_what_the_authorisation_holds() -> None:
    found = ask(BANK)
    assert (found.ground, found.scope, found.actor) == (Ground.AUTHORISED, Scope.REPORT, GRANT.grantee)
    wider = replace(GRANT, scope=Scope.RECORDS)
    assert ask(BANK, scope=Scope.RECORDS, grant=wider).scope is Scope.RECORDS
    assert ask(BANK, grant=wider).scope is Scope.RECORDS


@pytest.mark.parametrize("day", [GRANT.valid_from, GRANT.valid_to])
def test_first_and_last_day_of_an_authorisation_count_in_shanghai(day: date) -> None:
    start = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI)
    ask(BANK, now=start)
    ask(BANK, now=start + timedelta(hours=23, minutes=59))


def test_an_agency_reads_by_duty_and_is_named_by_its_canonical_name() -> None:
    found = ask(replace(DUTY, unit="云汀市生态环境局"))
    assert (found.ground, found.unit, found.actor) == (Ground.DUTY, "市生态环境局", "王五")
    assert found.words == "履职（市生态环境局，行政许可审查，王五）"


def test_the_office_itself_reads_by_duty() -> None:
    assert ask(replace(DUTY, unit=OFFICE.issuer_name)).ground is Ground.OFFICE


@pytest.mark.parametrize(
    ("now", "grant", "code"),
    [
        (datetime(2026, 12, 1, tzinfo=SHANGHAI), GRANT, "AUTHORISATION_EXPIRED"),
        (datetime(2026, 10, 31, 23, 59, 59, tzinfo=SHANGHAI), GRANT, "AUTHORISATION_NOT_YET"),
        (NOW, replace(GRANT, revoked_at=NOW - timedelta(seconds=1)), "AUTHORISATION_REVOKED"),
        (NOW, replace(GRANT, revoked_at=NOW + timedelta(days=1)), "AUTHORISATION_REVOKED"),
        (NOW, replace(GRANT, subject_code=SHOP), "AUTHORISATION_UNKNOWN"),
        (NOW, replace(GRANT, number="SQ202611010002"), "AUTHORISATION_UNKNOWN"),
        (NOW, replace(GRANT, grantee="另一家银行"), "AUTHORISATION_UNKNOWN"),
        (NOW, None, "AUTHORISATION_UNKNOWN"),
    ],
)
def test_mallory_shows_an_authorisation_that_does_not_hold(
    now: datetime, grant: Authorisation | None, code: str
) -> None:
    assert refused(BANK, now=now, grant=grant).code == code


def test_mallory_learns_nothing_of_authorisations_that_are_not_hers() -> None:
    revoked = replace(GRANT, revoked_at=NOW)
    strangers = [
        refused(BANK, grant=None),
        refused(replace(BANK, grantee="马洛里"), grant=revoked),
        refused(BANK, SHOP, grant=revoked),
    ]
    assert len({(each.code, each.message, each.next_step) for each in strangers}) == 1


def test_mallory_reads_records_with_an_authorisation_for_a_report() -> None:
    assert refused(BANK, scope=Scope.RECORDS).code == "AUTHORISATION_SCOPE"


def test_mallory_uses_an_entitlement_for_another_subject() -> None:
    with pytest.raises(AccessDenied) as caught:
        ask(DUTY).require(SHOP, Scope.REPORT)
    assert caught.value.code == "ACCESS_OTHER_SUBJECT"


@pytest.mark.parametrize(
    "nothing",
    [
        "",
        " ",
        "\u3000",
        "\u200b",
        "\u2060\ufeff",
        "\u3164",
        "核\u115f对",
        "——",
        "。",
        "核对\n伪造的一行",
        "核\u202e对",
        "字" * 401,
    ],
)
@pytest.mark.parametrize("part", ["unit", "matter", "handler", "purpose"])
def test_mallory_leaves_out_a_part_of_her_duty(part: str, nothing: str) -> None:
    refused(replace(DUTY, **{part: nothing}))


@pytest.mark.parametrize(
    "unit",
    [
        "市生态环镜局",
        "市生态环境局\u200b",
        "市生态\u00ad环境局",
        "市生态环境局х",
        "外省生态环境局",
        "云汀",
        "具有相关政务服务事项的市直单位",
        "市生态环境局;市税务局",
        OFFICE.issuer_name + "二",
        OFFICE.issuer_name[:-1],
    ],
)
def test_mallory_writes_a_unit_that_only_looks_like_one(unit: str) -> None:
    assert refused(replace(DUTY, unit=unit)).code in {"ACCESS_UNIT_UNKNOWN", "ACCESS_UNSTATED"}


def test_a_unit_in_other_widths_is_that_unit_and_is_named_properly() -> None:
    assert ask(replace(DUTY, unit="市 生态\u3000环境局")).unit == "市生态环境局"


def test_units_that_the_annex_only_describes_are_nobody() -> None:
    office = load_profile("yancheng")
    described = [domain.unit_text for domain in office.domains if not domain.units]
    assert described
    for unit in described:
        with pytest.raises(AccessDenied) as caught:
            permit(replace(DUTY, unit=unit), COMPANY, scope=Scope.REPORT, now=NOW, office=office)
        assert caught.value.code == "ACCESS_UNIT_UNKNOWN"


@pytest.mark.parametrize("claim", [replace(ITSELF, identity=" "), replace(BANK, grantee=""), replace(BANK, purpose="")])
def test_identity_grantee_and_purpose_are_said(claim: Claim) -> None:
    assert refused(claim).code == "ACCESS_UNSTATED"


CODES = st.sampled_from([COMPANY, SHOP, COOPERATIVE, ""])


@given(CODES, CODES, st.one_of(st.none(), CODES), st.sampled_from(list(Scope)))
def test_nobody_but_the_subject_or_its_parent_is_the_subject(
    claimed: str, asked: str, parent: str | None, scope: Scope
) -> None:
    try:
        found = ask(SelfReading(claimed, "证件核对"), asked, scope=scope, parent=parent)
    except AccessDenied:
        assert claimed == "" or claimed not in (asked, parent)
    else:
        assert claimed != ""
        assert claimed in (asked, parent)
        assert found.subject_code == asked


@given(
    st.dates(date(2026, 10, 1), date(2026, 12, 31)),
    st.booleans(),
    CODES,
    st.sampled_from(list(Scope)),
    st.sampled_from(list(Scope)),
)
def test_an_authorisation_opens_exactly_what_it_says(
    day: date, revoked: bool, code: str, granted: Scope, wanted: Scope
) -> None:
    grant = replace(GRANT, scope=granted, revoked_at=NOW if revoked else None)
    now = datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI)
    holds = (
        not revoked
        and code == COMPANY
        and day.month == 11
        and not (granted is Scope.REPORT and wanted is Scope.RECORDS)
    )
    try:
        ask(BANK, code, scope=wanted, now=now, grant=grant)
    except AccessDenied:
        assert not holds
    else:
        assert holds


def test_every_code_of_a_refusal_is_explained_to_staff() -> None:
    root = Path(__file__).resolve().parents[2]
    sources = ("index/access.py", "index/authorisations.py", "index/records/amendable.py", "index/records/amending.py")
    text = "".join((root / name).read_text("utf-8") for name in (*sources, "bot/commands/claiming.py"))
    codes = set(re.findall(r'"([A-Z]+_[A-Z_]+)"', text))
    explained = (root / "docs" / "access.md").read_text("utf-8")
    assert len(codes) > 10
    assert {code for code in codes if f"`{code}`" not in explained} == set()
