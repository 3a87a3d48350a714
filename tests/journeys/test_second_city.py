"""A second city without a line of code: set up, filled in as a clerk does, checked, and its first report is issued.

The city of 青禾市 and everything about it is fictional.
"""

from pathlib import Path

import pytest

from index.rules.sheets import decode
from tests.journeys.conftest import Chenghe

COMPANY = "91320902MA1EX0M1XB"
INSTITUTION = "12320902MA1EX0M1XG"
SUBJECTS = f"名称,统一社会信用代码,主体类型\n青禾示例禾苗环保科技有限公司（虚构）,{COMPANY},公司\n"
PENALTIES = (
    "CF_XDR_MC,CF_XDR_SHXYM,CF_WSH,CF_WFXW,CF_SY,CF_YJ,CF_CFLB,CF_NR,CF_NR_FK,CF_JDRQ,CF_GSJZQ,CF_CFJG,CF_SJLY\n"
    f"青禾示例禾苗环保科技有限公司（虚构）,{COMPANY},（示例）禾环罚〔2026〕1号,示例违法行为,示例事实,示例依据,"
    "罚款,罚款人民币1万元,1.00,2026-06-01,2028-06-01,青禾市生态环境局,市环保局\n"
)
BASIS = "青禾市经营主体专用信用报告管理办法（虚构）"
NOW = "2026-07-15T10:00:00+08:00"


@pytest.fixture
def folder(chenghe: Chenghe, tmp_path: Path) -> Path:
    said = chenghe("office", "init", "--city", "青禾市")
    assert said.status == 0, said.err
    assert "chenghe office check" in said.err
    return tmp_path / "home" / "office"


def edit(file: Path, *changes: tuple[str, str]) -> None:
    """As a spreadsheet does: in GB18030."""
    text = decode(file.read_bytes(), file.name)
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    file.write_bytes(text.encode("utf-8" if file.suffix == ".toml" else "gb18030"))


def fill_in(folder: Path) -> None:
    edit(
        folder / "office.toml",
        ("青禾市公共信用信息工作机构（待核实）", "青禾市公共信用信息中心（虚构）"),
        ("青禾市公共信用信息系统（待核实）", "青禾市公共信用信息系统（虚构）"),
        ("“信用中国（青禾）”（待核实）", "信用青禾（虚构）"),
        ("XXZX", "QHZX"),
        ("https://verify.example.cn", "https://verify.qinghe.example"),
        ("待核实", "示例办法第六条"),
        ("# objection_days = 10", "objection_days = 7"),
    )
    edit(
        folder / "domains.csv",
        ("首批实施,2024-09-01,,待核实", "首批实施,2026/5/1,,示例附件"),
        ("第二批实施,2024-10-01,,待核实", "第二批实施,2026/9/1,,示例附件"),
    )
    with (folder / "domains.csv").open("ab") as file:
        file.write("46,数据安全领域,,市数据局,市数据局,首批实施,2026年5月1日,,示例附件\n".encode("gb18030"))
    edit(folder / "unit_aliases.csv", ("别名,单位\n", "别名,单位\n市环保局,市生态环境局\n"))
    edit(
        folder / "bases.csv",
        ("有效期至,来源\n", f"有效期至,来源\n{BASIS},禾政办发〔2026〕3号,2026/5/1,2031/4/30,示例公报2026年第5期\n"),
    )
    refused = "目前只为经营主体出具专用信用报告，向更多类型的主体扩展尚在探索"
    edit(
        folder / "subject_kinds.csv",
        (f"事业单位,否,12,是,{refused}", "事业单位,是,12,是,"),
        ("待核实", "示例办法第三条"),
    )


def test_a_second_city_issues_its_first_report(chenghe: Chenghe, folder: Path, tmp_path: Path) -> None:
    draft = chenghe("office", "check", "--as-of", "2026-07-15", "--json")
    assert (draft.status, draft.json["basis"], len(draft.json["unverified"])) == (1, None, 66)

    fill_in(folder)
    checked = chenghe("office", "check", "--as-of", "2026-07-15", "--json")
    assert checked.status == 0, checked.err
    assert checked.json["basis"] == BASIS
    assert checked.json["domains_in_force"] == [*range(1, 20), 46]
    assert len(checked.json["domains_coming"]) == 26
    assert (checked.json["unverified"], checked.json["objection_days"]) == ([], 7)

    for name, content in (("subjects.csv", SUBJECTS), ("penalties.csv", PENALTIES)):
        (tmp_path / name).write_text(content, encoding="utf-8")
    assert chenghe("subjects", "import", tmp_path / "subjects.csv").status == 0
    assert chenghe("records", "import", tmp_path / "penalties.csv", "--unit", "青禾市生态环境局").status == 0

    out = tmp_path / "out"
    said = chenghe("report", "issue", "--subject", COMPANY, "--years", 3, "--now", NOW, "--out", out, "--json")
    assert said.status == 0, said.err
    number = said.json["number"]
    assert number.startswith("QHZX20260715")
    (seen,) = chenghe("verify", said.json["qr_text"], "--at", NOW, "--json").json
    assert (seen["verdict"], seen["report"]["domains"], seen["report"]["records"]) == ("valid", 20, 1)
    text = words(out / f"{number}.docx")
    for word in (
        "青禾市公共信用信息中心（虚构）",
        BASIS,
        "数据安全领域",
        "青禾市公共信用信息系统（虚构）",
    ):
        assert word in text, word
    assert "盐城" not in text


def words(report: Path) -> str:
    """Every text of the document, tables and headers included."""
    import re
    import zipfile

    with zipfile.ZipFile(report) as package:
        parts = [package.read(name).decode() for name in package.namelist() if re.fullmatch(r"word/\w+\.xml", name)]
    return "".join(re.sub(r"<[^>]+>", "", part) for part in parts)


def test_a_kind_only_this_city_serves_is_admitted_here_and_refused_by_the_sample(
    chenghe: Chenghe, folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "schools.csv").write_text(
        f"名称,统一社会信用代码\n青禾示例学校（虚构）,{INSTITUTION}\n", encoding="utf-8"
    )
    assert chenghe("subjects", "import", tmp_path / "schools.csv", home=tmp_path / "sample").status == 1
    fill_in(folder)
    assert chenghe("subjects", "import", tmp_path / "schools.csv").status == 0
    said = chenghe("report", "issue", "--subject", INSTITUTION, "--years", 1, "--now", NOW, "--json")
    assert said.status == 0, said.err


def test_a_slip_of_the_clerk_is_named_with_file_row_and_next_step(chenghe: Chenghe, folder: Path) -> None:
    fill_in(folder)
    edit(folder / "domains.csv", ("2026年5月1日", "2026年5月32日"))
    said = chenghe("office", "check")
    assert said.status == 2
    for word in ("domains.csv 第 53 行“实施日期”列", "下一步："):
        assert word in said.err, said.err


def test_a_draft_is_no_real_office(chenghe: Chenghe, folder: Path) -> None:
    edit(folder / "office.toml", ("sample = true\n", "sample = false\n"))
    said = chenghe("office", "check", "--json")
    assert (said.status, said.json["error"]["code"]) == (2, "OFFICE_UNVERIFIED")
    fill_in(folder)
    assert chenghe("office", "check", "--as-of", "2026-07-15").status == 0


def test_an_office_is_set_up_once(chenghe: Chenghe, folder: Path) -> None:
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    assert "OFFICE_EXISTS" in chenghe("office", "init", "--city", "云汀市", "--from", "yunting").err
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
