"""docs/credential.md says what the code says."""

import re
from pathlib import Path

from verify.check import SERIOUSNESS
from verify.notices import Notice
from verify.reasons import WORDING, Reason, Rejection
from verify.status import CHANGES, WITHDRAWALS

DOCUMENT = (Path(__file__).parents[2] / "docs" / "credential.md").read_text(encoding="utf-8")
SOURCES = Path(__file__).parents[2] / "verify"


def test_every_reason_is_documented_with_its_verdict_and_sentence_and_no_other_is() -> None:
    rows = re.findall(r"^\| `([A-Z_0-9]+)` \| `([a-z_]+)` \| (.+) \|$", DOCUMENT, re.MULTILINE)
    assert rows == [(reason.value, WORDING[reason].verdict.value, WORDING[reason].message) for reason in Reason]


def test_the_documented_order_of_seriousness_is_the_one_in_force() -> None:
    paragraph = DOCUMENT.split("in this order:\n")[-1].split("With no finding")[0]
    assert re.findall(r"`([A-Z_]+)`", paragraph) == [r.value for r in SERIOUSNESS if not r.value.startswith("OK")]


def test_every_code_of_a_trust_error_is_documented() -> None:
    names = ("trust.py", "keylist.py", "status.py")
    sources = "".join((SOURCES / name).read_text(encoding="utf-8") for name in names)
    codes = set(re.findall(r'"((?:TRUST|KEY_LIST|STATUS_LIST|NOTICE_LIST|ROOT)_[A-Z_]+)"', sources))
    faults = {"INVALID", *re.findall(r'kind\.unusable\([^\n]+, "([A-Z_]+)"\)', sources)}
    codes |= {f"{kind.code}_{fault}" for kind in (WITHDRAWALS, CHANGES) for fault in faults}
    assert len(codes) >= 18
    assert all(f"`{code}`" in DOCUMENT for code in codes)


def test_every_notice_is_documented_with_its_sentence_and_next_step_and_no_other_is() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| ([^`|]+。) \| ([^|]+。) \|$", DOCUMENT, re.MULTILINE)
    assert rows == [(notice.value, notice.message, notice.next_step) for notice in Notice]


def test_every_reason_can_occur() -> None:
    sources = [path for path in SOURCES.rglob("*.py") if path.name != "reasons.py" and "issuing" not in path.parts]
    used = set(re.findall(r"Reason\.([A-Z_0-9]+)", "".join(path.read_text(encoding="utf-8") for path in sources)))
    assert {reason.name for reason in Reason} - used == set()


def test_a_rejection_is_an_error_with_code_sentence_and_next_step() -> None:
    rejection = Rejection(Reason.KEY_UNKNOWN, "00ff")
    assert rejection.code == "KEY_UNKNOWN"
    assert "00ff" in str(rejection)
    assert rejection.next_step
