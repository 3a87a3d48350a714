"""Answers index/rules/offices.py, identity.py and sheets.py."""

import csv
from contextlib import suppress
from datetime import date
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.calendar import DayKind
from index.errors import RuleError
from index.rules.offices import PROFILES, REQUIRED, copy_profile, load_office, load_profile


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy_profile("yunting", tmp_path / "office")
    return tmp_path / "office"


def _replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_sample_office_carries_the_45_domains_of_the_annex(shared: Path) -> None:
    office = load_profile("yancheng")
    with (shared / "domain" / "domains.csv").open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) == 45
    assert [(str(d.number), d.name, d.note, d.batch, d.effective_on.isoformat()) for d in office.domains] == [
        (row["no"], row["domain"], row["domain_note"], row["batch"], row["effective_date"]) for row in rows
    ]


def test_annex_units_are_printed_as_the_annex_prints_them() -> None:
    text = {domain.number: domain.unit_text for domain in load_profile("yancheng").domains}
    assert text[6] == "具有相关政务服务事项的市直单位"
    assert text[21] == "市委宣传部（新闻出版局、文明办）"
    assert text[37] == "市市场监管局"
    assert text[45] == "市发改委（盐城供电公司）、市住建局（辖区内供水公司、辖区内供气公司）"


@pytest.mark.parametrize(
    ("unit", "numbers"),
    [
        ("市发改委", [2, 35, 45]),
        ("市自然资源和规划局", [12, 31]),
        ("市市场监督管理局", [20, 37]),
        ("市住房和城乡建设局", [14, 45]),
    ],
)
def test_b07_one_unit_may_own_several_domains(unit: str, numbers: list[int]) -> None:
    assert [domain.number for domain in load_profile("yancheng").domains if unit in domain.units] == numbers


def test_b06_first_batch_is_19_domains_and_the_second_makes_45() -> None:
    office = load_profile("yancheng")
    assert len(office.domains_on(date(2024, 8, 31))) == 0
    assert len(office.domains_on(date(2024, 9, 30))) == 19
    assert len(office.domains_on(date(2024, 10, 1))) == 45


@pytest.mark.parametrize(
    ("day", "in_force"), [("2024-08-31", False), ("2024-09-01", True), ("2026-08-31", True), ("2026-09-01", False)]
)
def test_b19_sample_basis_is_in_force_for_two_years_only(day: str, in_force: bool) -> None:
    assert (load_profile("yancheng").basis_on(date.fromisoformat(day)) is not None) is in_force


def test_fictional_city_can_issue_today_and_has_two_domains_to_come() -> None:
    office = load_profile("yunting")
    basis = office.basis_on(date(2026, 11, 22))
    assert basis is not None
    assert basis.effective_to == date(2031, 2, 28)
    assert (len(office.domains), len(office.domains_on(date(2026, 11, 22)))) == (12, 10)
    assert office.number_prefix == "YTZX"


def test_every_file_of_the_fictional_city_says_so(folder: Path) -> None:
    assert all("虚构" in file.read_text(encoding="utf-8").splitlines()[0] for file in folder.iterdir())


@pytest.mark.parametrize("name", PROFILES)
def test_built_in_offices_are_samples(name: str) -> None:
    assert load_profile(name).sample


def test_b08_purposes_come_in_three_groups() -> None:
    assert [group for group, _ in load_profile("yancheng").purposes] == ["金融", "商务经营", "行政管理"]


def test_absent_or_empty_folder_means_the_sample(tmp_path: Path) -> None:
    sample = load_profile("yancheng")
    assert load_office(None) == load_office(tmp_path / "absent") == load_office(tmp_path) == sample


@pytest.mark.parametrize("name", PROFILES)
def test_profile_is_a_package_so_that_the_wheel_carries_it(name: str) -> None:
    assert import_module(f"index.rules.profiles.{name}").__file__


def test_copied_profile_is_the_same_office(folder: Path) -> None:
    assert load_office(folder) == load_profile("yunting")


