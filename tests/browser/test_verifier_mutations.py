"""Both verifiers side by side on what nobody would send by accident: changed tokens, texts, trust files and logs.

* The changes are made by Hypothesis, the same ones every time, and sent to the page in one batch.
* Whatever comes in, both give the same answer, down to the sentence, and never ``valid`` for a changed token.
* Characters that Python's Unicode does not know are left out: a newer browser may know them (docs/credential.md §2).
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any
from unicodedata import category

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page

from tests.browser.test_verifier_vectors import RUN, python
from tests.vectors.log import PLAIN, STATES, TRUSTS, published
from tests.verify.sample import KEY, NOW, QR, ROOT, TOKEN, TRUST
from verify import keylist, status
from verify.cose import ALG, KID, TAG_SIGN1, open_sign1, sign1
from verify.credential import EXP, FACTS, IAT, decode
from verify.encoding import dumps, loads
from verify.errors import TrustError
from verify.trust import dump, load

pytestmark = pytest.mark.browser

Case = dict[str, Any]
_CLAIMS = loads(decode(TOKEN).signed.payload)

numbers = st.integers(-(1 << 64), (1 << 64) - 1) | st.integers(-2, 300)
letters = st.characters(codec="utf-8").filter(lambda character: category(character) != "Cn")
names = st.text(letters, max_size=6).map(lambda text: text.encode("utf-16-be"))
items = st.recursive(
    numbers | st.binary(max_size=40) | st.text(letters, max_size=5) | st.none() | names,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(numbers | st.text(letters, max_size=3), inner, max_size=3)
    ),
    max_leaves=5,
)


@st.composite
def spoilt(draw: st.DrawFn, data: bytes) -> bytes:
    """Bytes changed, put in, taken out, or cut off, in one to three places."""
    changed = bytearray(data)
    for _ in range(draw(st.integers(1, 3))):
        at, how = (
            draw(st.integers(0, max(len(changed) - 1, 0))),
            draw(st.sampled_from(["flip", "set", "insert", "delete", "cut"])),
        )
        match how:
            case "flip" if changed:
                changed[at] ^= 1 << draw(st.integers(0, 7))
            case "set" if changed:
                changed[at] = draw(st.integers(0, 255))
            case "insert":
                changed[at:at] = draw(st.binary(min_size=1, max_size=3))
            case "delete":
                del changed[at : at + draw(st.integers(1, 3))]
            case _:
                del changed[at:]
    return bytes(changed)


@st.composite
def claims(draw: st.DrawFn) -> bytes:
    """Other claims under the real key: what only the decoder can refuse."""
    changed: dict[Any, Any] = {key: list(value) if key == FACTS else value for key, value in _CLAIMS.items()}
    for _ in range(draw(st.integers(1, 2))):
        match draw(st.integers(0, 5)):
            case 0:
                changed[draw(st.sampled_from((EXP, IAT, FACTS)) | numbers)] = draw(items)
            case 1:
                changed.pop(draw(st.sampled_from((EXP, IAT, FACTS))), None)
            case 2:
                changed[IAT] = draw(st.integers(0, (1 << 32) - 1))
            case _ if changed.get(FACTS) and isinstance(changed[FACTS], list):
                changed[FACTS][draw(st.integers(0, len(changed[FACTS]) - 1))] = draw(items)
    return _signed({ALG: KEY.algorithm, KID: KEY.kid}, dumps(changed), {})


@st.composite
def frames(draw: st.DrawFn) -> bytes:
    """Other headers under the real key."""
    labels = st.sampled_from((-1, 0, 1, 2, 4, 16, 32, 33, 34, 35)) | numbers
    header = {ALG: KEY.algorithm, KID: KEY.kid} | draw(st.dictionaries(labels, items, min_size=1, max_size=2))
    for label in draw(st.sets(st.sampled_from((ALG, KID)), max_size=1)):
        del header[label]
    unprotected = draw(st.just({}) | st.just({}) | st.dictionaries(numbers, items, max_size=1))
    return _signed(header, decode(TOKEN).signed.payload, unprotected)


def _signed(header: dict[Any, Any], payload: bytes, unprotected: dict[Any, Any]) -> bytes:
    protected = dumps(header)
    signature = KEY.sign(dumps(["Signature1", protected, b"", payload]))
    return bytes([TAG_SIGN1]) + dumps([protected, unprotected, payload, signature])


@st.composite
def texts(draw: st.DrawFn) -> str:
    """The QR's text with characters put in, taken out or exchanged."""
    changed = list(QR)
    strange = st.sampled_from("\ufeff\u3000\x1c\x85\u200b\u2028０９／＃ｖſK٣ +-0#/:vV") | letters
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(changed)) | st.integers(0, 40))
        changed[at : at + draw(st.integers(0, 2))] = draw(st.lists(strange, max_size=2))
    return "".join(changed)


