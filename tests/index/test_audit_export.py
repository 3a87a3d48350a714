"""Answers index/audit_export.py: a file that anybody can check, and that nobody can change."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.audit import append, head
from index.audit_chain import START, Fault, Head
from index.audit_export import check_export, export
from index.errors import AccessDenied, AuditError
from index.store.engine import open_store, writing
from tests.index.records.samples import NOW
from tests.index.tampering import audited, tampered

SAID: dict[str, Any] = {"actor": "主任", "purpose": "移交", "target": "audit.jsonl", "now": NOW}
DOCUMENT = Path(__file__).parents[2] / "docs" / "audit.md"


def exported(path: Path, after: Head = START) -> list[bytes]:
    engine = open_store(path)
    lines = list(export(engine, after, **SAID))
    engine.dispose()
    return lines


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    return exported(audited(tmp_path_factory.mktemp("export") / "office.db", 5))


def test_file_holds_all_lines_and_that_of_its_own_making(lines: list[bytes]) -> None:
    walk = check_export(lines)
    assert (walk.findings, walk.lines) == ([], 6)
    assert json.loads(lines[-2])["action"] == "audit.export"
    assert json.loads(lines[-1]) == {"head": str(walk.head)}


def test_part_of_the_audit_joins_the_part_before(tmp_path: Path) -> None:
    path = audited(tmp_path / "office.db", 5)
    first = check_export(exported(path)).head
    second = exported(path, first)
    walk = check_export(second, (first,))
    assert (walk.lines, walk.findings, walk.head.number) == (1, [], 7)


def test_head_from_before_the_part_is_no_proof_and_refused(tmp_path: Path) -> None:
    path = audited(tmp_path / "office.db", 5)
    first = check_export(exported(path)).head
    with pytest.raises(AuditError) as caught:
        check_export(exported(path, first), (Head(3, bytes(32)),))
    assert caught.value.code == "AUDIT_HEAD_BEFORE"


def test_part_behind_a_head_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = audited(tmp_path / "office.db", 5)
    for other in (Head(5, bytes(32)), Head(50, bytes(32))):
        with pytest.raises(AuditError) as caught:
            exported(path, other)
        assert caught.value.code == "AUDIT_OTHER_HEAD"


def test_nobody_exports_without_a_purpose(tmp_path: Path) -> None:
    engine = open_store(audited(tmp_path / "office.db", 1))
    with pytest.raises(AccessDenied):
        list(export(engine, **SAID | {"purpose": ""}))
    with engine.connect() as connection:
        assert head(connection).number == 1


@given(st.data())
def test_every_byte_of_the_file_is_held(lines: list[bytes], data: st.DataObject) -> None:
    kept = check_export(lines).head
    content = bytearray(b"".join(lines))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    assert _is_refused(bytes(content), kept)


@given(st.data())
def test_every_lost_doubled_or_moved_line_of_the_file_is_found(lines: list[bytes], data: st.DataObject) -> None:
    kept, changed = check_export(lines).head, list(lines)
    place = data.draw(st.integers(0, len(lines) - 1))
    to = data.draw(st.integers(0, len(lines) - 1))
    match data.draw(st.sampled_from(["lost", "doubled", "moved", "cut"])):
        case "lost":
            del changed[place]
        case "doubled":
            changed.insert(to, lines[place])
        case "moved":
            changed.insert(to, changed.pop(place))
        case "cut":
            changed = changed[:place]
    assert _is_refused(b"".join(changed), kept) == (changed != lines)


def _is_refused(content: bytes, kept: Head) -> bool:
    try:
        return bool(check_export(content.splitlines(keepends=True), (kept,)).found)
    except AuditError:
        return True


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"[]\n",
        b"{}\n",
        b"\xff\n",
        b"[" * 100_000 + b"\n",
        b'{"chenghe_audit": 2, "after": "0:' + b"0" * 64 + b'"}\n',
        b'{"chenghe_audit": 1, "after": 0}\n',
        b'{"chenghe_audit": 1,  "after": "0:' + b"0" * 64 + b'"}\n',
        b'{"chenghe_audit": NaN, "after": "0:' + b"0" * 64 + b'"}\n',
    ],
)
def test_other_file_is_refused_with_the_next_step(content: bytes) -> None:
    with pytest.raises(AuditError) as caught:
        check_export([content])
    assert caught.value.next_step


@pytest.mark.parametrize(
    ("field", "value"),
    [("number", "1"), ("number", True), ("detail", 1), ("detail", {"hex": "zz"}), ("detail", "\ud800"), ("hash", "AB")],
)
def test_line_of_another_kind_is_refused(lines: list[bytes], field: str, value: object) -> None:
    line = json.dumps(json.loads(lines[1]) | {field: value}, ensure_ascii=False).encode("utf-8", "surrogatepass")
    with pytest.raises(AuditError) as caught:
        check_export([lines[0], line + b"\n", *lines[2:]])
    assert caught.value.code == "AUDIT_EXPORT"


def test_damaged_audit_goes_out_as_it_is_and_its_damage_is_found(tmp_path: Path) -> None:
    source = audited(tmp_path / "source.db", 5)
    path = tampered(
        source,
        tmp_path / "office.db",
        lambda driver: driver.executescript(
            "UPDATE audit SET detail = CAST(x'ff41' AS TEXT) WHERE id = 2; UPDATE audit SET target = x'41' WHERE id = 4"
        ),
    )
    found = [(each.fault, each.number) for each in check_export(exported(path)).findings]
    assert found == [(Fault.CHANGED, 2), (Fault.CHANGED, 4)]


def _program() -> str:
    found = re.search(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def test_program_of_the_document_checks_an_export_without_ours(tmp_path: Path, lines: list[bytes]) -> None:
    program, file = tmp_path / "check.py", tmp_path / "audit.jsonl"
    program.write_text(_program(), encoding="utf-8")

    def says(content: bytes) -> tuple[int, str]:
        file.write_bytes(content)
        done = subprocess.run([sys.executable, "-I", program, file], capture_output=True, encoding="utf-8")
        return done.returncode, done.stdout.strip()

    whole = b"".join(lines)
    assert says(whole) == (0, str(check_export(lines).head))
    assert says(whole.replace("王五3".encode(), "王五4".encode()))[0] == 1
    assert says(b"".join(lines[:2] + lines[3:]))[0] == 1


def test_document_has_the_worked_example() -> None:
    from tests.index import test_audit_chain

    source = Path(test_audit_chain.__file__).read_text(encoding="utf-8")
    found = re.search(r'hexdigest\(\) == "([0-9a-f]{64})"', source)
    assert found is not None
    assert found[1] in DOCUMENT.read_text(encoding="utf-8")


def test_lines_written_while_the_file_is_made_do_not_disturb_it(tmp_path: Path) -> None:
    engine = open_store(audited(tmp_path / "office.db", 5))
    made = export(engine, **SAID)
    begun = [next(made), next(made)]
    with writing(engine) as connection:
        append(connection, at=NOW, actor="a", purpose="p", action="c", target="t")
    walk = check_export([*begun, *made])
    assert (walk.findings, walk.lines) == ([], 6)
