"""Evidence: only what stands in the signed, grown tree is believed, whatever the files say."""

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.verify.sample import FACTS, ISSUED, ISSUER, KEY, NOW, TOKEN
from tests.verify.transparency.sample import LOG_KEY, OPENED, ORIGIN, WITNESS, WITNESS_NAME, FictionalLog, Files
from verify.credential import Credential, decode, sign
from verify.keylist import LogKey
from verify.keyring import Ed25519Signer
from verify.reasons import Reason
from verify.registration import Act, LogEvidence, LogFault, Registered, Registration
from verify.transparency.evidence import FILE_LIMIT_BYTES, SAID_AGAIN_SECONDS, Fetched, Folder, LogShelf
from verify.transparency.leaves import changed, issued, ref_of, registered, registered_path
from verify.transparency.notes import Note, cosignature, read_note

CREDENTIAL = Credential(decode(TOKEN), ISSUER)
REF = ref_of(TOKEN)
AT = ISSUED + timedelta(seconds=2)
LATER = ISSUED + timedelta(hours=3)
INVALID, FORKED = LogFault(Reason.LOG_PROOF_INVALID), LogFault(Reason.LOG_FORKED)


def shelf(files: Files, logs: tuple[LogKey, ...] = (LOG_KEY,)) -> LogShelf:
    return LogShelf(Fetched(files.get), logs)


def look_up(files: Files) -> LogEvidence | None:
    return shelf(files).evidence(CREDENTIAL)


def registered_log(before: int = 5, behind: int = 5) -> FictionalLog:
    log = FictionalLog()
    log.others(before, OPENED)
    log.issue(AT)
    log.others(behind, AT)
    return log


def found(evidence: LogEvidence | None) -> Registration:
    assert isinstance(evidence, Registration)
    return evidence


@pytest.mark.parametrize(("before", "behind"), [(0, 0), (5, 5), (254, 0), (255, 0), (255, 700), (300, 213), (770, 1)])
def test_a_registered_report_is_proven_wherever_it_stands(before: int, behind: int) -> None:
    log = registered_log(before, behind)
    expected = Registration(ORIGIN, before + behind + 2, LATER, OPENED, (Registered(before + 1, Act.ISSUED, AT),))
    assert look_up(log.publish(LATER)) == expected


def test_every_change_of_a_report_is_proven() -> None:
    log = registered_log()
    for act in (Act.SUSPENDED, Act.RESUMED, Act.SUSPENDED, Act.REVOKED):
        log.others(300, AT)
        log.change(act, LATER)
    leaves = found(look_up(log.publish(LATER))).leaves
    assert [leaf.act for leaf in leaves] == [Act.ISSUED, Act.SUSPENDED, Act.RESUMED, Act.SUSPENDED, Act.REVOKED]
    assert [leaf.index for leaf in leaves] == [6, 312, 613, 914, 1215]


def test_a_report_that_the_log_does_not_hold_has_no_leaves() -> None:
    log = FictionalLog()
    log.others(3, OPENED)
    assert look_up(log.publish(LATER)) == Registration(ORIGIN, 4, LATER, OPENED, ())


def test_a_log_in_a_folder_is_read(tmp_path: Path) -> None:
    write(registered_log().publish(LATER), tmp_path)
    assert found(LogShelf(tmp_path, (LOG_KEY,)).evidence(CREDENTIAL)).leaves[0].index == 6


def test_no_folder_no_log_and_no_key_say_nothing(tmp_path: Path) -> None:
    files = registered_log().publish(LATER)
    assert LogShelf(tmp_path / "none", (LOG_KEY,)).evidence(CREDENTIAL) is None
    assert look_up(Files()) is None
    assert shelf(files, ()).evidence(CREDENTIAL) is None
    assert shelf(files, (LogKey("other.example.gov.cn/log", LOG_KEY.public_key),)).evidence(CREDENTIAL) is None
    assert look_up(Files(files | {"log/checkpoint": b"<html>sign in first</html>"})) is None