@st.composite
def exchanged(draw: st.DrawFn, value: Any) -> Any:
    """A value with one item in it, however deep, exchanged for another, taken out or put in."""
    if isinstance(value, dict):
        key = draw(st.sampled_from(sorted(value, key=str)))
        kept = {name: each for name, each in value.items() if name != key}
        return kept | draw(st.just({}) | st.just({key: None}) | exchanged(value[key]).map(lambda new: {key: new}))
    if not isinstance(value, list) or not value or not draw(st.integers(0, 7)):
        return draw(near(value) | items)
    at = draw(st.integers(0, len(value) - 1))
    new = draw(st.just([]) | st.just([value[at]] * 2) | exchanged(value[at]).map(lambda changed: [changed]))
    return [*value[:at], *new, *value[at + 1 :]]


def near(value: Any) -> st.SearchStrategy[Any]:
    """Of the same type, and not much different."""
    match value:
        case int(number):
            return st.sampled_from((number - 1, number + 1, -number, 1 << 32, (1 << 32) - 1))
        case bytes(data):
            return st.sampled_from((data[:-1], data + b"\0", data[::-1]))
        case str(text):
            return st.sampled_from((text[:-1], text + " ", text.upper(), text * 50, text.replace(".", "+")))
    return st.none()


def collected(strategy: st.SearchStrategy[Any], count: int) -> list[Any]:
    """The same ``count`` or fewer examples every time."""
    found: list[Any] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(example: Any) -> None:
        found.append(example)

    collect()
    return found


def case(scanned: str | bytes, **more: Any) -> Case:
    what = {"scanned": scanned} if isinstance(scanned, str) else {"scanned_hex": scanned.hex()}
    return {"trust": "plain", "at": NOW.isoformat(), "now": NOW.isoformat(), **what, **more}


def both(page: Page, modules: str, files: dict[str, Any], cases: list[Case]) -> list[tuple[Case, Case, Case]]:
    """(case, the second verifier's answer, the first one's)."""
    said = page.evaluate(RUN, {"modules": modules, "files": files, "cases": cases})
    rows = []
    for each, theirs in zip(cases, said, strict=True):
        answer, code = python(files, each)
        rows.append((each, theirs, {"answer": answer.to_json(), **({} if code is None else {"code": code})}))
    return rows


_NO_TYPES: tuple[list[Any], ...] = ([{}], ["1", 1], [[1]])
PLAIN_FILES = {"trust": {"plain": json.loads(dump(TRUST))}, "logs": {}}


@pytest.mark.parametrize(
    ("make", "count"), [(lambda: spoilt(TOKEN), 200), (claims, 200), (frames, 120)], ids=["bytes", "claims", "frames"]
)
def test_a_changed_token_has_the_same_answer_in_both_and_is_never_valid(
    module_page: Page, modules: str, make: Callable[[], st.SearchStrategy[bytes]], count: int
) -> None:
    tokens = [token for token in collected(make(), count) if token != TOKEN]
    rows = both(module_page, modules, PLAIN_FILES, [case(token) for token in tokens])
    assert [(each, theirs, ours) for each, theirs, ours in rows if theirs != ours] == []
    assert len({ours["answer"]["reason"] for _, _, ours in rows}) >= 5
    if make is not claims:
        assert "valid" not in {theirs["answer"]["verdict"] for _, theirs, _ in rows}


def test_a_changed_text_has_the_same_answer_in_both(module_page: Page, modules: str) -> None:
    rows = both(module_page, modules, PLAIN_FILES, [case(text) for text in collected(texts(), 200)])
    assert [(each, theirs, ours) for each, theirs, ours in rows if theirs != ours] == []
    assert {"OK", "OK_FOREIGN_HOST", "NOT_A_VERIFICATION_CODE"} <= {ours["answer"]["reason"] for _, _, ours in rows}


def test_a_changed_trust_file_has_the_same_answer_in_both(module_page: Page, modules: str) -> None:
    plain = PLAIN_FILES["trust"]["plain"]
    trusts = {}
    for member in ("key_list", "status_list", "notice_list"):
        for number, data in enumerate(collected(spoilt(b64decode(plain[member])), 60)):
            trusts[f"{member} {number}"] = {**plain, member: b64encode(data).decode()}
    for number, value in enumerate(collected(items.filter(_is_json), 40)):
        trusts[f"member {number}"] = {**plain, list(plain)[number % len(plain)]: value}
    files = {"trust": trusts, "logs": {}}
    rows = both(module_page, modules, files, [case(QR, trust=name) for name in trusts])
    assert [(each["trust"], theirs, ours) for each, theirs, ours in rows if theirs != ours] == []
    codes = {ours.get("code") for _, _, ours in rows}
    assert {"KEY_LIST_INVALID", "KEY_LIST_SIGNATURE", "STATUS_LIST_INVALID", "TRUST_FILE_INVALID"} <= codes


