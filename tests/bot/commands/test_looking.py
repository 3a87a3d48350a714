"""Answers bot/commands/looking.py, histories.py and claiming.py: who is shown what at the command line."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from bot import clock
from index.calendar import SHANGHAI
from index.records.amending import amend
from index.store.engine import open_store, writing
from index.store.tables import audit
from tests.index.records.samples import COMPANY, SHOP, penalty, subject, write_csv
from tests.journeys.conftest import Chenghe, Said

NUMBER = "云环罚〔2025〕示例12号"
KEY = f"{COMPANY}/{NUMBER}/2025-03-14"
DUTY = ("--unit", "市生态环境局", "--matter", "行政许可审查", "--handler", "王五", "--purpose", "核对申请材料")
NOW = datetime(2026, 11, 22, 10, tzinfo=SHANGHAI)


@pytest.fixture
def listing(chenghe: Chenghe, tmp_path: Path) -> Chenghe:
    """``records list`` of a company with one published and one unpublished record, read by the options given."""
    ours = {"CF_CFJG": "盐城市税务局", "CF_SJLY": "盐城市税务局"}
    rows = [
        penalty(**ours, KZ_GS="是"),
        penalty(**ours, KZ_GS="否", CF_WSH="云环罚〔2025〕示例13号"),
    ]
    chenghe("subjects", "import", write_csv(tmp_path / "s.csv", [subject()]))
    assert chenghe("records", "import", write_csv(tmp_path / "r.csv", rows)).status == 0
    return lambda *options: chenghe("records", "list", "--subject", COMPANY, *options, "--json")


def last_line(tmp_path: Path) -> tuple[str, str, str, str]:
    with open_store(tmp_path / "home" / "office.db").connect() as connection:
        row = connection.execute(select(audit).order_by(audit.c.id.desc())).first()
    assert row is not None
    return row.action, row.actor, row.purpose, row.detail


def numbers(said: Said) -> set[str]:
    return {entry["document_number"] for entry in said.json}


def test_the_office_reads_by_its_own_duty_without_saying_more(listing: Chenghe, tmp_path: Path) -> None:
    assert numbers(listing()) == {NUMBER, "云环罚〔2025〕示例13号"}
    action, actor, purpose, detail = last_line(tmp_path)
    assert (action, actor, purpose) == ("records.list", clock.operator(), "窗口核对")
    assert detail.startswith("信用办履职（窗口核对，")


def test_an_agency_reads_by_duty_and_sees_what_is_shared(listing: Chenghe, tmp_path: Path) -> None:
    assert numbers(listing(*DUTY)) == {NUMBER}
    assert last_line(tmp_path) == (
        "records.list",
        "王五",
        "核对申请材料",
        f"履职（市生态环境局，行政许可审查，王五，操作员 {clock.operator()}）：显示 1 条，不得公开 0 条，不共享 1 条",
    )


@pytest.mark.parametrize("left_out", range(0, 8, 2))
def test_half_a_duty_is_refused_and_kept(listing: Chenghe, tmp_path: Path, left_out: int) -> None:
    said = listing(*DUTY[:left_out], *DUTY[left_out + 2 :]) if left_out else listing(*DUTY[2:], "--unit", "")
    assert said.status == 2
    assert said.json["error"]["code"] in {"ACCESS_UNSTATED", "ACCESS_UNIT_UNKNOWN"}
    action, actor, _, _ = last_line(tmp_path)
    assert action == "access.denied"
    assert actor in ("王五", clock.operator())


def test_the_subject_itself_at_the_desk(listing: Chenghe, tmp_path: Path) -> None:
    assert numbers(listing("--identity", "营业执照、经办人身份证")) == {NUMBER}
    assert last_line(tmp_path)[1:3] == (clock.operator(), "本人查询")


def test_authorisation_opens_the_records_until_it_is_revoked(
    listing: Chenghe, chenghe: Chenghe, tmp_path: Path
) -> None:
    file = tmp_path / "授权书.pdf"
    file.write_bytes(b"%PDF-1.7\n%%EOF\n")
    bank = ("--grantee", "云汀示例银行")
    term = ("--from", "2026-01-01", "--to", "2099-01-01")
    added = chenghe("authorisations", "add", file, "--subject", COMPANY, *bank, "--scope", "records", *term, "--json")
    number = added.json["number"]
    assert numbers(listing("--authorisation", number, *bank)) == {NUMBER}
    assert [each["number"] for each in chenghe("authorisations", "list", "--json").json] == [number]
    assert "有效" in chenghe("authorisations", "list", "--subject", COMPANY).out
    assert chenghe("authorisations", "revoke", number, "--reason", "主体撤回").status == 0
    assert listing("--authorisation", number, *bank).json["error"]["code"] == "AUTHORISATION_REVOKED"
    assert "已撤销" in chenghe("authorisations", "list").out


def test_authorisation_with_a_file_that_is_none_is_refused(chenghe: Chenghe, tmp_path: Path, listing: Chenghe) -> None:
    how = ("--subject", COMPANY, "--grantee", "银行", "--scope", "report", "--from", "2026-01-01", "--to", "2099-01-01")
    missing = chenghe("authorisations", "add", tmp_path / "x.pdf", *how, "--json")
    assert missing.json["error"]["code"] == "FILE_UNREADABLE"
    (tmp_path / "x.pdf").write_bytes(b"MZ")
    assert chenghe("authorisations", "add", tmp_path / "x.pdf", *how, "--json").json["error"]["code"] == "EVIDENCE_KIND"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((*DUTY, "--identity", "证件"), "CLAIM_MIXED"),
        (("--authorisation", "SQ1", "--unit", "市税务局"), "CLAIM_MIXED"),
        (("--grantee", "银行"), "CLAIM_INCOMPLETE"),
        (("--authorisation", "SQ1"), "ACCESS_UNSTATED"),
        (("--authorisation", "SQ1", "--grantee", "马洛里"), "AUTHORISATION_UNKNOWN"),
    ],
)
def test_claims_are_not_mixed_or_halved(listing: Chenghe, options: tuple[str, ...], code: str) -> None:
    said = listing(*options)
    assert (said.status, said.json["error"]["code"]) == (2, code)


def test_history_tells_who_changed_what(listing: Chenghe, chenghe: Chenghe, tmp_path: Path) -> None:
    with writing(open_store(tmp_path / "home" / "office.db")) as connection:
        amend(connection, KEY, {"fine_wan": Decimal("0.5")}, at=NOW, actor="赵六", reason="异议成立")
    told = chenghe("records", "history", KEY)
    assert "赵六  更正  异议成立" in told.out
    assert "罚款金额（万元）：1.25 → 0.5" in told.out
    (entry,) = chenghe("records", "history", KEY, "--json").json
    assert entry["versions"][0]["changes"] == [{"field": "fine_wan", "before": "1.25", "after": "0.5"}]
    assert len(chenghe("records", "history", "--subject", COMPANY, "--json").json) == 2
    assert chenghe("records", "history", KEY, *DUTY, "--json").json["error"]["code"] == "ACCESS_OFFICE_ONLY"
    assert chenghe("records", "history", "x", "--json").json["error"]["code"] == "RECORD_UNKNOWN"
    assert chenghe("records", "history", "--json").json["error"]["code"] == "HISTORY_OF_WHAT"


def test_feeds_are_told_for_every_domain(listing: Chenghe, chenghe: Chenghe) -> None:
    told = {feed["name"]: feed for feed in chenghe("records", "feeds", "--json").json}
    assert len(told) == 45
    assert {feed["state"] for feed in told.values()} == {"已接入", "暂未接入"}
    assert all(feed["responsible"] for feed in told.values())
    assert len(chenghe("records", "feeds").out.splitlines()) == 45


def test_batches_name_their_file_and_provider(listing: Chenghe, chenghe: Chenghe) -> None:
    told = chenghe("records", "batches", "--json").json
    assert [batch["file"] for batch in told] == ["r.csv", "s.csv"]
    assert len(chenghe("records", "batches", "--limit", "1", "--json").json) == 1
    assert "r.csv" in chenghe("records", "batches").out
    assert chenghe("records", "batches", "--limit", "0", "--json").json["error"]["code"] == "LIMIT_WRONG"


def test_the_office_amends_a_record_by_its_own_decision(listing: Chenghe, chenghe: Chenghe, tmp_path: Path) -> None:
    how = ("--set", "罚款金额=0.5", "--set", "法律状态=变更", "--reason", "判决书（示例）")
    assert chenghe("records", "amend", KEY, *how).status == 0
    assert "罚款金额（万元）：1.25 → 0.5" in chenghe("records", "history", KEY).out
    entry = next(each for each in listing().json if each["key"] == KEY)
    assert entry["legal_state"] == "变更"


def test_a_record_is_given_to_another_unit_by_the_name_the_office_knows(listing: Chenghe, chenghe: Chenghe) -> None:
    how = ("--set", "数据来源单位=盐城市市场监管局", "--set", "所属领域=20", "--reason", "原单位名称有误（示例）")
    assert chenghe("records", "amend", KEY, *how).status == 0
    entry = next(each for each in listing().json if each["key"] == KEY)
    assert (entry["source_unit"], entry["domain"]) == ("市市场监督管理局", 20)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("主体代码=1", "CORRECTION_UNKNOWN"),
        ("异议处理中=否", "CORRECTION_UNKNOWN"),
        ("所属领域=999", "DOMAIN_UNKNOWN"),
        ("数据来源单位=外地环保局", "UNIT_UNKNOWN"),
        ("数据来源单位=", "FIELD_WRONG"),
        ("罚款金额=很多", "FIELD_WRONG"),
        ("罚款金额", "USAGE"),
    ],
)
def test_amendment_that_is_none_changes_nothing(listing: Chenghe, chenghe: Chenghe, given: str, code: str) -> None:
    said = chenghe("records", "amend", KEY, "--set", given, "--reason", "示例")
    assert said.status == 2
    assert code in said.err
    assert "没有改过" in chenghe("records", "history", KEY).out


def test_what_was_registered_before_is_shown_with_who_when_and_why(
    listing: Chenghe, chenghe: Chenghe, tmp_path: Path
) -> None:
    assert "没有改过" in chenghe("subjects", "history", COMPANY).out
    renamed = write_csv(tmp_path / "s2.csv", [subject(名称="云汀示例新名有限公司", 法定代表人="李小四")])
    assert chenghe("subjects", "import", renamed).status == 0
    said = chenghe("subjects", "history", COMPANY)
    for words in (clock.operator(), "重新报送：s2.csv", "→ 云汀示例新名有限公司", "张* → 李**"):
        assert words in said.out, said.out
    told = chenghe("subjects", "history", COMPANY, "--json")
    assert [change["field"] for change in told.json["versions"][0]["changes"]] == ["name", "legal_representative"]
    assert "张三" not in said.out + told.out
    assert last_line(tmp_path)[0] == "subject.history"


def test_what_was_registered_before_is_for_the_office_only(listing: Chenghe, chenghe: Chenghe, tmp_path: Path) -> None:
    for right in (DUTY, ("--identity", "营业执照")):
        assert chenghe("subjects", "history", COMPANY, *right, "--json").json["error"]["code"] == "ACCESS_OFFICE_ONLY"
        assert last_line(tmp_path)[0] == "access.denied"
    unknown = chenghe("subjects", "history", SHOP, "--json")
    assert "没有统一社会信用代码" in unknown.json["error"]["message"]
