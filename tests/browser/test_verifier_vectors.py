"""The second verifier, JavaScript in a real browser, against the vectors and against the first one.

* Whatever stands in tests/vectors is run; verdict, reason, notices and the whole answer must be Python's.
* The modules come from the real public service, under its Content-Security-Policy.
"""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import listening
from tests.vectors.test_vectors import VECTORS
from tests.verify.sample import NOW
from verify.check import check
from verify.notices import NOTICE_WORDING
from verify.public.app import PublicSettings, build
from verify.reasons import WORDING, Verdict
from verify.trust import load

pytestmark = pytest.mark.browser

RUN = """async ({modules, trusts, cases}) => {
  const { openTrust, verify } = await import(modules + "verifier.js");
  const { unhex } = await import(modules + "bytes.js");
  const opened = {};
  for (const [name, text] of Object.entries(trusts)) opened[name] = await openTrust(text);
  const answers = [];
  for (const each of cases) {
    const scanned = each.scanned ?? unhex(each.scanned_hex);
    answers.push(await verify(scanned, {trust: opened[each.trust], at: new Date(each.at), now: new Date(each.now)}));
  }
  return answers;
}"""


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the modules are served."""
    settings = PublicSettings(tmp_path_factory.mktemp("public"), lambda: NOW)
    with listening(build(settings)) as origin:
        yield f"{origin}/v/static/verifier/"


@pytest.fixture(scope="module")
def page(browser: Browser, modules: str) -> Iterator[Page]:
    """A page of the service; nothing may stand in its console."""
    complaints: list[str] = []
    with ExitStack() as stack:
        context = browser.new_context()
        stack.callback(context.close)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
        page.goto(f"{modules}verifier.js")
        yield page
    assert complaints == []


def scanned(case: dict[str, Any]) -> str | bytes:
    text: str | None = case.get("scanned")
    return bytes.fromhex(case["scanned_hex"]) if text is None else text


@pytest.mark.parametrize("name", VECTORS)
def test_every_vector_has_the_same_answer_in_both_languages(page: Page, modules: str, name: str) -> None:
    trusts = {key: json.dumps(value) for key, value in VECTORS[name]["trust"].items()}
    cases = VECTORS[name]["cases"]
    answers = page.evaluate(RUN, {"modules": modules, "trusts": trusts, "cases": cases})
    opened = {key: load(text) for key, text in trusts.items()}
    for case, answer in zip(cases, answers, strict=True):
        at, now = datetime.fromisoformat(case["at"]), datetime.fromisoformat(case["now"])
        said = (answer["verdict"], answer["reason"], [notice["code"] for notice in answer["notices"]])
        assert said == (case["verdict"], case["reason"], case["notices"]), case["id"]
        python = check(scanned(case), trust=opened[case["trust"]], at=at, now=now).to_json()
        assert answer == python, case["id"]
    assert len(answers) == len(cases) > 0


def test_the_words_are_those_of_the_house(page: Page, modules: str) -> None:
    words = page.evaluate(
        "async (modules) => { const {LANGUAGES, allReasons, verdictOf} = await import(modules + 'wording.js');"
        " return {...LANGUAGES, of: Object.fromEntries(allReasons().map((code) => [code, verdictOf(code)]))}; }",
        modules,
    )
    assert words["of"] == {reason.value: wording.verdict.value for reason, wording in WORDING.items()}
    assert words["zh"]["reasons"] == {code.value: [word.message, word.next_step] for code, word in WORDING.items()}
    assert words["zh"]["notices"] == {
        code.value: [word.message, word.next_step] for code, word in NOTICE_WORDING.items()
    }
    assert words["zh"]["verdicts"] == {verdict.value: verdict.label for verdict in Verdict}
    for kind in ("reasons", "notices", "verdicts"):
        assert set(words["en"][kind]) == set(words["zh"][kind])


def test_no_module_is_too_long_or_runs_text() -> None:
    folder = Path("verify/public/static/verifier")
    for module in folder.glob("*.js"):
        text = module.read_text(encoding="utf-8")
        assert text.startswith("// "), module.name
        assert len(text.splitlines()) <= 250, module.name
        for word in ("eval(", "innerHTML", "console.", "Function(", "__proto__", "document.write"):
            assert word not in text, (module.name, word)