def test_copying_never_overwrites(folder: Path) -> None:
    with pytest.raises(RuleError, match="已有"):
        copy_profile("yunting", folder)


def test_half_filled_folder_is_an_error_not_the_sample(folder: Path) -> None:
    (folder / "bases.csv").unlink()
    with pytest.raises(RuleError, match=r"缺少 bases\.csv"):
        load_office(folder)


def test_unknown_profile_names_the_known_ones() -> None:
    with pytest.raises(RuleError) as caught:
        load_profile("../yunting")
    assert "yancheng" in caught.value.next_step


def test_gb18030_sheet_is_read(folder: Path) -> None:
    file = folder / "domains.csv"
    file.write_bytes(file.read_text(encoding="utf-8").encode("gb18030"))
    assert load_office(folder) == load_profile("yunting")


def test_own_calendar_days_reach_the_office(folder: Path) -> None:
    (folder / "calendar.csv").write_text("date,kind\n2027-01-02,work\n2027-02-08,off\n", encoding="utf-8")
    assert load_office(folder).calendar.overrides == {
        date(2027, 1, 2): DayKind.WORK,
        date(2027, 2, 8): DayKind.OFF,
    }


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("domains.csv", "4,生态环境领域", "3,生态环境领域", "第 6 行“序号”列：领域 3 生态环境领域 重复"),
        ("domains.csv", "4,生态环境领域", "四,生态环境领域", "第 6 行“序号”列：“四”不是"),
        ("domains.csv", "2026-03-01", "2026-02-30", "第 3 行“实施日期”列：“2026-02-30”不是日期"),
        ("domains.csv", "市税务局,市税务局", "市税务局,", "第 7 行“责任单位原文”列：不能为空"),
        ("domains.csv", "5,税务领域,,", "5,税务领域,", "第 7 行有 7 列，表头有 8 列"),
        ("domains.csv", "序号,领域", "编号,领域", "缺少列：序号；不认识的列：编号"),
        ("bases.csv", "2031-02-28", "2026-02-28", "第 3 行“有效期至”列：早于施行日期"),
        ("bases.csv", "云汀市经营主体专用信用报告管理办法", "", "第 3 行“文件名称”列：不能为空"),
        ("unit_aliases.csv", "市城市管理局", "市城管委", "没有“市城管委”"),
        ("unit_aliases.csv", "市城管局,", "市应急局,", "“市应急局”已经登记过"),
        ("units.csv", "垂直管理单位", "垂直单位", "“垂直单位”不是来源类别"),
        ("main_domains.csv", "市发展改革局,2", "市发展改革局,3", "“3”不是市发展改革局负责的领域"),
        ("office.toml", "YTZX", "Ytzx", "number_prefix 应为 4 个大写英文字母"),
        ("office.toml", "yunting.example", "yunting.example/", "verify_url"),
        ("office.toml", "https://", "http://", "verify_url"),
        ("office.toml", "sample = true", 'sample = "yes"', "sample 应为 true 或 false"),
        ("office.toml", "city =", "town =", "缺少：city"),
        ("office.toml", "sample = true", "sample = true\nsampel = true", "不认识的项：sampel"),
        ("office.toml", 'city = "云汀市"', "city = 云汀市", "不是有效的 TOML"),
        ("office.toml", 'city = "云汀市"', "city = “云汀市”", "第 3 行第 8 个字处不是有效的 TOML"),
        ("office.toml", 'city = "云汀市"', 'city = "云汀"', "city 应为城市全称"),
        ("office.toml", 'group = "金融"', 'gruop = "金融"', "group 和 names"),
        ("office.toml", "sample = true", "sample = true\nobjection_days = 0", "objection_days 应为 1–90 的整数"),
        ("office.toml", "sample = true", "sample = true\nobjection_days = true", "objection_days 应为 1–90 的整数"),
        ("office.toml", "sample = true", 'sample = true\nallow_expired_basis = "是"', "allow_expired_basis 应为 true"),
        ("office.toml", "sample = true", "sample = true\ncriminal_records_included = 1", "criminal_records_included"),
        ("office.toml", "sample = true", 'sample = true\nsigning_algorithm = "RSA"', "signing_algorithm"),
        ("office.toml", "sample = true", "sample = true\nsigning_algorithm = 2", "signing_algorithm"),
        ("domains.csv", "实施日期,来源", "实施日期,出处", "不认识的列：出处"),
        ("domains.csv", "4,生态环境领域", "4,生态\u200b环境领域", "第 6 行“领域”列：有看不见的字符"),
        ("domains.csv", "4,生态环境领域", "4,生态环境\u3164领域", "第 6 行“领域”列：有看不见的字符"),
        ("domains.csv", "4,生态环境领域", "4,生态\x01环境领域", "第 6 行“领域”列：有看不见的字符"),
    ],
)
def test_mistake_is_named_with_its_file_and_row(folder: Path, file: str, old: str, new: str, said: str) -> None:
    _replace(folder / file, old, new)
    with pytest.raises(RuleError) as caught:
        load_office(folder)
    assert said in caught.value.message
    assert file in caught.value.message
    assert caught.value.next_step