def test_files_that_cannot_be_read_say_nothing(tmp_path: Path) -> None:
    write(registered_log().publish(LATER), tmp_path)
    own = tmp_path / registered_path(REF)
    own.unlink()
    own.mkdir()
    assert LogShelf(tmp_path, (LOG_KEY,)).evidence(CREDENTIAL) is None


def test_a_tile_that_is_not_there_says_nothing() -> None:
    files = registered_log(300, 300).publish(LATER)
    for path in sorted(path for path in files if path.startswith("log/tile/")):
        rest = Files({name: data for name, data in files.items() if name != path})
        assert look_up(rest) is None or path.startswith(("log/tile/0/000", "log/tile/entries/")), path


def test_a_copy_that_is_not_finished_is_asked_again() -> None:
    log = registered_log()
    files = log.publish(LATER)
    partial = Files({path: data for path, data in files.items() if not path.startswith("log/tile/0")})
    copy = Files(partial)
    one = shelf(copy)
    assert one.evidence(CREDENTIAL) is None
    copy.update(files)
    assert found(one.evidence(CREDENTIAL)).leaves


def test_a_checkpoint_that_the_log_did_not_sign_is_no_proof() -> None:
    stranger = Ed25519Signer.from_seed(b"chenghe fictional stranger key 3")
    forged = FictionalLog(signer=stranger)
    forged.issue(AT)
    assert look_up(forged.publish(LATER)) == INVALID


def test_a_tile_that_does_not_lead_to_the_root_is_no_proof() -> None:
    files = registered_log(300, 300).publish(LATER)
    for path in sorted(path for path in files if path.startswith(("log/tile/0", "log/tile/1"))):
        changed_tile = bytes([files[path][0] ^ 1]) + files[path][1:]
        evidence = look_up(Files(files | {path: changed_tile}))
        assert evidence == INVALID, path


def test_a_log_that_does_not_begin_with_its_opening_is_no_proof() -> None:
    log = FictionalLog()
    log.leaves[0] = issued(OPENED, b"another token", OPENED, 1)
    log.issue(AT)
    assert look_up(log.publish(LATER)) == INVALID


def rows_of(*leaves: bytes) -> FictionalLog:
    """A log whose leaves of this report are these."""
    log = FictionalLog()
    log.others(4, OPENED)
    for leaf in leaves:
        log.add(REF, leaf)
    return log


def test_leaves_that_are_not_this_report_are_no_proof() -> None:
    for leaf in (
        issued(AT, TOKEN, ISSUED, 18),
        issued(AT, TOKEN, ISSUED + timedelta(seconds=1), 17),
        issued(AT, b"another token", ISSUED, 17),
        changed(Act.REVOKED, AT, REF, 1),
        b"no leaf",
    ):
        assert look_up(rows_of(leaf).publish(LATER)) == INVALID


def test_acts_that_cannot_follow_each_other_are_no_proof() -> None:
    first = issued(AT, TOKEN, ISSUED, 17)
    for leaf in (
        first,
        changed(Act.RESUMED, LATER, REF, 5),
        changed(Act.REVOKED, LATER, REF, 4),
        changed(Act.REVOKED, AT - timedelta(seconds=1), REF, 5),
        changed(Act.REVOKED, LATER, ref_of(b"another token"), 5),
    ):
        assert look_up(rows_of(first, leaf).publish(LATER)) == INVALID
    revoked, again = changed(Act.REVOKED, LATER, REF, 5), changed(Act.SUSPENDED, LATER, REF, 6)
    assert look_up(rows_of(first, revoked, again).publish(LATER)) == INVALID


def test_a_leaf_that_is_not_in_the_tree_is_no_proof() -> None:
    log = registered_log()
    log.change(Act.REVOKED, LATER)
    files, path = log.publish(LATER), registered_path(REF)
    revoked = changed(Act.REVOKED, LATER, REF, 6)
    for rows in (
        [(6, issued(AT + timedelta(seconds=1), TOKEN, ISSUED, 17))],
        [(5, issued(AT, TOKEN, ISSUED, 17))],
        [(6, issued(AT, TOKEN, ISSUED, 17)), (11, revoked)],
        [(6, issued(AT, TOKEN, ISSUED, 17)), (12, changed(Act.SUSPENDED, LATER, REF, 6))],
    ):
        assert look_up(Files(files | {path: registered(rows)})) == INVALID
    assert look_up(Files(files | {path: b""})) == INVALID
    assert look_up(Files(files | {path: bytes(FILE_LIMIT_BYTES)})) == INVALID


