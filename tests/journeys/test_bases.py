"""The texts under which reports are issued, as a transcript: one ends, nothing is guessed, its successor is registered.

All companies, offices and documents are fictional; the expired scheme is the built-in sample's.
"""

from pathlib import Path

import pytest

from tests.journeys.conftest import Chenghe, Said

COMPANY = "91320902MA1EX0M1XB"
SUBJECTS = f"名称,统一社会信用代码,主体类型\n盐城示例禾苗环保科技有限公司（虚构）,{COMPANY},公司\n"
SUCCESSOR = "盐城示例专用信用报告管理办法（虚构）"
SCHEME = "关于推行经营主体以专用信用报告代替有无违法违规记录证明的实施方案（试行）"
REGISTER = (
    "bases", "register", SUCCESSOR, "--number", "盐示办发〔2026〕1号", "--from", "2026-09-01", "--to", "2031-08-31",
    "--replaces", SCHEME, "--evidence", "示例公报2026年第8期",
)  # fmt: skip


@pytest.fixture
def office(chenghe: Chenghe, tmp_path: Path) -> Chenghe:
    (tmp_path / "subjects.csv").write_text(SUBJECTS, encoding="utf-8")
    assert chenghe("subjects", "import", tmp_path / "subjects.csv").status == 0
    return chenghe


def issue(office: Chenghe, day: str, *more: object) -> Said:
    return office(
        "report", "issue", "--subject", COMPANY, "--years", 3, "--now", f"{day}T10:00:00+08:00", *more, "--json"
    )


def printed(report: Path) -> str:
    from docx import Document

    return "\n".join(paragraph.text for paragraph in Document(str(report)).paragraphs)


def test_a_basis_ends_is_followed_and_the_earlier_report_stays_what_it_was(office: Chenghe, tmp_path: Path) -> None:
    first = issue(office, "2026-08-20", "--out", tmp_path / "first")
    assert first.status == 0, first.err

    refused = issue(office, "2026-09-10")
    assert refused.status == 2
    assert refused.json["error"]["code"] == "BASIS_EXPIRED"
    assert "chenghe bases register" in refused.json["error"]["next_step"]

    entered = office(*REGISTER, "--json")
    assert entered.status == 0, entered.err
    assert (entered.json["title"], entered.json["replaces"]) == (SUCCESSOR, SCHEME)
    listed = office("bases", "list", "--as-of", "2026-09-10", "--json").json
    states = {row["title"]: (row["state"], row["used"]) for row in listed}
    assert states == {SCHEME: ("已届满", False), SUCCESSOR: ("现行有效", True)}

    second = issue(office, "2026-09-10", "--out", tmp_path / "second")
    assert second.status == 0, second.err
    assert office("report", "show", second.json["number"], "--json").json["basis"] == SUCCESSOR
    assert f"《{SUCCESSOR}》（盐示办发〔2026〕1号）" in printed(tmp_path / "second" / f"{second.json['number']}.docx")

    for moment, verdict in (("2026-09-20T23:59:59", "valid"), ("2026-09-21T00:00:00", "expired")):
        kept = tmp_path / "first" / f"{first.json['number']}.docx"
        seen = office("verify", kept, first.json["qr_text"], "--at", f"{moment}+08:00", "--json").json
        assert {entry["verdict"] for entry in seen} == {verdict}
    assert SCHEME in printed(tmp_path / "first" / f"{first.json['number']}.docx")


def test_an_office_that_allows_it_issues_under_the_ended_basis_and_the_report_says_so(
    office: Chenghe, tmp_path: Path
) -> None:
    from index.rules.offices import copy_profile

    folder = tmp_path / "home" / "office"
    copy_profile("yancheng", folder)
    file = folder / "office.toml"
    file.write_text("allow_expired_basis = true\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    report = issue(office, "2026-11-21", "--out", tmp_path / "out")
    assert report.status == 0, report.err
    text = printed(tmp_path / "out" / f"{report.json['number']}.docx")
    assert "有效期至2026年8月31日。本报告签发时上述方案有效期已届满。" in text
    assert office("bases", "list", "--as-of", "2026-11-21").err.count("有效期已届满") == 1


def test_a_text_is_registered_once_and_never_without_saying_where_it_was_seen(office: Chenghe) -> None:
    assert office(*REGISTER).status == 0
    again = office(*REGISTER)
    assert (again.status, "BASIS_KNOWN" in again.err) == (2, True)
    assert "USAGE" in office("bases", "register", "另一份示例文件", "--from", "2026-09-01", "--to", "未写明").err
    open_end = office(
        "bases", "register", "另一份示例文件", "--from", "2999-01-01", "--to", "未写明", "--evidence", "示例来函"
    )
    assert (open_end.status, "未施行" in open_end.out) == (0, True)
    assert "有效期" not in open_end.out