OPENED = """async ({modules, texts}) => {
  const { TrustError, openTrust } = await import(modules + "verifier.js");
  const said = async (text) => {
    try {
      return String((await openTrust(text)).keys.version);
    } catch (error) {
      if (error instanceof TrustError) return error.code;
      throw error;
    }
  };
  const all = await Promise.all(texts.map(said));
  if ({}.polluted !== undefined) throw new Error("polluted");
  return all;
}"""
ODD_MEMBERS = (
    *('"__proto__": {"polluted": 1}', '"constructor": {"prototype": {"polluted": 1}}', '"toString": null'),
    *('"issuer": NaN', '"issuer": 1e999', '"issuer": "\\ud800"', '"format": "chenghe-trust-1"'),
)


def test_a_trust_file_written_oddly_is_opened_by_both_or_by_none(module_page: Page, modules: str) -> None:
    plain = dump(TRUST).strip()
    texts = [
        plain,
        "\ufeff" + plain,
        plain + "x",
        "[" * 5000 + "]" * 5000,
        plain.replace("public_key", "public\\u005fkey"),
    ]
    texts += [plain.replace("Ed25519", name) for name in ("toString", "__proto__", "ES256")]
    texts += [plain.replace("chenghe-trust-2", name) for name in ("toString", "__proto__", "chenghe-trust-1")]
    texts += [plain.replace("\n", space) for space in ("\t\r", "\x0b", "\xa0", "\u2028", "\0")]
    for member in ODD_MEMBERS:
        texts += ["{" + member + "," + plain[1:], plain[:-1] + "," + member + "}"]
    said = module_page.evaluate(OPENED, {"modules": modules, "texts": texts})
    assert said == [opened_by_python(text) for text in texts]
    assert {said[0], "TRUST_FILE_INVALID", "TRUST_FORMAT_UNKNOWN"} <= set(said)


def opened_by_python(text: str) -> str:
    try:
        return str(load(text).keys.version)
    except TrustError as error:
        return error.code


def test_a_list_of_other_content_under_the_real_root_has_the_same_answer_in_both(
    module_page: Page, modules: str
) -> None:
    """What only the readers of the lists can refuse."""
    office = TRUSTS[PLAIN]
    whole = json.loads(dump(office))
    lists = {"key_list": office.key_list, "status_list": office.status_list, "notice_list": office.notice_list}
    trusts = {}
    for member, data in lists.items():
        typ = keylist.TYP if member == "key_list" else status.TYP
        content = loads(open_sign1(data or b"", typ).payload)
        odd = [_with_types(content, types) for types in _NO_TYPES] if member == "key_list" else []
        for number, changed in enumerate([*odd, *collected(exchanged(content), 70)]):
            signed = sign1(dumps(changed), ROOT, typ)
            trusts[f"{member} {number}"] = {**whole, member: b64encode(signed).decode()}
    files = {"trust": trusts, "logs": {}}
    rows = both(module_page, modules, files, [case(QR, trust=name) for name in trusts])
    assert [(each["trust"], theirs, ours) for each, theirs, ours in rows if theirs != ours] == []
    said = {(ours.get("code"), ours["answer"]["message"]) for _, _, ours in rows}
    assert len(said) >= 15


def _with_types(content: list[Any], types: list[Any]) -> list[Any]:
    """The key list with these for the report types of its first key."""
    [[*first, _], *others] = content[5]
    return [*content[:5], [[*first, types], *others], *content[6:]]


def _is_json(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(map(_is_json, value))
    return isinstance(value, (str, int, type(None)))


def test_a_changed_log_has_the_same_answer_in_both(module_page: Page, modules: str) -> None:
    whole = published("registered and witnessed")
    logs: dict[str, dict[str, str]] = {"whole": whole}
    for path, data in whole.items():
        logs |= {
            f"{path} {number}": {**whole, path: b64encode(changed).decode()}
            for number, changed in enumerate(collected(spoilt(b64decode(data)), 40))
        }
        logs[f"{path} taken away"] = {name: kept for name, kept in whole.items() if name != path}
    files = {"trust": {PLAIN: json.loads(dump(TRUSTS[PLAIN]))}, "logs": logs}
    cases = [case(QR, trust=PLAIN, log=name) for name in logs]
    rows = both(module_page, modules, files, cases)
    assert [(each["log"], theirs, ours) for each, theirs, ours in rows if theirs != ours] == []
    assert {"OK", "LOG_PROOF_INVALID", "LOG_NOT_REGISTERED"} <= {ours["answer"]["reason"] for _, _, ours in rows}
    assert STATES["registered and witnessed"].witnessed
