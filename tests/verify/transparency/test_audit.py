"""The audit: a clean log has nothing to tell; every kind of wrong leaf is found, by its index."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.verify.sample import FACTS, ISSUED, ISSUER, KEY, TOKEN
from tests.verify.transparency.sample import LOG_KEY, OPENED, FictionalLog
from verify.credential import Credential, decode, sign
from verify.errors import TrustError
from verify.registration import Act
from verify.transparency.audit import Audit
from verify.transparency.findings import WORDING, Finding, Kind
from verify.transparency.leaves import changed, issued, opened, ref_of, registered_path
from verify.transparency.notes import open_checkpoint
from verify.transparency.tree import TileTree

AT = ISSUED + timedelta(seconds=2)
LATER = ISSUED + timedelta(hours=3)
SECOND = timedelta(seconds=1)
REF = ref_of(TOKEN)
NUMBER = "YCZX202608200000017"
CREDENTIAL = Credential(decode(TOKEN), ISSUER)


def audited(log: FictionalLog) -> tuple[Audit, list[Finding]]:
    files = log.publish(LATER)
    checkpoint = open_checkpoint(files["log/checkpoint"], LOG_KEY)
    audit = Audit(checkpoint, "YCZX")
    tree = TileTree(checkpoint.size, checkpoint.root, lambda path: files.get(f"log/{path}"))
    return audit, list(audit.read(tree))


def kinds(findings: Iterable[Finding]) -> list[tuple[Kind, int | None]]:
    return [(finding.kind, finding.index) for finding in findings]


def log_with(*leaves: bytes) -> FictionalLog:
    """Three leaves of others, then these."""
    log = FictionalLog()
    log.others(3, OPENED)
    for leaf in leaves:
        log.add(REF, leaf)
    return log


def test_a_clean_log_has_nothing_to_tell() -> None:
    log = FictionalLog()
    log.others(600, OPENED)
    log.issue(AT)
    for act in (Act.SUSPENDED, Act.RESUMED, Act.REVOKED):
        log.change(act, LATER)
    audit, findings = audited(log)
    assert findings == []
    assert audit.reports[REF].acts == (Act.ISSUED, Act.SUSPENDED, Act.RESUMED, Act.REVOKED)
    assert (len(audit.reports), sum(audit.days.values()), audit.changes[Act.REVOKED]) == (601, 601, 1)
    assert list(audit.of_files(log.files.get)) == []
    assert list(audit.of_report(CREDENTIAL)) == []


@pytest.mark.parametrize(
    ("leaves", "found"),
    [
        ([b"no leaf"], [(Kind.LEAF_UNREADABLE, 4)]),
        ([opened(AT)], [(Kind.OPENING_MISPLACED, 4)]),
        ([issued(ISSUED + timedelta(hours=1), TOKEN, ISSUED, 17)], []),
        ([issued(ISSUED + timedelta(hours=1) + SECOND, TOKEN, ISSUED, 17)], [(Kind.BACKDATED, 4)]),
        ([issued(ISSUED - SECOND, TOKEN, ISSUED, 17)], [(Kind.AHEAD_OF_ISSUE, 4)]),
        ([issued(AT, TOKEN, ISSUED, 17)] * 2, [(Kind.REPORT_TWICE, 5)]),
        ([issued(AT, TOKEN, ISSUED, 17), issued(AT, b"another", AT, 17)], [(Kind.NUMBER_TWICE, 5)]),
        ([issued(AT, TOKEN, ISSUED, 17), issued(AT - SECOND, b"x", ISSUED, 18)], [(Kind.TIME_BACKWARDS, 5)]),
        ([issued(LATER + SECOND, TOKEN, LATER, 17)], [(Kind.AHEAD_OF_CHECKPOINT, 4)]),
        ([changed(Act.REVOKED, AT, REF, 2)], [(Kind.CHAIN_BROKEN, 4)]),
        ([issued(AT, TOKEN, ISSUED, 17), changed(Act.REVOKED, AT, REF, 3)], [(Kind.CHAIN_BROKEN, 5)]),
        ([issued(AT, TOKEN, ISSUED, 17), changed(Act.RESUMED, AT, REF, 4)], [(Kind.ACT_IMPOSSIBLE, 5)]),
    ],
)
def test_every_wrong_leaf_is_found_by_its_index(leaves: list[bytes], found: list[tuple[Kind, int]]) -> None:
    assert kinds(audited(log_with(*leaves))[1]) == found


def test_a_log_without_its_opening_is_told() -> None:
    log = FictionalLog()
    log.leaves[0] = issued(OPENED, b"another", OPENED, 1)
    assert kinds(audited(log)[1]) == [(Kind.OPENING_MISPLACED, 0)]


def test_a_report_that_is_signed_and_not_registered_is_told_by_its_number() -> None:
    audit, _ = audited(log_with())
    (finding,) = audit.of_report(CREDENTIAL)
    assert (finding.kind, finding.number) == (Kind.REPORT_UNLOGGED, NUMBER)
    assert finding.message.startswith(f"{NUMBER}：报告有本机构的签名，但没有登记在日志中")


@pytest.mark.parametrize("iat", [OPENED - SECOND, LATER - timedelta(hours=1) + SECOND])
def test_a_report_before_the_opening_or_of_the_last_hour_need_not_be_registered(iat: datetime) -> None:
    facts = replace(FACTS, issued_at=iat, period_to=date(2026, 7, 30))
    audit, _ = audited(log_with())
    assert list(audit.of_report(Credential(decode(sign(facts, KEY)), ISSUER))) == []


def test_a_report_registered_under_another_number_is_told() -> None:
    audit, _ = audited(log_with(issued(AT, TOKEN, ISSUED, 18)))
    assert kinds(audit.of_report(CREDENTIAL)) == [(Kind.REPORT_DIFFERS, 4)]


def test_a_published_file_that_holds_leaves_back_is_told() -> None:
    log = FictionalLog()
    log.issue(AT)
    before = log.publish(LATER)[registered_path(REF)]
    log.change(Act.REVOKED, LATER)
    audit, _ = audited(log)
    log.files[registered_path(REF)] = before
    assert kinds(audit.of_files(log.files.get)) == [(Kind.REGISTERED_DIFFERS, 2)]
    del log.files[registered_path(REF)]
    assert kinds(audit.of_files(log.files.get)) == [(Kind.REGISTERED_DIFFERS, 2)]


@settings(max_examples=60)
@given(st.lists(st.binary(max_size=128), max_size=5), st.lists(st.integers(2, 5), max_size=5))
def test_any_leaves_are_read_to_the_end(strange: list[bytes], acts: list[int]) -> None:
    changes = [changed(Act(act), AT, REF, 4) for act in acts]
    audit, findings = audited(log_with(*strange, issued(AT, TOKEN, ISSUED, 17), *changes))
    assert all(finding.message and finding.next_step for finding in findings)
    assert REF in audit.reports or any(finding.kind is Kind.REPORT_TWICE for finding in findings)


def test_every_kind_of_finding_has_its_words() -> None:
    assert set(WORDING) == set(Kind)
    told = {Finding(kind, 3, NUMBER, "甲").message for kind in Kind}
    assert len(told) == len(Kind)
    assert all(sentence.startswith(f"第 3 条（{NUMBER}）：") and sentence.endswith("（甲）。") for sentence in told)


def test_a_log_whose_bundle_is_not_that_of_its_tiles_is_not_read_on() -> None:
    log = log_with()
    files = log.publish(LATER)
    checkpoint = open_checkpoint(files["log/checkpoint"], LOG_KEY)
    files["log/tile/entries/000.p/4"] = files["log/tile/entries/000.p/4"][:-1] + b"\x00"
    tree = TileTree(checkpoint.size, checkpoint.root, lambda path: files.get(f"log/{path}"))
    with pytest.raises(TrustError, match="条目与其哈希不符"):
        list(Audit(checkpoint, "YCZX").read(tree))
