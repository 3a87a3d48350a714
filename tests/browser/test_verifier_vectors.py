"""The second verifier, JavaScript in a real browser, against the vectors and against the first one.

* Whatever stands in tests/vectors is run; verdict, reason, notices and the whole answer must be Python's.
* The modules come from the real public service, under its Content-Security-Policy.
"""

from datetime import datetime
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.vectors.test_vectors import VECTORS, trust_of, verified
from verify.check import Verification, untrusted
from verify.errors import TrustError

pytestmark = pytest.mark.browser

RUN = """async ({modules, files, cases}) => {
  const { TrustError, authenticate, evidence, openTrust, untrusted, verify } = await import(modules + "verifier.js");
  const { unbase64, unhex } = await import(modules + "bytes.js");
  const published = (name) => async (path) => Object.hasOwn(files.logs[name], path)
    ? unbase64(files.logs[name][path]) : null;
  const known = new Map();
  const opened = async (name) => {
    if (!known.has(name)) known.set(name, await openTrust(JSON.stringify(files.trust[name])));
    return known.get(name);
  };
  const trustOf = async (each) => each.seen === undefined
    ? opened(each.trust) : openTrust(JSON.stringify(files.trust[each.trust]), await opened(each.seen));
  const logOf = async (each, scanned, trust, now) => {
    if (each.log === undefined) return null;
    const { credential } = await authenticate(scanned, { trust, now: now.getTime() / 1000 });
    let seen;
    if (each.log_seen !== undefined) ({ seen } = await evidence(published(each.log_seen), trust, credential));
    return (await evidence(published(each.log), trust, credential, seen)).log;
  };
  const answer = async (each) => {
    const [at, now] = [new Date(each.at), new Date(each.now)];
    const scanned = each.scanned ?? unhex(each.scanned_hex);
    try {
      const trust = await trustOf(each);
      return { answer: await verify(scanned, { trust, at, now, log: await logOf(each, scanned, trust, now) }) };
    } catch (error) {
      if (error instanceof TrustError) return { answer: untrusted(error, at), code: error.code };
      throw error;
    }
  };
  const answers = [];
  for (const each of cases) answers.push(await answer(each));
  return answers;
}"""


def python(files: dict[str, Any], case: dict[str, Any]) -> tuple[Verification, str | None]:
    """The first verifier's answer, and the code of a trust that cannot be used."""
    at, now = datetime.fromisoformat(case["at"]), datetime.fromisoformat(case["now"])
    try:
        trust = trust_of(files["trust"], case)
    except TrustError as error:
        return untrusted(error, at), error.code
    return verified(files, case, trust, at, now), None


@pytest.mark.parametrize("name", VECTORS)
def test_every_vector_has_the_same_answer_in_both_languages(module_page: Page, modules: str, name: str) -> None:
    files = VECTORS[name]
    answers = module_page.evaluate(RUN, {"modules": modules, "files": files, "cases": files["cases"]})
    assert len(answers) == len(files["cases"]) > 0
    for case, said in zip(files["cases"], answers, strict=True):
        answer = said["answer"]
        codes = [notice["code"] for notice in answer["notices"]]
        assert (answer["verdict"], answer["reason"], codes) == (case["verdict"], case["reason"], case["notices"]), case
        assert (said.get("code"), answer["log"]) == (case.get("code"), case.get("told")), case["id"]
        verification, code = python(files, case)
        assert (answer, said.get("code")) == (verification.to_json(), code), case["id"]
