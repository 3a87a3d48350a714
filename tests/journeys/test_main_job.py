"""The main job as a transcript: import, issue, verify, wait, revoke – through the command line, on an office of 2024.

The office is the built-in sample profile, whose basis ran from 2024-09-01 to 2026-08-31. All companies are fictional.
"""

from pathlib import Path

import pytest

from tests.journeys.conftest import Chenghe

COMPANY = "91320902MA1EX0M1XB"
SUBJECTS = f"""名称,统一社会信用代码,主体类型,法定代表人,成立日期,住所,登记状态,登记机关
盐城示例禾苗环保科技有限公司（虚构）,{COMPANY},公司,张示例,2019-05-06,示例路1号,存续,示例登记机关
"""
HEADINGS = (
    "CF_XDR_MC,CF_XDR_LB,CF_XDR_SHXYM,CF_WSH,CF_WFXW,CF_SY,CF_YJ,"
    "CF_CFLB,CF_NR,CF_NR_FK,CF_JDRQ,CF_GSJZQ,CF_CFJG,CF_SJLY"
)
PENALTY = (
    f"盐城示例禾苗环保科技有限公司（虚构）,法人及非法人组织,{COMPANY},盐环罚〔2025〕示例12号,示例违法行为,示例事实,示例依据,"
    "罚款,罚款人民币8万元,8.00,2025-03-14,2028-03-14,市生态环境局,市生态环境局"
)
AUGUST = "2026-08-20T10:00:00+08:00"


@pytest.fixture
def office(chenghe: Chenghe, tmp_path: Path) -> Chenghe:
    """One company, one penalty, two connected domains."""
    (tmp_path / "subjects.csv").write_text(SUBJECTS, encoding="utf-8")
    (tmp_path / "penalties.csv").write_text(f"{HEADINGS}\n{PENALTY}\n", encoding="gb18030")
    (tmp_path / "none.csv").write_text(f"{HEADINGS}\n", encoding="utf-8")
    assert chenghe("subjects", "import", tmp_path / "subjects.csv").status == 0
    assert chenghe("records", "import", tmp_path / "penalties.csv").status == 0
    assert chenghe("records", "import", tmp_path / "none.csv", "--unit", "市税务局").status == 0
    return chenghe


def issue(chenghe: Chenghe, out: Path, now: str = AUGUST) -> dict[str, object]:
    said = chenghe("report", "issue", "--subject", COMPANY, "--years", 3, "--now", now, "--out", out, "--json")
    assert said.status == 0, said.err
    return said.json


def verdict(chenghe: Chenghe, *arguments: object) -> tuple[str, int]:
    said = chenghe("verify", *arguments, "--json")
    verdicts = {entry["verdict"] for entry in said.json}
    assert len(verdicts) == 1, said.out
    return verdicts.pop(), said.status


def test_a_report_is_valid_to_the_last_second_of_its_month(office: Chenghe, tmp_path: Path) -> None:
    issue(office, tmp_path / "out")
    assert verdict(office, tmp_path / "out", "--at", "2026-09-20T23:59:59+08:00") == ("valid", 0)
    assert verdict(office, tmp_path / "out", "--at", "2026-09-21T00:00:00+08:00") == ("expired", 1)
    assert verdict(office, tmp_path / "out", "--at", "2026-08-20T09:59:59+08:00") == ("not_yet_valid", 1)


def test_a_report_of_31_january_ends_on_the_last_day_of_february(office: Chenghe, tmp_path: Path) -> None:
    assert str(issue(office, tmp_path / "out", "2026-01-31T09:00:00+08:00")["valid_until"]).startswith(
        "2026-02-28T23:59:59"
    )


def test_after_its_basis_has_ended_the_office_refuses_and_says_what_to_do(office: Chenghe) -> None:
    said = office("report", "issue", "--subject", COMPANY, "--years", 1, "--now", "2026-11-21T10:00:00+08:00", "--json")
    assert said.status == 2
    assert said.json["error"]["code"] == "BASIS_EXPIRED"
    assert "2026年8月31日" in said.json["error"]["message"]
    assert said.json["error"]["next_step"]


def test_the_json_is_that_of_the_design(office: Chenghe, tmp_path: Path) -> None:
    report = issue(office, tmp_path / "out")
    assert set(report) == {
        "number", "subject_code", "issued_at", "valid_until", "period_from", "period_to",
        "qr_text", "typed_code", "files",
    }  # fmt: skip
    (entry,) = office("verify", report["qr_text"], "--at", AUGUST, "--json").json
    assert set(entry) == {
        "input", "verdict", "reason", "message", "next_step", "checked_at", "report", "differences", "notices", "log",
    }  # fmt: skip
    assert entry["report"]["subject_code"] == COMPANY
    assert (entry["report"]["domains"], entry["report"]["records"], entry["report"]["domains_without_data"]) == (
        45,
        1,
        43,
    )


def test_an_early_report_carries_the_first_19_domains_only(office: Chenghe, tmp_path: Path) -> None:
    report = issue(office, tmp_path / "out", "2024-09-15T10:00:00+08:00")
    (entry,) = office("verify", report["qr_text"], "--at", "2024-09-15T11:00:00+08:00", "--json").json
    assert entry["report"]["domains"] == 19


def test_a_revoked_report_is_refused_even_within_its_month(office: Chenghe, tmp_path: Path) -> None:
    report = issue(office, tmp_path / "out")
    assert office("report", "revoke", report["number"], "--reason", "示例：数据有误").status == 0
    assert verdict(office, tmp_path / "out", "--at", "2026-08-21T10:00:00+08:00") == ("revoked", 1)


def test_offline_the_exported_trust_file_is_enough(office: Chenghe, tmp_path: Path) -> None:
    report = issue(office, tmp_path / "out")
    assert office("keys", "export", "--out", tmp_path / "trust.json").status == 0
    elsewhere = tmp_path / "elsewhere"
    said = office(
        "verify", report["qr_text"], tmp_path / "out",
        "--offline", "--trust", tmp_path / "trust.json", "--at", AUGUST, "--json",
        home=elsewhere,
    )  # fmt: skip
    assert {entry["verdict"] for entry in said.json} == {"valid"}
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["seen.json"], "what it has seen, nothing else"


def test_without_any_trust_nothing_is_called_valid(chenghe: Chenghe) -> None:
    said = chenghe("verify", "https://verify.example.cn/v#123", "--json")
    assert said.status == 2
    assert said.json["error"]["code"] == "TRUST_FILE_MISSING"


def test_a_repeated_request_gives_the_same_report(office: Chenghe, tmp_path: Path) -> None:
    first, second = (
        office("report", "issue", "--subject", COMPANY, "--years", 1, "--now", AUGUST, "--key", "柜台-1", "--json").json
        for _ in range(2)
    )
    assert first == second


def test_reading_records_leaves_an_audit_line(office: Chenghe, tmp_path: Path) -> None:
    import sqlite3

    assert office("records", "list", "--subject", COMPANY, "--purpose", "示例事由", "--json").json
    with sqlite3.connect(tmp_path / "home" / "office.db") as store:
        assert store.execute("select count(*) from audit where purpose = '示例事由'").fetchone()[0] >= 1
    store.close()
