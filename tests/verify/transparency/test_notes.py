"""Signed notes and checkpoints: those of others are read, ours are signed twice, and nothing false opens."""

from base64 import b64decode, b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verify.sample import moment
from tests.verify.transparency.sample import LOG, LOG_KEY, ORIGIN, WITNESS, WITNESS_NAME
from verify.errors import TrustError
from verify.keylist import LogKey
from verify.keyring import ED25519, Ed25519Signer, verifying_key
from verify.transparency.merkle import leaf_hash
from verify.transparency.notes import (
    COSIGNED,
    SIGNED,
    Checkpoint,
    Note,
    SignatureLine,
    checkpoint_text,
    cosignature,
    cosigned_at,
    key_id,
    open_checkpoint,
    read_checkpoint,
    read_note,
    read_verifier_key,
    sign_checkpoint,
    verifier_key,
)

AT = moment("2026-08-20T11:00:00")
ROOT = leaf_hash(b"a fictional tree")
SIGNED_TREE = sign_checkpoint(ORIGIN, 4711, ROOT, LOG, AT)
PETER_NEUMANN = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
"""The example of golang.org/x/mod/sumdb/note."""
PETER_NEUMANNS_KEY = b64decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")[1:]


def cosigned(text: str = SIGNED_TREE, signer: Ed25519Signer = WITNESS) -> str:
    note = read_note(text.encode())
    return Note(note.text, (*note.lines, cosignature(note.text, WITNESS_NAME, signer, AT))).whole()


@pytest.mark.parametrize(
    ("name", "kind", "key", "expected"),
    [
        ("PeterNeumann", SIGNED, "ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", "c74f20a3"),
        ("example.com/foo", SIGNED, "AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", "530d903a"),
        ("remora.n621.de", COSIGNED, "BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2", "da77ade7"),
    ],
)
def test_key_ids_are_those_of_other_implementations(name: str, kind: int, key: str, expected: str) -> None:
    encoded = b64decode(key)
    assert encoded[0] == kind
    assert key_id(name, kind, encoded[1:]).hex() == expected


def test_a_note_of_another_implementation_is_read_and_its_signature_holds() -> None:
    note = read_note(PETER_NEUMANN.encode())
    (line,) = note.lines
    assert line.key_id == key_id("PeterNeumann", SIGNED, PETER_NEUMANNS_KEY)
    assert verifying_key(ED25519, PETER_NEUMANNS_KEY)(note.text.encode(), line.blob)
    assert note.whole() == PETER_NEUMANN


def test_the_cosigned_checkpoint_of_the_specification_is_read() -> None:
    text = (
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        "— example.com/behind-the-sofa "
        "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
        "— witness.example.com/w1 "
        "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
    )
    note, tree = read_checkpoint(text.encode())
    assert (tree.origin, tree.size) == ("example.com/behind-the-sofa", 20852163)
    assert int.from_bytes(note.lines[1].blob[:8]) == 1679315147


def test_a_checkpoint_opens_with_the_key_of_its_log() -> None:
    assert open_checkpoint(SIGNED_TREE, LOG_KEY) == Checkpoint(ORIGIN, 4711, ROOT, AT)


def test_what_the_witness_signs_is_the_text_of_the_specification() -> None:
    line = cosignature(checkpoint_text(ORIGIN, 4711, ROOT), WITNESS_NAME, WITNESS, AT)
    message = f"cosignature/v1\ntime {int(AT.timestamp())}\n{ORIGIN}\n4711\n{b64encode(ROOT).decode()}\n"
    assert line.blob[:8] == int(AT.timestamp()).to_bytes(8)
    assert verifying_key(ED25519, WITNESS.public_key)(message.encode(), line.blob[8:])


def test_a_listed_witness_is_named() -> None:
    assert open_checkpoint(cosigned(), LOG_KEY).witnesses == (WITNESS_NAME,)


def test_a_witness_that_is_not_listed_is_ignored() -> None:
    stranger = Ed25519Signer.from_seed(b"chenghe fictional stranger key 2")
    assert open_checkpoint(cosigned(signer=stranger), LOG_KEY).witnesses == ()


def test_the_latest_of_several_cosignatures_counts() -> None:
    note = read_note(SIGNED_TREE.encode())
    lines = [cosignature(note.text, WITNESS_NAME, WITNESS, moment(f"2026-08-2{day}T12:00:00")) for day in (2, 4, 3)]
    later = cosigned_at(Note(note.text, (*note.lines, *lines)), WITNESS_NAME, WITNESS.public_key)
    assert later == moment("2026-08-24T12:00:00")


@pytest.mark.parametrize("gone", [0, 1])
def test_a_checkpoint_needs_both_signatures_of_its_log(gone: int) -> None:
    note = read_note(SIGNED_TREE.encode())
    refuse(Note(note.text, (note.lines[1 - gone],)).whole(), "CHECKPOINT_SIGNATURE")


@pytest.mark.parametrize("which", [0, 1, 2])
def test_a_false_line_of_a_known_key_makes_the_whole_note_worthless(which: int) -> None:
    note = read_note(cosigned().encode())
    lines = list(note.lines)
    broken = lines[which].blob[:-1] + bytes([lines[which].blob[-1] ^ 1])
    lines[which] = SignatureLine(lines[which].name, lines[which].key_id, broken)
    refuse(Note(note.text, tuple(lines)).whole(), "CHECKPOINT_SIGNATURE")


@pytest.mark.parametrize("blob", [b"1", b"\xff" * 72, bytes(63), bytes(71), bytes(73)])
def test_a_line_of_another_length_does_not_hold(blob: bytes) -> None:
    note = read_note(SIGNED_TREE.encode())
    for line in note.lines:
        refuse(Note(note.text, (*note.lines, SignatureLine(ORIGIN, line.key_id, blob))).whole(), "CHECKPOINT_SIGNATURE")


