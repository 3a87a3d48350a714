"""``chenghe office init | check``: sets up the folder that says what an office is, and says what it says."""

import argparse
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot import clock, console, rooms
from bot.commands import Commands
from bot.settings import Home

if TYPE_CHECKING:
    from index.rules.model import Office
    from index.rules.overview import Overview


def add_to(commands: Commands, common: argparse.ArgumentParser) -> None:
    group = commands.add_parser("office", help="本机构：建立配置文件夹、检查").add_subparsers(
        dest="office", required=True, metavar="动作"
    )
    starting = group.add_parser("init", parents=[common], help="建立 office 文件夹：带填写说明的 office.toml 和 CSV")
    starting.add_argument("folder", nargs="?", metavar="DIR", help="写到哪里（默认 数据目录/office）；不覆盖已有内容")
    starting.add_argument("--city", metavar="NAME", help="城市全称，如 盐城市；与所用示例不同的，各项先标“待核实”")
    starting.add_argument(
        "--from", dest="profile", default="yancheng", metavar="yancheng|yunting", help="以哪个内置示例为底稿"
    )
    starting.set_defaults(run=init)
    checking = group.add_parser("check", parents=[common], help="读一遍 office 文件夹，说明本机构现在是什么样")
    checking.add_argument("folder", nargs="?", metavar="DIR", help="检查哪个文件夹（默认 数据目录/office）")
    checking.add_argument("--as-of", metavar="DAY", help="按这一天判断（默认今天）")
    checking.add_argument("--json", action="store_true", help="输出 JSON")
    checking.set_defaults(run=check)


def init(options: argparse.Namespace, home: Home) -> int:
    from index.rules.starting import start_office

    folder = Path(options.folder).absolute() if options.folder else home.office
    office = start_office(folder, city=options.city, profile=options.profile)
    console.line(f"已在 {folder} 建立{office.city}的配置，每个文件开头都有填写说明。")
    for number, step in enumerate(_steps(office, folder, home), start=1):
        console.say(f"{number}. {step}")
    return 0


def _steps(office: "Office", folder: Path, home: Home) -> list[str]:
    from index.rules.unverified import unverified

    where, left, first = "" if folder == home.office else f" {folder}", len(unverified(office)), clock.today().year
    unknown = next(year for year in range(first, date.max.year) if not office.calendar.is_published(year))
    steps = ["先改 office.toml，再改 domains.csv、unit_aliases.csv、units.csv、main_domains.csv。"]
    if left:
        steps.append(f"有 {left} 处标着“待核实”或是示例内容，逐处对照文件原文核实、改掉。")
    if not office.bases:
        steps.append("在 bases.csv 填写签发依据，或用 chenghe bases register 登记；没有依据不能签发。")
    steps.append(f"国务院办公厅公布 {unknown} 年放假安排后，录入 calendar.csv。")
    steps.append(f"运行 chenghe office check{where}，照提示改到没有错误。")
    if where:
        steps.append(f"把整个文件夹放到数据目录下，名为 office：{home.office}。")
    steps.append("正式签发前，把 office.toml 的 sample 改为 false，并运行 chenghe keys init 建立密钥。")
    return steps


def check(options: argparse.Namespace, home: Home) -> int:
    """0 when a report could be issued on that day, 1 when the office's own data stand against it."""
    from index.rules.overview import overview

    day = clock.day(options.as_of) if options.as_of else clock.today()
    office = _office(options.folder, home)
    found = overview(office, day)
    if not options.folder:
        found = replace(found, notices=(*found.notices, *_unlisted(office, home)))
    if options.json:
        console.print_json(_described(office, found))
    else:
        _show(office, found)
    for obstacle in found.obstacles:
        console.say(f"不能签发：{obstacle}")
    for notice in found.notices:
        console.say(f"请注意：{notice}")
    return 1 if found.obstacles else 0


