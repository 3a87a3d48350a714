"""What the second verifier says to people: the sentences of the house, and the same in English; how it is written."""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import Page

from tests.browser.test_verifier_vectors import python
from tests.vectors.test_vectors import VECTORS
from tests.verify.sample import FACTS, ISSUER, KEY, NOW, TRUST
from verify.check import check
from verify.credential import sign
from verify.notices import NOTICE_WORDING
from verify.public.look import STATIC
from verify.reasons import WORDING, Verdict

pytestmark = pytest.mark.browser


def test_the_words_are_those_of_the_house(module_page: Page, modules: str) -> None:
    words = module_page.evaluate(
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
    modules = sorted((STATIC / "verifier").glob("*.js"))
    assert len(modules) > 20
    for module in modules:
        text = module.read_text(encoding="utf-8")
        assert text.startswith("// "), module.name
        assert len(text.splitlines()) <= 250, module.name
        for word in ("eval(", "innerHTML", "console.", "Function(", "__proto__", "document.write"):
            assert word not in text, (module.name, word)


def test_an_answer_is_said_again_from_its_codes_alone(module_page: Page, modules: str) -> None:
    """In Chinese word for word; in English with nothing Chinese but the names."""
    answers = [python(files, each)[0] for files in VECTORS.values() for each in files["cases"] if each["case"] != 40]
    entries = [answer.to_json() for answer in answers] + [answers[0]._replace(code_alone=True).to_json()]
    said = module_page.evaluate(
        "async ({modules, entries, issuer}) => { const {inWords} = await import(modules + 'wording.js');"
        " return entries.map((entry) => [inWords('zh', entry, issuer), inWords('en', entry, issuer)]); }",
        {"modules": modules, "entries": entries, "issuer": "某中心"},
    )
    for entry, (chinese, english) in zip(entries, said, strict=True):
        assert (chinese["message"].replace("某中心", ISSUER.name), chinese["nextStep"], chinese["notices"]) == (
            entry["message"],
            entry["next_step"],
            entry["notices"],
        )
        name = entry["report"]["subject_name"] if entry["report"] else ""
        text = english["message"].replace("某中心", "").replace(name, "") + english["nextStep"] + english["label"]
        assert not re.search(r"[{}\u3000-\u9fff\uff00-\uffef]", text), text
    assert len({entry["reason"] for entry in entries}) > 60
    assert said[-1][1]["nextStep"].startswith("Only the QR in the file was checked")


def test_the_conclusion_is_the_house_s_own(module_page: Page, modules: str) -> None:
    facts = [
        replace(FACTS, domains=45, records=records, domains_without_data=gaps)
        for records in (0, 3)
        for gaps in (0, 2, 45)
    ]
    answers = [check(sign(each, KEY), trust=TRUST, at=NOW, now=NOW) for each in facts]
    said = module_page.evaluate(
        "async ({modules, reports}) => { const {conclusion} = await import(modules + 'wording.js');"
        " return reports.map((report) => conclusion('zh', report)); }",
        {"modules": modules, "reports": [answer.to_json()["report"] for answer in answers]},
    )
    assert said == [answer.conclusion for answer in answers]
