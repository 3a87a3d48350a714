"""An assistant over the five real texts (../shared), and one over short fictional texts of 云汀市."""

import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from bot.assistant.answer import Answer
from bot.assistant.engine import Assistant
from index.policies.library import Library
from index.search.finding import Finder
from index.search.sync import synchronise
from index.search.whoosh_backend import WhooshBackend

TODAY = date(2026, 11, 21)
Ask = Callable[..., Answer]

PORT_RULES = """云汀市渡口管理办法（虚构样例）

第一章 总则
第一条 为加强渡口管理，制定本办法。
第二条 本办法所称渡口，是指供渡船停靠和旅客上下的场所。

第二章 许可
第三条 设置渡口应当向市渡运管理处提出申请，并提交下列材料：
（一）设置申请书；
（二）渡口选址图；
（三）安全管理制度。
第四条 市渡运管理处应当自受理申请之日起15个工作日内作出决定。办理渡口许可不收取费用。
第五条 渡口许可证有效期为三年。遗失渡口许可证的，可以向市渡运管理处申请补发。
第六条 渡船每年检验一次。检验由市船舶检验所负责。
第七条 擅自设置渡口的，由市渡运管理处责令改正，处二千元以上一万元以下罚款。
第八条 本办法自2025年3月1日起施行，有效期至2030年2月28日。《云汀市渡口管理暂行规定》（云政发〔2018〕12号）同时废止。
"""
OLD_SEEDS = """云汀市种子抽检方案（虚构样例）

一、抽检对象
种子抽检的对象是市内全部种子经营门店。抽检由市农业局牵头，每季度开展一次。
二、抽检时间
种子抽检自2023年4月1日起开展，2023年年底前完成。
本方案自2023年4月1日起施行，有效期至2024年3月31日。
"""


def assistant_over(texts: dict[str, str], folder: Path) -> tuple[Assistant, Library, WhooshBackend]:
    """A library of plain texts and its index in ``folder``."""
    library = Library(folder / "library")
    for name, text in texts.items():
        path = folder / f"{name}.txt"
        path.write_text(text, "utf-8")
        library.add(path)
    backend = WhooshBackend(folder / "search")
    synchronise(library.documents(), backend)
    return Assistant(library, Finder(backend)), library, backend


@pytest.fixture(scope="session")
def real(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Assistant, Library]]:
    folder = tmp_path_factory.mktemp("real")
    library = Library(folder / "library")
    for path in sorted((shared / "corpus" / "raw").glob("*.txt")):
        library.add(path)
    with WhooshBackend(folder / "search") as backend:
        synchronise(library.documents(), backend)
        # The processor's time: how long an answer takes is nobody's fault while others have the processor.
        yield Assistant(library, Finder(backend), timer=time.process_time), library


@pytest.fixture(scope="session")
def ask_real(real: tuple[Assistant, Library]) -> Ask:
    assistant, _ = real

    def ask(question: str, **more: object) -> Answer:
        return assistant.ask(question, **{"as_of": TODAY, **more})

    return ask


@pytest.fixture(scope="session")
def yunting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Assistant, Library]]:
    texts = {"ports": PORT_RULES, "seeds": OLD_SEEDS}
    assistant, library, backend = assistant_over(texts, tmp_path_factory.mktemp("yunting"))
    with backend:
        yield assistant, library


@pytest.fixture(scope="session")
def ask(yunting: tuple[Assistant, Library]) -> Ask:
    assistant, _ = yunting

    def ask_it(question: str, **more: object) -> Answer:
        return assistant.ask(question, **{"as_of": TODAY, **more})

    return ask_it


KNOWN_SHORT = {
    "专用信用报告能用在哪些地方？": "refused: 地方 is read as a place",
    "江西怎么处理有失信记录的公务员？": "answered with the clause that keeps the records, not the one that restricts",
    "公共信用信息报告分哪几种？": "refused: just below the threshold",
    "第二批领域从什么时候开始实施？": "refused: 26 rows say it alike, none stands out",
    "信用评价报告有效期届满前几天要续？": "a neighbouring period is quoted",
    "市卫健委的地址在哪里？": "a clause that names places is quoted",
    "专用信用报告需要法人到场吗？": "a clause on whom the report is for is quoted",
    "渡口许可证到期后几天内续期？": "a neighbouring period is quoted",
    "水文领域归谁管？": "the list of fields is quoted, with the notice that body and annex differ",
    "团市委负责哪个领域？": "the list of fields is quoted, with the notice that body and annex differ",
    "谁负责监督管理信用服务机构的收费？": "the clause on supervision in general is quoted",
    "渡船检验归哪位局长管？": "the office in charge is quoted, not a person",
    "经济补偿怎么算？": "a transitional clause on the same matter is quoted",
    "居住证换领要带身份证吗？": "another clause that names both is quoted",
}
"""Where the decision by weight falls short of the promise of a test, and how (docs/decisions/0089)."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        question = getattr(getattr(item, "callspec", None), "params", {}).get("question")
        if question in KNOWN_SHORT:
            item.add_marker(pytest.mark.xfail(reason=KNOWN_SHORT[question], strict=True))
