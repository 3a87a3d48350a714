"""Witnessing: only the tree seen last, grown, is cosigned; only listed witnesses are taken over."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verify.sample import ISSUED
from tests.verify.transparency.sample import LOG_KEY, OPENED, WITNESS, WITNESS_NAME, FictionalLog, Files
from verify.errors import TrustError
from verify.keylist import Witness
from verify.keyring import Ed25519Signer
from verify.transparency.leaves import opened
from verify.transparency.notes import Note, cosignature, open_checkpoint, read_note, read_verifier_key, verifier_key
from verify.transparency.witnessing import cosign, cosigned_by, merged, open_grown, without_strangers

AT = ISSUED + timedelta(hours=1)
LATER = AT + timedelta(days=1)
STRANGER = Ed25519Signer.from_seed(b"chenghe fictional stranger key 5")


def log_of(size: int) -> FictionalLog:
    log = FictionalLog()
    log.others(size - 1, OPENED)
    log.publish(AT)
    return log


def cosigned(files: Files, last: bytes | None = None, signer: Ed25519Signer = WITNESS) -> bytes:
    def read(path: str) -> bytes | None:
        return files.get(f"log/{path}")

    return cosign(files["log/checkpoint"], LOG_KEY, read, last, (WITNESS_NAME, signer), AT).encode()


def refused(files: Files, last: bytes | None) -> str:
    with pytest.raises(TrustError) as error:
        cosigned(files, last)
    return error.value.code


@pytest.mark.parametrize(("before", "now"), [(1, 1), (1, 300), (256, 257), (300, 1000)])
def test_a_log_that_has_grown_is_cosigned(before: int, now: int) -> None:
    log = log_of(before)
    last = log.files["log/checkpoint"]
    log.others(now - before, OPENED)
    whole = cosigned(log.publish(AT), last)
    assert open_checkpoint(whole, LOG_KEY).witnesses == (WITNESS_NAME,)
    assert cosigned_by(whole, LOG_KEY) == (WITNESS_NAME,)


def test_a_log_that_is_shorter_or_another_is_not_cosigned() -> None:
    log = log_of(300)
    last = log.files["log/checkpoint"]
    assert refused(log_of(299).files, last) == "LOG_FORKED"
    other = FictionalLog()
    other.leaves[0] = opened(OPENED + timedelta(seconds=1))
    other.others(400, OPENED)
    assert refused(other.publish(AT), last) == "LOG_FORKED"


def test_a_checkpoint_without_its_tiles_or_of_tomorrow_is_not_cosigned() -> None:
    log = log_of(300)
    assert refused(Files({"log/checkpoint": log.files["log/checkpoint"]}), None) == "TILE_MISSING"
    assert refused(Files(log.files | {"log/tile/0/001.p/44": bytes(44 * 32)}), None) == "TILE_INVALID"
    assert refused(log.publish(LATER), None) == "CHECKPOINT_AHEAD"


def test_what_is_remembered_must_be_of_this_log() -> None:
    assert refused(log_of(3).files, b"something else") == "CHECKPOINT_INVALID"


def test_a_checkpoint_nobody_listed_has_cosigned_is_told() -> None:
    for whole in (log_of(3).files["log/checkpoint"], cosigned(log_of(3).files, signer=STRANGER)):
        with pytest.raises(TrustError) as error:
            cosigned_by(whole, LOG_KEY)
        assert error.value.code == "COSIGNATURE_MISSING"


def test_a_witness_that_cosigns_again_has_one_line_the_newest() -> None:
    log = log_of(3)
    published = log.files["log/checkpoint"]
    note = read_note(published)
    for moment in (AT, LATER, AT + timedelta(hours=2)):
        line = cosignature(note.text, WITNESS_NAME, WITNESS, moment)
        published = merged(published, Note(note.text, (*note.lines, line)).whole().encode(), LOG_KEY)
    (ours,) = [line for line in read_note(published).lines if line.name == WITNESS_NAME]
    assert int.from_bytes(ours.blob[:8]) == int(LATER.timestamp())
    assert open_checkpoint(published, LOG_KEY).witnesses == (WITNESS_NAME,)


def test_lines_on_another_tree_and_lines_of_strangers_are_left_out() -> None:
    small, large = log_of(3).files, log_of(5).files
    assert merged(large["log/checkpoint"], cosigned(small), LOG_KEY) == large["log/checkpoint"]
    both = merged(cosigned(small, signer=STRANGER), cosigned(small), LOG_KEY)
    assert len(read_note(both).lines) == 4
    assert without_strangers(both, LOG_KEY) == cosigned(small)


def test_opening_says_how_the_two_differ() -> None:
    log = log_of(300)
    shorter = log_of(299).files
    with pytest.raises(TrustError, match=r"先前 300 条（2026-08-20 11:32），现在 299 条（2026-08-20 11:32）"):
        open_grown(
            shorter["log/checkpoint"],
            LOG_KEY,
            lambda path: shorter.get(f"log/{path}"),
            log.files["log/checkpoint"],
        )


WORD = verifier_key(Witness(WITNESS_NAME, WITNESS.public_key))


@given(st.one_of(st.text(max_size=120), st.integers(0, len(WORD)).map(lambda at: WORD[:at] + "甲" + WORD[at:])))
def test_any_word_is_a_witness_or_refused(word: str) -> None:
    try:
        witness = read_verifier_key(word)
    except TrustError:
        return
    assert verifier_key(witness) == word.strip()