def _unlisted(office: "Office", home: Home) -> list[str]:
    from index.records.feeds import unlisted_domains

    if not home.database.exists():
        return []
    strays = unlisted_domains(rooms.store(home), office, actor=clock.operator(), now=clock.now())
    return [
        f"已导入的记录有 {count} 条属于序号 {number} 的领域，而 domains.csv 没有这个序号：这些记录不会出现在报告上。"
        "领域取消的，保留该行并填截止日期；序号一经使用不要改。"
        for number, count in strays
    ]


def _office(folder: str | None, home: Home) -> "Office":
    """A folder by itself, or the home's office with the bases registered there."""
    from index.rules.bases import with_registered

    if folder:
        return _load(Path(folder).absolute())
    if not home.office.is_dir():
        console.say(f"没有 {home.office}，以下是内置示例。用 chenghe office init 建立本机构的配置。")
    office = rooms.office(home)
    return with_registered(office, rooms.store(home)) if home.database.exists() else office


def _load(folder: Path) -> "Office":
    from index.errors import RuleError
    from index.rules.offices import load_office

    if not folder.is_dir() or not any(folder.iterdir()):
        raise RuleError(
            f"{folder} 不存在或是空的。", next_step=f"请用 chenghe office init {folder} 建立。", code="OFFICE_MISSING"
        )
    return load_office(folder)


def _show(office: "Office", found: "Overview") -> None:
    from index.rules.bases import state_on

    console.line(f"机构　　　{office.issuer_name}（{office.city}，{'示例' if office.sample else '正式'}）")
    console.line(f"报告　　　{office.report_title}，编号以 {office.number_prefix} 开头，核验网址 {office.verify_url}")
    console.line(f"查询系统　{office.platform}；网站 {office.website}")
    console.line(f"领域　　　{found.day} 已实施 {len(found.in_force)} 个，共 {len(office.domains)} 个")
    for domain in found.coming:
        console.line(f"　　　　　{domain.effective_on} 起：{domain.number} {domain.name}")
    for basis in office.bases:
        console.line(f"签发依据　{state_on(basis, found.day)}　《{basis.title}》{basis.document_number or ''}")
        console.line(f"　　　　　{basis.effective_from} 至 {basis.effective_to or '未写明'}")
    years = "，".join(f"{year} 年{'已公布' if published else '尚未公布'}" for year, published in found.years)
    console.line(f"放假安排　{years}")
    console.line(f"用途　　　{'；'.join(f'{group}：' + '、'.join(names) for group, names in office.purposes)}")
    console.line(f"适用对象　{'、'.join(office.subject_kinds.served)}")
    for line in _choices(office):
        console.line(f"　　　　　{line}")


def _choices(office: "Office") -> list[str]:
    days = office.objection_days
    return [
        f"刑事裁判{'列入单位的报告' if office.criminal_records_included else '不列入报告'}，自然人的一律不列入",
        "依据届满后继续签发，报告印明已届满" if office.allow_expired_basis else "依据届满后停止签发",
        f"异议答复：{days} 个工作日（服务承诺）" if days else "异议答复：没有设定时限",
        f"签名算法：{office.signing_algorithm}（此后新建的密钥）",
    ]


def _described(office: "Office", found: "Overview") -> dict[str, Any]:
    return {
        "city": office.city,
        "issuer_name": office.issuer_name,
        "sample": office.sample,
        "as_of": found.day.isoformat(),
        "domains_in_force": [domain.number for domain in found.in_force],
        "domains_coming": [{"number": each.number, "from": each.effective_on.isoformat()} for each in found.coming],
        "basis": found.basis.title if found.basis else None,
        "calendar": {str(year): published for year, published in found.years},
        "purposes": {group: list(names) for group, names in office.purposes},
        "subject_kinds": [kind.value for kind in office.subject_kinds.served],
        "criminal_records_included": office.criminal_records_included,
        "allow_expired_basis": office.allow_expired_basis,
        "objection_days": office.objection_days,
        "signing_algorithm": office.signing_algorithm,
        "unverified": list(found.unverified),
        "obstacles": list(found.obstacles),
        "notices": list(found.notices),
    }
