"""The second verifier's pieces against the known answers of others: signatures, proofs, status lists. No mismatch."""

import json
from pathlib import Path
from typing import Any

import cbor2
import pytest
from playwright.sync_api import Page

from tests.vectors.contents import FILE as CONTENTS
from tests.verify.test_status import LONG, example
from verify import sm2
from verify.der import to_raw

pytestmark = pytest.mark.browser

SIGNATURES = """async ({modules, groups}) => {
  const { verifyingKey } = await import(modules + "keys.js");
  const { unhex } = await import(modules + "bytes.js");
  const answers = {};
  for (const {algorithm, key, tests} of groups) {
    const holds = await verifyingKey(algorithm, unhex(key));
    for (const {tcId, msg, sig} of tests) answers[tcId] = holds !== null && await holds(unhex(msg), unhex(sig));
  }
  return answers;
}"""

MERKLE = """async ({modules, cases}) => {
  const merkle = await import(modules + "merkle.js");
  const { unbase64 } = await import(modules + "bytes.js");
  const answers = [];
  for (const {kind, numbers, hashes, proof} of cases) {
    const [n, h, p] = [numbers.map(BigInt), hashes.map(unbase64), proof.map(unbase64)];
    answers.push(await ({
      inclusion: () => merkle.verifyInclusion(h[0], n[0], n[1], h[1], p),
      subtreeinclusion: () => merkle.verifySubtreeInclusion(h[0], n[0], n[1], n[2], h[1], p),
      consistency: () => merkle.verifyConsistency(n[0], n[1], h[0], h[1], p),
      subtreeconsistency: () => merkle.verifySubtreeConsistency(n[0], n[1], n[2], h[0], h[1], p),
    })[kind]());
  }
  return answers;
}"""
MERKLE_MEMBERS = {
    "inclusion": (("leafIdx", "treeSize"), ("leafHash", "root")),
    "subtreeinclusion": (("leafIdx", "start", "end"), ("leafHash", "root")),
    "consistency": (("size1", "size2"), ("root1", "root2")),
    "subtreeconsistency": (("start", "end", "size"), ("root1", "root2")),
}

STATUS_LIST = """async ({modules, lst}) => {
  const { unpacked, valueAt } = await import(modules + "status.js");
  const { unhex } = await import(modules + "bytes.js");
  const packed = await unpacked(unhex(lst));
  const values = {};
  for (let index = 0; index < 4 * packed.length; index++) {
    const value = valueAt({packed}, index);
    if (value !== 0) values[index] = value;
  }
  return {size: 4 * packed.length, values, beyond: valueAt({packed}, 4 * packed.length)};
}"""