def test_a_basis_stands_once_in_its_file(folder: Path) -> None:
    _replace(
        folder / "bases.csv",
        "文件名称,文号,施行日期,有效期至,来源\n",
        "文件名称,文号,施行日期,有效期至,来源\n" + 2 * "甲办法,,2026-03-01,,公报\n",
    )
    with pytest.raises(RuleError, match=r"bases\.csv 第 4 行“文件名称”列：《甲办法》已经写过一行"):
        load_office(folder)


def test_title_marks_in_the_file_are_not_printed_twice(folder: Path) -> None:
    before = load_office(folder).bases
    _replace(folder / "bases.csv", before[0].title, f"《{before[0].title}》")
    assert load_office(folder).bases == before


@pytest.mark.parametrize("content", ["date,kind\n2027-01-01,holiday\n", "date,kind\n2027-01-01,off\n2027-01-01,work\n"])
def test_calendar_mistakes_are_named(folder: Path, content: str) -> None:
    (folder / "calendar.csv").write_text(content, encoding="utf-8")
    with pytest.raises(RuleError, match=r"calendar\.csv 第 [23] 行"):
        load_office(folder)


def test_huge_file_is_refused(folder: Path) -> None:
    (folder / "bases.csv").write_bytes(b"#" * (1 << 20) + b"#")
    with pytest.raises(RuleError, match="超过 1 MiB"):
        load_office(folder)


def test_binary_file_is_refused(folder: Path) -> None:
    (folder / "bases.csv").write_bytes(b"\xff\xff\xff\xff")
    with pytest.raises(RuleError, match="不是 UTF-8 或 GB18030"):
        load_office(folder)


def test_what_an_office_may_decide_has_a_default_and_can_be_set(folder: Path) -> None:
    office = load_office(folder)
    assert (office.criminal_records_included, office.allow_expired_basis, office.objection_days) == (True, False, None)
    choices = "criminal_records_included = false\nallow_expired_basis = true\nobjection_days = 10\n"
    (folder / "office.toml").write_text(choices + (folder / "office.toml").read_text("utf-8"), encoding="utf-8")
    office = load_office(folder)
    assert (office.criminal_records_included, office.allow_expired_basis, office.objection_days) == (False, True, 10)


def test_every_domain_purpose_and_basis_of_the_sample_names_its_source() -> None:
    office = load_profile("yancheng")
    assert [domain.source for domain in office.domains] == [f"附件第 {number} 行" for number in range(1, 46)]
    named = {what for what, source in office.sources if source}
    assert named == {group for group, _ in office.purposes} | {basis.title for basis in office.bases}