def test_leaves_behind_the_checkpoint_are_not_registered_yet() -> None:
    log = registered_log()
    earlier = log.publish(LATER)["log/checkpoint"]
    log.change(Act.REVOKED, LATER)
    files = Files(log.publish(LATER) | {"log/checkpoint": earlier})
    assert [leaf.act for leaf in found(look_up(files)).leaves] == [Act.ISSUED]


def test_a_grown_log_is_believed_and_says_what_is_new() -> None:
    log = registered_log(300)
    one = shelf(log.publish(LATER))
    assert found(one.evidence(CREDENTIAL)).status is not None
    for size in (1, 250, 600):
        log.others(size, LATER)
        log.publish(LATER + timedelta(hours=size))
        assert found(one.evidence(CREDENTIAL)).tree_size == len(log.leaves)
    log.change(Act.REVOKED, NOW)
    log.publish(NOW)
    assert found(one.evidence(CREDENTIAL)).leaves[-1].act is Act.REVOKED


def test_a_checkpoint_of_the_same_tree_has_a_new_moment_and_new_witnesses() -> None:
    log = registered_log()
    files = log.publish(LATER)
    one = shelf(files)
    one.evidence(CREDENTIAL)
    note = read_note(log.checkpoint(NOW).encode())
    files["log/checkpoint"] = (
        Note(note.text, (*note.lines, cosignature(note.text, WITNESS_NAME, WITNESS, NOW))).whole().encode()
    )
    again = found(one.evidence(CREDENTIAL))
    assert (again.checkpoint_at, again.witnesses) == (NOW, (WITNESS_NAME,))


@pytest.mark.parametrize("size", [3, 306, 900])
def test_a_log_that_went_another_way_is_forked(size: int) -> None:
    one = shelf(registered_log(300).publish(LATER))
    one.evidence(CREDENTIAL)
    other = FictionalLog()
    other.issue(AT)
    other.others(size - 2, LATER)
    one._files = Fetched(other.publish(NOW).get)
    assert one.evidence(CREDENTIAL) == FORKED
    assert one.evidence(CREDENTIAL) == FORKED


def test_a_smaller_log_is_forked_and_the_grown_one_is_believed_again() -> None:
    log = registered_log()
    small = log.publish(LATER)["log/checkpoint"]
    one = shelf(log.files)
    log.others(3, LATER)
    grown = log.publish(NOW)["log/checkpoint"]
    assert found(one.evidence(CREDENTIAL)).tree_size == 15
    log.files["log/checkpoint"] = small
    assert one.evidence(CREDENTIAL) == FORKED
    log.files["log/checkpoint"] = grown
    assert found(one.evidence(CREDENTIAL)).tree_size == 15


def test_what_was_seen_is_remembered_beyond_the_process() -> None:
    log = registered_log()
    small = Files(log.publish(LATER))
    log.others(3, LATER)
    one = shelf(log.publish(NOW))
    one.evidence(CREDENTIAL)
    assert [checkpoint.size for checkpoint in one.seen] == [15]
    assert LogShelf(Fetched(small.get), (LOG_KEY,), one.seen).evidence(CREDENTIAL) == FORKED
    assert found(LogShelf(Fetched(log.files.get), (LOG_KEY,), one.seen).evidence(CREDENTIAL)).leaves


def test_a_warm_look_up_reads_the_one_file_of_the_report_and_only_once(tmp_path: Path) -> None:
    log = registered_log(30, 30)
    write(log.publish(LATER), tmp_path)
    reads: list[str] = []
    one = LogShelf(Noting(tmp_path, reads), (LOG_KEY,), seconds=lambda: 1000.0)
    other = Credential(decode(sign(replace(FACTS, sequence=18), KEY)), ISSUER)
    assert found(one.evidence(other)).leaves == ()
    reads.clear()
    assert found(one.evidence(CREDENTIAL)).leaves
    assert found(one.evidence(CREDENTIAL)).leaves
    assert reads == [registered_path(REF)]