def loaded(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


@pytest.mark.parametrize(
    ("name", "algorithm", "member", "count"),
    [
        ("ed25519_test.json", -19, "pk", 151),
        ("ecdsa_secp256r1_sha256_p1363_test.json", -7, "uncompressed", 262),
    ],
)
def test_wycheproof_has_no_mismatch(
    module_page: Page, modules: str, shared: Path, name: str, algorithm: int, member: str, count: int
) -> None:
    groups = [
        {"algorithm": algorithm, "key": group["publicKey"][member], "tests": group["tests"]}
        for group in loaded(shared / "vectors" / "wycheproof" / name)["testGroups"]
    ]
    expected = {str(test["tcId"]): test["result"] == "valid" for group in groups for test in group["tests"]}
    assert module_page.evaluate(SIGNATURES, {"modules": modules, "groups": groups}) == expected
    assert len(expected) == count


def test_sm2_known_answers(module_page: Page, modules: str, shared: Path) -> None:
    annex, zeros = (loaded(shared / "vectors" / "sm2" / f"{name}.json") for name in ("gmt0003.5_annexA", "gmsm560"))
    key, good = f"04{annex['x']}{annex['y']}", annex["r"] + annex["s"]
    zero, order = "00" * 32, f"{sm2.ORDER:064x}"
    negated = f"{sm2.ORDER - int(annex['r'], 16):064x}" + annex["s"]
    wrong = [
        zero + annex["s"],
        annex["r"] + zero,
        order + annex["s"],
        annex["r"] + order,
        negated,
        good[2:],
        good + "00",
    ]
    tests = [{"tcId": number, "msg": annex["msg"], "sig": sig} for number, sig in enumerate([good, *wrong])]
    tests.append({"tcId": len(tests), "msg": annex["msg"] + "20", "sig": good})
    off_curve = {"algorithm": -65537, "key": key[:-1] + "0", "tests": [{**tests[0], "tcId": len(tests)}]}
    groups = [{"algorithm": -65537, "key": key, "tests": tests}, off_curve]
    answers = module_page.evaluate(SIGNATURES, {"modules": modules, "groups": groups})
    assert answers == {str(number): number == 0 for number in range(len(tests) + 1)}
    digests = """async ({modules, key, msg, id, pub, e, sig}) => {
      const { digestOf, holds } = await import(modules + "sm2.js");
      const { hex, unhex, toNumber } = await import(modules + "bytes.js");
      const point = [unhex(pub.slice(0, 64)), unhex(pub.slice(64))].map(toNumber);
      return [hex(digestOf(unhex(key), unhex(msg), unhex(id))), holds(...point, unhex(e), unhex(sig))];
    }"""
    raw = to_raw(bytes.fromhex(zeros["sig"]), sm2.ORDER).hex()
    sent = {"modules": modules, "key": key, **annex, "pub": zeros["pub"], "sig": raw}
    assert module_page.evaluate(digests, {**sent, "e": zeros["e"]}) == [annex["e"].lower(), zeros["valid"]]


def test_all_merkle_proofs_give_the_expected_result(module_page: Page, modules: str, shared: Path) -> None:
    cases, expected = [], []
    for file in sorted((shared / "vectors" / "merkle").rglob("*.json")):
        given, kind = loaded(file), file.parts[file.parts.index("merkle") + 1]
        numbers, hashes = MERKLE_MEMBERS[kind]
        cases.append(
            {
                "kind": kind,
                "numbers": [str(given[name]) for name in numbers],
                "hashes": [given.get(name, "") for name in hashes],
                "proof": given["proof"] or [],
            }
        )
        expected.append(not given["wantErr"])
    assert module_page.evaluate(MERKLE, {"modules": modules, "cases": cases}) == expected
    assert len(cases) == 518


def test_status_lists_of_the_ietf_examples(module_page: Page, modules: str, shared: Path) -> None:
    """Their CBOR is not deterministic, so only what is compressed in them is read."""

    def unpacked(name: str) -> Any:
        return module_page.evaluate(
            STATUS_LIST, {"modules": modules, "lst": cbor2.loads(example(shared, name))["lst"].hex()}
        )

    values = {number: value for number, value in enumerate([1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]) if value}
    short, long = unpacked("status_list_encoding2_cbor"), unpacked("status_list_encoding2_long_cbor")
    assert short == {"size": 12, "values": _keyed(values), "beyond": None}
    assert long == {"size": 1 << 20, "values": _keyed(LONG), "beyond": None}


def _keyed(values: dict[int, int]) -> dict[str, int]:
    return {str(number): value for number, value in values.items()}


def test_the_known_content_opens_with_its_token_and_has_the_root_it_signed(module_page: Page, modules: str) -> None:
    known = json.loads(CONTENTS.read_text(encoding="utf-8"))
    act = """async ({modules, token_hex, sealed}) => {
      const { contentRoot, fieldsOf, locator, openSealed } = await import(modules + "verifier.js");
      const { decode } = await import(modules + "credential.js");
      const { hex, unbase64, unhex } = await import(modules + "bytes.js");
      const token = unhex(token_hex);
      const bytes = await openSealed(token, unbase64(sealed.content));
      const whole = fieldsOf(bytes);
      const roots = [await contentRoot(whole), decode(token).facts.contentRoot];
      const fields = whole.fields.map(({path, kind, text}) => [path, kind, text]);
      return [await locator(token), hex(bytes), fields, ...roots.map(hex)];
    }"""
    root = known["content_root_hex"]
    expected = [known["sealed"]["locator"], known["package_hex"], known["fields"], root, root]
    assert module_page.evaluate(act, {"modules": modules, **known}) == expected