def test_a_tree_of_another_size_root_or_log_was_not_signed() -> None:
    for before, after, code in [
        ("4711", "4712", "CHECKPOINT_SIGNATURE"),
        (b64encode(ROOT).decode(), b64encode(leaf_hash(b"")).decode(), "CHECKPOINT_SIGNATURE"),
        (f"{ORIGIN}\n4711", "other.example.gov.cn/log\n4711", "CHECKPOINT_OTHER_LOG"),
    ]:
        refuse(SIGNED_TREE.replace(before, after), code)


def test_more_lines_in_the_text_are_signed_and_mean_nothing() -> None:
    text = checkpoint_text(ORIGIN, 4711, ROOT) + "more\n"
    line = SignatureLine(ORIGIN, key_id(ORIGIN, SIGNED, LOG.public_key), LOG.sign(text.encode()))
    whole = Note(text, (line, cosignature(text, ORIGIN, LOG, AT))).whole()
    assert open_checkpoint(whole, LOG_KEY).size == 4711
    refuse(whole.replace("more", "less"), "CHECKPOINT_SIGNATURE")


@pytest.mark.parametrize(
    "text",
    [
        "", "\n", "\n\n", "\n\n\n", "a\n", "a\n\n", "a\n\nb\n", "a\n\n— b\n", "a\n\n— b \n", "a\n\n— b c\n",
        "a\n\n— b AAAAAA==\n", "a\n\n— b AAAAAAA\n", "a\n\n— b AAAAAAB=\n", "a\n\n— b AAAAAAA= \n",
        "a\n\n— +b AAAAAAA=\n", "a\n\n—  AAAAAAA=\n", "a\n\n- b AAAAAAA=\n", "a\r\n\n— b AAAAAAA=\n",
        "a\t\n\n— b AAAAAAA=\n", "a\x00\n\n— b AAAAAAA=\n", "a\n\n— b AAAAAAA=", "a\n\n— b AAAA\nAAA=\n",
        "a\n\n— b\u3000c AAAAAAA=\n", "a\n\n— b AAAAAAA=\n\n", "a\n\n" + "— b AAAAAAA=\n" * 257,
        "a" * 140_000 + "\n\n— b AAAAAAA=\n",
    ],
)  # fmt: skip
def test_other_texts_are_no_notes(text: str) -> None:
    with pytest.raises(TrustError) as refused:
        read_note(text.encode())
    assert refused.value.code == "CHECKPOINT_INVALID"


@pytest.mark.parametrize(
    "body",
    ["o\n1\n", "o\n01\nR\n", "o\n-1\nR\n", "o\n+1\nR\n", "o\n1 \nR\n", "o\n٤\nR\n", "o\n1\nAAAA\n", "o\n1\n!\n",
     "\n1\nR\n",
     "o\n9999999999999999999\nR\n", f"o\n{(1 << 62) + 1}\nR\n", "o\n1\nR\n\nx\n", "o\n1\nR\n\n"],
)  # fmt: skip
def test_other_notes_are_no_checkpoints(body: str) -> None:
    text = body.replace("R", b64encode(ROOT).decode())
    with pytest.raises(TrustError) as refused:
        read_checkpoint(f"{text}\n— b AAAAAAA=\n".encode())
    assert refused.value.code == "CHECKPOINT_INVALID"


def test_a_text_may_have_empty_lines_the_last_one_parts_it_from_the_signatures() -> None:
    assert read_note("a\n\nb\n\n— c AAAAAAA=\n".encode()).text == "a\n\nb\n"


def test_sixteen_signatures_of_strangers_do_not_hide_ours() -> None:
    strangers = "".join(f"— stranger{number} {b64encode(bytes(2424)).decode()}\n" for number in range(16))
    assert open_checkpoint(SIGNED_TREE + strangers, LOG_KEY).size == 4711


REMORA = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"
"""A witness of the tests of transparency-dev/formats."""


def test_a_witness_is_handed_over_as_one_word() -> None:
    assert verifier_key(read_verifier_key(f" {REMORA}\n")) == REMORA
    assert read_verifier_key(REMORA).name == "remora.n621.de"


@pytest.mark.parametrize(
    "text",
    ["", "+", "++", "a+b+c", REMORA[:-1], REMORA.replace("da", "db"), REMORA.replace("remora", "remorb"), f"{REMORA}A",
     "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", REMORA.replace("n621", "n 621")],
)  # fmt: skip
def test_other_words_are_no_witness(text: str) -> None:
    with pytest.raises(TrustError) as refused:
        read_verifier_key(text)
    assert refused.value.code == "WITNESS_KEY_INVALID"


@given(st.binary(max_size=300))
def test_any_bytes_are_a_note_or_refused(data: bytes) -> None:
    try:
        note = read_note(data)
    except TrustError:
        return
    assert note.whole().encode() == data


@given(st.integers(0, len(cosigned().encode()) - 1), st.binary(min_size=1, max_size=4))
def test_no_changed_checkpoint_says_anything_else(at: int, put: bytes) -> None:
    genuine = cosigned().encode()
    changed = genuine[:at] + put + genuine[at + len(put) :]
    try:
        opened = open_checkpoint(changed, LOG_KEY)
    except TrustError:
        return
    assert (opened.origin, opened.size, opened.root, opened.at) == (ORIGIN, 4711, ROOT, AT)


def refuse(text: str, code: str, log: LogKey = LOG_KEY) -> None:
    with pytest.raises(TrustError) as refused:
        open_checkpoint(text, log)
    assert refused.value.code == code
