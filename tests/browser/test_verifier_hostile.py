"""The second verifier on contents that are sealed, spoilt, or made to exhaust it: an answer each time, and no more."""

import zlib
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.verify.sample import FACTS, KEY, PACKAGE, QR, ROOT, STATUSES, TOKEN, TRUST, Office
from verify.binding import PACKAGE_LIMIT_BYTES as LIMIT
from verify.binding import Field, FieldPackage
from verify.cose import sign1
from verify.credential import sign
from verify.encoding import dumps
from verify.scanned import TEXT_LIMIT
from verify.sealing import seal
from verify.status import LIST_LIMIT_BYTES, TYP
from verify.trust import dump

pytestmark = pytest.mark.browser

CODE_OF = """async (act) => {
  try {
    return await act();
  } catch (error) {
    if (error.name === "Rejection") return error.reason;
    if (error.name === "TrustError") return error.code;
    throw error;
  }
}"""
PACKAGES = """async ({modules, packages}) => {
  const { contentRoot, fieldsOf } = await import(modules + "verifier.js");
  const { hex, unhex } = await import(modules + "bytes.js");
  const codeOf = CODE_OF;
  const answers = [];
  for (const each of packages) answers.push(await codeOf(async () => {
    const whole = fieldsOf(typeof each === "number" ? new Uint8Array(each) : unhex(each));
    return [whole.fields, hex(await contentRoot(whole))];
  }));
  return answers;
}""".replace("CODE_OF", CODE_OF)
SEALED = """async ({modules, token, sealed}) => {
  const { locator, openSealed } = await import(modules + "verifier.js");
  const { hex, unhex } = await import(modules + "bytes.js");
  const codeOf = CODE_OF;
  const opened = [];
  for (const each of sealed) {
    opened.push(await codeOf(async () => hex(await openSealed(unhex(token), unhex(each)))));
  }
  return [await locator(unhex(token)), opened];
}""".replace("CODE_OF", CODE_OF)
TRUSTS = """async ({modules, trusts}) => {
  const { openTrust } = await import(modules + "verifier.js");
  const codeOf = CODE_OF;
  const answers = [];
  for (const text of trusts) answers.push(await codeOf(async () => { await openTrust(text); return "opened"; }));
  return answers;
}""".replace("CODE_OF", CODE_OF)
SCANNED = """async ({modules, texts}) => {
  const { readScanned } = await import(modules + "verifier.js");
  const codeOf = CODE_OF;
  const answers = [];
  for (const [text, times] of texts) answers.push(await codeOf(async () => readScanned(text.repeat(times)).origin));
  return answers;
}""".replace("CODE_OF", CODE_OF)


def of_fields(count: int) -> FieldPackage:
    return FieldPackage(PACKAGE.seed, tuple(Field(f"第{n}行", "表格", "未查询到" * (n % 3)) for n in range(count)))


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 300])
def test_a_package_gives_the_root_that_was_signed(module_page: Page, modules: str, count: int) -> None:
    package = of_fields(count)
    sent = {"modules": modules, "packages": [package.to_bytes().hex()]}
    [[fields, root]] = module_page.evaluate(PACKAGES, sent)
    assert [Field(**field) for field in fields] == list(package.fields)
    assert root == package.root().hex()


def test_what_is_no_package_is_refused(module_page: Page, modules: str) -> None:
    whole = PACKAGE.to_bytes()
    seed, row = PACKAGE.seed, ["第1行", "表格", "x"]
    wrong: list[Any] = [
        [2, seed, [row]],
        [1, seed[1:], [row]],
        [1, seed, []],
        [1, seed, [row] * 20_001],
        [1, seed, [row[:2]]],
        [1, seed, [["長" * 401, "表格", "x"]]],
        [1, seed, [["第1行", "表格", "e\u0301"]]],
        [1, seed, [["第1行", "表格", 5]]],
        {},
    ]
    packages = [dumps(value).hex() for value in wrong] + [(whole + b"\0").hex(), whole[:-1].hex(), LIMIT, LIMIT + 1]
    reasons = module_page.evaluate(PACKAGES, {"modules": modules, "packages": packages})
    assert reasons == ["PACKAGE_DAMAGED"] * 9 + [
        "TRAILING_BYTES",
        "LENGTH_BEYOND_END",
        "TRAILING_BYTES",
        "PACKAGE_DAMAGED",
    ]