def test_a_domain_may_end_and_files_of_before_need_no_new_columns(folder: Path) -> None:
    (folder / "domains.csv").write_text(
        "序号,领域,说明,责任单位,责任单位原文,批次,实施日期,截止日期\n"
        "1,市场监管领域,,市市场监督管理局,市市场监督管理局,第一批,2026-03-01,2026-12-31\n"
        "2,税务领域,,市税务局,市税务局,第一批,2026年3月1日,\n",
        encoding="utf-8",
    )
    for file in ("unit_aliases.csv", "main_domains.csv"):
        (folder / file).write_text("别名,单位\n" if file == "unit_aliases.csv" else "单位,领域序号\n", encoding="utf-8")
    office = load_office(folder)
    assert [domain.number for domain in office.domains_on(date(2026, 12, 31))] == [1, 2]
    assert [domain.number for domain in office.domains_on(date(2027, 1, 1))] == [2]
    assert office.domains[0].source == ""


def test_a_sheet_saved_by_a_spreadsheet_is_read(folder: Path) -> None:
    """Slashes in days, quotation marks and commas in notes, every row as long as the longest, GB18030."""
    text = (folder / "bases.csv").read_text(encoding="utf-8")
    text = text.replace("2026-03-01,2031-02-28", "2026/3/1,2031/2/28").replace("# 虚构", '"# 虚构,",,,', 1)
    (folder / "bases.csv").write_bytes(text.replace("\n", ",,,\r\n").encode("gb18030"))
    assert load_office(folder).bases == load_profile("yunting").bases


HOLIDAYS = "".join(f"2027-02-{day:02},off\n" for day in range(5, 16))


def test_a_year_entered_whole_counts_as_published(folder: Path) -> None:
    (folder / "calendar.csv").write_text(f"date,kind\n{HOLIDAYS}2027-02-20,work\n2027,published\n", encoding="utf-8")
    calendar = load_office(folder).calendar
    assert calendar.is_published(2027)
    assert not calendar.is_published(2028)
    found = calendar.last_working_day_before(date(2027, 2, 16))
    assert (found.day, found.published) == (date(2027, 2, 4), True)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("2027-02-05,off\n2027,published\n", "2027 年只录入了 1 个休息日"),
        (HOLIDAYS + "2028,published\n", "2028 年只录入了 0 个休息日"),
        (HOLIDAYS + "27,published\n", "“27”不是年份"),
        (HOLIDAYS + "2027-01-01,published\n", "“2027-01-01”不是年份"),
        (HOLIDAYS + "2027,off\n", "“2027”不是日期"),
        ("".join(f"2027-0{3 + day // 28}-{day % 28 + 1:02},off\n" for day in range(50)), "没有工作日"),
    ],
)
def test_a_year_is_not_published_by_a_slip(folder: Path, rows: str, said: str) -> None:
    (folder / "calendar.csv").write_text("date,kind\n" + rows, encoding="utf-8")
    with pytest.raises(RuleError) as caught:
        load_office(folder)
    assert said in caught.value.message
    assert caught.value.next_step


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("bases.csv", "x" * 200_000),
        ("bases.csv", "文件名称,文号,施行日期,有效期至\n" + "x" * 200_000),
        ("bases.csv", "文件名称,文号,施行日期,有效期至\n\0,\0,2026-01-01,\n"),
        ("office.toml", "a = " + "[" * 100_000),
        ("office.toml", "objection_days = " + "9" * 10_000),
    ],
)
def test_a_file_made_to_break_the_reader_is_refused_in_words(folder: Path, file: str, content: str) -> None:
    (folder / file).write_text(content, encoding="utf-8")
    with pytest.raises(RuleError) as caught:
        load_office(folder)
    assert file in caught.value.message


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=60)
@given(st.sampled_from(REQUIRED), st.binary(max_size=80))
def test_whatever_is_in_a_file_it_is_read_or_refused_in_words(folder: Path, file: str, content: bytes) -> None:
    original = (folder / file).read_bytes()
    try:
        (folder / file).write_bytes(original + content)
        with suppress(RuleError):
            load_office(folder)
    finally:
        (folder / file).write_bytes(original)