def test_an_answer_is_given_again_for_a_moment_and_under_the_same_checkpoint_only(tmp_path: Path) -> None:
    log = registered_log()
    write(log.publish(LATER), tmp_path)
    clock = iter((0.0, SAID_AGAIN_SECONDS - 0.1, SAID_AGAIN_SECONDS, SAID_AGAIN_SECONDS, 2 * SAID_AGAIN_SECONDS))
    one = LogShelf(tmp_path, (LOG_KEY,), seconds=lambda: next(clock))
    assert len(found(one.evidence(CREDENTIAL)).leaves) == 1
    own = tmp_path / registered_path(REF)
    own.write_bytes(registered([(6, issued(AT, TOKEN, ISSUED, 18))]))
    assert len(found(one.evidence(CREDENTIAL)).leaves) == 1
    assert one.evidence(CREDENTIAL) == INVALID
    log.change(Act.REVOKED, LATER)
    write(log.publish(NOW), tmp_path)
    assert len(found(one.evidence(CREDENTIAL)).leaves) == 2
    own.unlink()
    assert found(one.evidence(CREDENTIAL)).leaves == ()


def test_without_a_clock_the_files_are_read_each_time(tmp_path: Path) -> None:
    write(registered_log().publish(LATER), tmp_path)
    one = LogShelf(tmp_path, (LOG_KEY,))
    assert found(one.evidence(CREDENTIAL)).leaves
    (tmp_path / registered_path(REF)).unlink()
    assert found(one.evidence(CREDENTIAL)).leaves == ()


def test_few_answers_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verify.transparency.evidence.ANSWERS_MAX", 2)
    log = FictionalLog()
    credentials = [Credential(decode(sign(replace(FACTS, sequence=18 + each), KEY)), ISSUER) for each in range(4)]
    for each in credentials:
        log.issue(AT, each.token, sequence=each.facts.sequence)
    write(log.publish(LATER), tmp_path)
    one = LogShelf(tmp_path, (LOG_KEY,), seconds=lambda: 1000.0)
    assert all(found(one.evidence(each)).leaves for each in [*credentials, *credentials])
    assert len(one._answers) == 2


class Noting(Folder):
    """A folder that says what was read of it."""

    def __init__(self, folder: Path, reads: list[str]) -> None:
        super().__init__(folder)
        self._reads = reads

    def read(self, path: str) -> bytes | None:
        self._reads.append(path)
        return super().read(path)


def test_a_huge_file_is_not_read_whole(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    huge = tmp_path / "log" / "checkpoint"
    huge.touch()
    os.truncate(huge, 1 << 32)
    assert len(Folder(tmp_path).read("log/checkpoint") or b"") < FILE_LIMIT_BYTES * 2
    assert LogShelf(tmp_path, (LOG_KEY,)).evidence(CREDENTIAL) is None


HOSTILE = registered_log(300, 300)
HOSTILE.change(Act.SUSPENDED, LATER)
GENUINE = Files(HOSTILE.publish(LATER))
HONEST = found(look_up(GENUINE))


@settings(max_examples=300)
@given(st.sampled_from(sorted(path for path in GENUINE if path.startswith("log/") or REF.hex() in path)), st.data())
def test_no_change_of_any_file_proves_anything_else(path: str, data: st.DataObject) -> None:
    genuine = GENUINE[path]
    at, put = data.draw(st.integers(0, len(genuine))), data.draw(st.binary(max_size=5))
    kept = data.draw(st.integers(0, 3))
    evidence = look_up(Files(GENUINE | {path: genuine[:at] + put + genuine[at + kept :]}))
    if isinstance(evidence, Registration):
        assert (evidence.tree_size, evidence.checkpoint_at) == (HONEST.tree_size, HONEST.checkpoint_at)
        assert evidence.leaves in (HONEST.leaves, HONEST.leaves[:1], ())


def write(files: Files, folder: Path) -> None:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