def test_sealed_contents_open_with_the_token_and_only_with_it(module_page: Page, modules: str) -> None:
    content = PACKAGE.to_bytes()
    sealed, other = seal(TOKEN, content), seal(sign(replace(FACTS, sequence=18), KEY), content)
    spoilt = sealed.ciphertext[:-1] + bytes([sealed.ciphertext[-1] ^ 1])
    empty = seal(TOKEN, b"")
    files = [each.hex() for each in (sealed.ciphertext, empty.ciphertext, other.ciphertext, spoilt, b"", bytes(12))]
    locator, opened = module_page.evaluate(SEALED, {"modules": modules, "token": TOKEN.hex(), "sealed": files})
    assert locator == sealed.locator
    assert opened == [content.hex(), "", *["PACKAGE_DAMAGED"] * 4]


def with_list(packed: bytes) -> str:
    """A trust file whose status list is ``packed`` as it stands, signed by the root."""
    claims = {2: STATUSES.uri, 4: 1800000000, 6: 1700000000, 65534: 60, 65533: {"lst": packed, "bits": 2}}
    signed = sign1(dumps(claims), ROOT, TYP)
    trust = Office(statuses=None).trust()
    return dump(replace(trust, status_list=signed))


def test_a_bomb_in_a_status_list_is_not_unpacked(module_page: Page, modules: str) -> None:
    most = zlib.compress(bytes(LIST_LIMIT_BYTES))
    packer = zlib.compressobj(9)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(64)) + packer.flush()
    trusts = [
        with_list(each) for each in (most, zlib.compress(bytes(LIST_LIMIT_BYTES + 1)), bomb, most + b"x", most[:-1])
    ]
    codes = module_page.evaluate(TRUSTS, {"modules": modules, "trusts": trusts})
    assert codes == ["opened", "STATUS_LIST_TOO_LARGE", "STATUS_LIST_TOO_LARGE", *["STATUS_LIST_INVALID"] * 2]


def test_members_that_javascript_knows_by_itself_are_nothing_special(module_page: Page, modules: str) -> None:
    plain = dump(TRUST)
    trusts = [
        plain.replace('"format"', '"__proto__": {"format": "chenghe-trust-2"}, "format"'),
        plain.replace('"format": "chenghe-trust-2"', '"format": "__proto__"'),
        plain.replace('"format": "chenghe-trust-2"', '"format": "toString"'),
        plain.replace('"algorithm": "Ed25519"', '"algorithm": "constructor"'),
        plain.replace('"algorithm": "Ed25519"', '"algorithm": ["Ed25519"]'),
        "[" * 100_000,
        "null",
    ]
    codes = module_page.evaluate(TRUSTS, {"modules": modules, "trusts": trusts})
    unknown, invalid = "TRUST_FORMAT_UNKNOWN", "TRUST_FILE_INVALID"
    assert codes == [invalid, unknown, unknown, invalid, invalid, invalid, invalid]
    assert module_page.evaluate("({}).format === undefined && ({}).polluted === undefined")


def test_a_text_without_end_is_too_long(module_page: Page, modules: str) -> None:
    texts = [["9", 1 << 24], [" ", 1 << 24], [QR, 1000], ["\U0001f600", TEXT_LIMIT], ["\U0001f600", TEXT_LIMIT + 1]]
    answers = module_page.evaluate(SCANNED, {"modules": modules, "texts": texts})
    assert answers == ["TOO_LONG", "TOO_LONG", "TOO_LONG", "NOT_A_VERIFICATION_CODE", "TOO_LONG"]


def test_millions_of_items_are_read_once_and_refused(module_page: Page, modules: str) -> None:
    """A payload that is all items, as long as a status list may be: nothing is built for it but the list itself."""
    signed = sign1(b"\x9a\x00\x3f\xff\x00" + bytes(0x3FFF00), ROOT, TYP)
    trust = dump(replace(Office(statuses=None).trust(), status_list=signed))
    assert module_page.evaluate(TRUSTS, {"modules": modules, "trusts": [trust]}) == ["STATUS_LIST_INVALID"]


def test_a_moment_that_is_none_is_no_moment_at_which_anything_is_valid(module_page: Page, modules: str) -> None:
    act = """async ({modules, trust, scanned, now}) => {
      const { openTrust, verify } = await import(modules + "verifier.js");
      const [opened, good, bad] = [await openTrust(trust), new Date(now), new Date("yesterday")];
      const told = [];
      for (const [at, clock] of [[good, good], [bad, good], [good, bad]]) {
        told.push(await verify(scanned, {trust: opened, at, now: clock}).then((answer) => answer.reason, String));
      }
      return told;
    }"""
    sent = {"modules": modules, "trust": dump(TRUST), "scanned": QR, "now": "2026-09-01T09:00:00+08:00"}
    assert module_page.evaluate(act, sent) == ["OK", *["RangeError: no such moment"] * 2]
