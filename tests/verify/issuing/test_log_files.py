"""Answers verify/issuing/log_files.py: at every moment the folder holds one tree, whole, that only ever grows."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select

from index.rules.offices import load_profile
from index.store import tables
from index.store.engine import open_store, writing
from tests.verify.issuing.office import ACTOR, ISSUED, WALL, TestOffice
from verify.encoding import loads
from verify.errors import IssuingError
from verify.issuing import log_files
from verify.issuing.drafting import issuer_of
from verify.issuing.keys import KeyStore
from verify.issuing.log_files import LogFiles
from verify.issuing.registering import Leaves
from verify.keylist import LogKey, Witness
from verify.keyring import Ed25519Signer
from verify.reasons import Reason
from verify.transparency.leaves import issued, read_leaf
from verify.transparency.merkle import leaf_hash, root_of
from verify.transparency.notes import Checkpoint, cosignature, open_checkpoint, read_note
from verify.transparency.tree import TileTree

MANY = settings(max_examples=10, deadline=None)


def assert_readable(public: Path, log: LogKey) -> int:
    """What a stranger finds in the folder is one whole tree: its size. No checkpoint: no tree yet."""
    if not (public / "log" / "checkpoint").exists():
        return 0
    checkpoint = open_checkpoint((public / "log" / "checkpoint").read_bytes(), log)
    tree = TileTree(checkpoint.size, checkpoint.root, lambda path: read(public / "log" / path))
    leaves = [leaf for number in range(-(-checkpoint.size // 256)) for leaf in tree.entries(number)]
    assert len(leaves) == checkpoint.size
    assert root_of([leaf_hash(leaf) for leaf in leaves]) == checkpoint.root
    for index, leaf in enumerate(leaves):
        ref = read_leaf(leaf).ref.hex()
        assert not ref or [index, leaf] in loads((public / "registered" / ref[:2] / ref).read_bytes())
    return checkpoint.size


def read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def checkpoint(office: TestOffice) -> Checkpoint:
    return open_checkpoint((office.places.public / "log" / "checkpoint").read_bytes(), office.keys.log_key())


def test_every_act_is_published_at_once_and_proven(office: TestOffice) -> None:
    sizes = []
    first, second = office.issue(), office.issue()
    sizes.append(assert_readable(office.places.public, office.keys.log_key()))
    office.issuing.suspend(first.number, "复核", ACTOR, WALL)
    sizes.append(assert_readable(office.places.public, office.keys.log_key()))
    office.issuing.resume(first.number, "无误", ACTOR, WALL)
    office.issuing.revoke(second.number, "数据有误", ACTOR, WALL)
    sizes.append(assert_readable(office.places.public, office.keys.log_key()))
    assert sizes == [3, 4, 6]
    assert office.issuing.log_problem is None


# Growth, with leaves that only look like reports


class Log:
    """The files of a log whose rows are put there by hand; nine reports, so that few files take long."""

    def __init__(self, folder: Path, store: Path, keys: KeyStore) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        shutil.copy(store, folder / "office.db")
        self.engine = open_store(folder / "office.db")
        self.public, self.keys, self.rows = folder / "public", keys, 0
        self.files = LogFiles(keys, Leaves(self.engine), self.public)

    def add(self, count: int) -> None:
        rows = [_row(index) for index in range(self.rows, self.rows + count)]
        if rows:
            with writing(self.engine) as connection:
                connection.execute(insert(tables.log_leaves), rows)
        self.rows += count

    @property
    def tree(self) -> Checkpoint:
        return open_checkpoint((self.public / "log" / "checkpoint").read_bytes(), self.keys.log_key())

    def root(self) -> bytes:
        return root_of([leaf_hash(row["content"]) for row in map(_row, range(self.rows))])

    def stamps(self) -> dict[Path, tuple[int, int]]:
        found = (path for path in self.public.rglob("*") if path.is_file())
        return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in found}


def _row(index: int) -> dict[str, object]:
    token = (index % 9).to_bytes()
    return {
        "position": index,
        "content": issued(WALL, token, WALL, index + 1),
        "ref": sha256(token).digest(),
        "number": None,
        "at": WALL,
    }


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "office.db"
    open_store(path).dispose()
    return path


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> KeyStore:
    keys = KeyStore(tmp_path_factory.mktemp("keys"), issuer_of(load_profile("yancheng")), provisions=True)
    keys.init(WALL)
    return keys


@pytest.fixture
def log(store: Path, keys: KeyStore, tmp_path: Path) -> Log:
    return Log(tmp_path / "log", store, keys)


@MANY
@given(steps=st.lists(st.sampled_from([0, 1, 2, 255, 256, 257, 513]), min_size=1, max_size=4))
def test_it_grows_to_the_same_tree_in_whatever_steps_and_full_tiles_are_written_once(
    steps: Sequence[int], store: Path, keys: KeyStore, tmp_path_factory: pytest.TempPathFactory
) -> None:
    log = Log(tmp_path_factory.getbasetemp() / "steps", store, keys)
    for step in steps:
        before = log.stamps()
        log.add(step)
        log.files.follow(WALL)
        assert log.files.problem is None
        if log.rows:
            assert assert_readable(log.public, keys.log_key()) == log.rows
            assert log.tree.root == log.root()
        after = log.stamps()
        full = [path for path in before if "tile" in path.parts and not path.parent.name.endswith(".p")]
        assert all(after[path] == before[path] for path in full)
        if not step:
            assert after == before, "nothing was added"
    log.engine.dispose()


def test_partial_tiles_of_the_last_two_stay_for_readers_of_an_older_checkpoint(log: Log) -> None:
    copy = log.public.with_name("copy")
    for step in (100, 100, 100, 255):
        log.add(step)
        log.files.follow(WALL)
        if log.rows == 300:
            shutil.copytree(log.public, copy)
    partial = {path.relative_to(log.public / "log" / "tile").parts[:2] for path in log.public.rglob("*.p/*")}
    assert partial == {(kind, f"{number:03d}.p") for kind in ("0", "entries") for number in (1, 2)} | {("1", "000.p")}
    shutil.copy(copy / "log" / "checkpoint", log.public / "log" / "checkpoint")
    assert assert_readable(log.public, log.keys.log_key()) == 300


def test_the_checkpoint_is_written_last_and_what_a_kill_left_out_is_written_later(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.add(300)
    log.files.follow(WALL)
    log.add(300)
    real, written = log_files.write_whole, iter(range(1_000_000))

    def stopping(path: Path, content: bytes, limit: int) -> None:
        if next(written) == limit:
            raise KeyboardInterrupt
        real(path, content)

    for limit in (0, 1, 3, 5, 9):
        written = iter(range(1_000_000))
        monkeypatch.setattr(log_files, "write_whole", lambda path, content, n=limit: stopping(path, content, n))
        with pytest.raises(KeyboardInterrupt):
            log.files.follow(WALL)
        assert assert_readable(log.public, log.keys.log_key()) == 300
    monkeypatch.undo()
    log.files.follow(WALL)
    assert assert_readable(log.public, log.keys.log_key()) == 600


@pytest.mark.parametrize("damage", ["lost", "cut", "changed"])
def test_a_damaged_folder_is_made_whole_from_the_rows(log: Log, damage: str) -> None:
    log.add(700)
    log.files.mend(WALL)
    whole = {path: path.read_bytes() for path in log.public.rglob("*") if path.is_file()}
    edge = ("188", "001", "checkpoint")
    for path in whole:
        if damage == "lost":
            path.unlink()
        elif path.name in edge and (path.name != "001" or "tile" not in path.parts):
            path.write_bytes(whole[path][:9] if damage == "cut" else whole[path][:-1] + b"?")
    log.add(1)
    log.files.mend(WALL)
    assert log.files.problem is None
    assert assert_readable(log.public, log.keys.log_key()) == 701


def test_whatever_somebody_removed_comes_back_on_publishing(log: Log) -> None:
    """Each tile alone, partial ones too, and every third file at once."""
    log.add(600)
    log.files.follow(WALL)
    whole = sorted(path for path in log.public.rglob("*") if path.is_file() and path.name != "checkpoint")
    tiles = [path for path in whole if "tile" in path.parts]
    assert any(path.parts[-2].endswith(".p") for path in tiles)
    for gone in ([path] for path in tiles):
        remove_and_mend(log, gone, whole)
    for first in range(3):
        remove_and_mend(log, whole[first::3], whole)


def remove_and_mend(log: Log, gone: list[Path], whole: list[Path]) -> None:
    for path in gone:
        path.unlink()
    log.files.mend(WALL)
    assert [path for path in whole if not path.is_file()] == []
    assert log.files.problem is None


def test_half_written_files_are_swept_away(log: Log) -> None:
    log.add(3)
    log.files.follow(WALL)
    for folder in ("log", "log/tile/0/000.p", "registered"):
        (log.public / folder / f".checkpoint.{'a' * 12}").write_bytes(b"half")
    log.files.mend(WALL)
    assert not list(log.public.rglob(".*"))


def test_a_checkpoint_is_signed_anew_when_it_grows_old_and_never_with_an_earlier_moment(log: Log) -> None:
    log.add(5)
    log.files.follow(WALL)
    assert log.tree.at == WALL
    log.files.follow(WALL + timedelta(minutes=29))
    assert log.tree.at == WALL
    log.files.follow(WALL + timedelta(minutes=30))
    assert (log.tree.at, log.tree.size) == (WALL + timedelta(minutes=30), 5)
    log.add(1)
    log.files.follow(WALL + timedelta(minutes=27))  # somebody set the clock back
    assert (log.tree.at, log.tree.size) == (WALL + timedelta(minutes=30), 6)
    log.files.follow(WALL)
    assert log.tree.at == WALL, "a clock that had run ahead for long is not followed for ever"


def test_cosignatures_of_listed_witnesses_stay_with_their_tree(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    log.add(5)
    log.files.follow(WALL)
    place = log.public / "log" / "checkpoint"
    listed, stranger = Ed25519Signer(Ed25519PrivateKey.generate()), Ed25519Signer(Ed25519PrivateKey.generate())
    note = read_note(place.read_bytes())
    lines = [
        cosignature(note.text, name, key, WALL) for name, key in (("second.example", listed), ("x.example", stranger))
    ]
    place.write_text(note.whole() + "".join(line.text() for line in lines), encoding="utf-8")
    named = replace(log.keys.log_key(), witnesses=(Witness("second.example", listed.public_key),))
    monkeypatch.setattr(log.keys, "log_key", lambda: named)
    log.files.follow(WALL + timedelta(hours=1))
    assert open_checkpoint(place.read_bytes(), named).witnesses == ("second.example",)
    assert "x.example" not in place.read_text(encoding="utf-8")
    log.add(1)
    log.files.follow(WALL + timedelta(hours=1))
    assert open_checkpoint(place.read_bytes(), named).witnesses == ()


# What must never be signed


def restored(office: TestOffice, backup: Path) -> TestOffice:
    """The office with the database of ``backup`` and everything else as it is."""
    office.engine.dispose()
    for path in office.home.glob("office.db*"):
        path.unlink()
    shutil.copy(backup, office.home / "office.db")
    return TestOffice(office.home, wall=office.wall)


def backup_of(office: TestOffice) -> Path:
    backup = office.home / "backup.db"
    with office.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql(f"VACUUM INTO '{backup}'")
    return backup


def test_an_office_that_went_back_to_a_backup_goes_on_from_what_it_published(office: TestOffice) -> None:
    kept, suspended = office.issue(), office.issue()
    backup = backup_of(office)
    office.issuing.suspend(suspended.number, "复核", ACTOR, WALL)
    lost = office.issue()
    office.issuing.revoke(kept.number, "数据有误", ACTOR, WALL)
    office.issuing.revoke(lost.number, "数据有误", ACTOR, WALL)
    before = checkpoint(office)
    again = restored(office, backup)
    assert again.issuing.problem(ISSUED) is None
    report = again.issue()
    assert report.number == "YCZX202608200000004", "the number of the lost report is not given out again"
    states = {each.number: again.issuing.show(each.number, ACTOR) for each in (kept, suspended)}
    assert [page.entry.state for page in states.values()] == ["revoked", "suspended"]
    assert [page.changes[0].actor for page in states.values()] == ["登记日志", "登记日志"]
    assert again.examine(kept.qr_text).reason is Reason.WITHDRAWN
    assert again.examine(suspended.qr_text).reason is Reason.SUSPENDED
    assert again.examine(report.qr_text).reason is Reason.OK
    after = checkpoint(again)
    assert after.size == before.size + 1
    tree = TileTree(after.size, after.root, lambda path: read(again.places.public / "log" / path))
    assert tree.grows_from(before.size, before.root)
    assert assert_readable(again.places.public, again.keys.log_key()) == after.size
    with again.engine.connect() as connection:
        lines = select(tables.audit.c.detail).where(tables.audit.c.action == "log.adopt")
        assert list(connection.execute(lines).scalars()) == ["3–6"]
    again.engine.dispose()


@pytest.mark.parametrize("act", ["recover", "publish", "revoke"])
def test_whatever_is_done_first_after_going_back_takes_the_lost_leaves_back(office: TestOffice, act: str) -> None:
    report = office.issue()
    backup = backup_of(office)
    office.issue()
    again = restored(office, backup)
    if act == "recover":
        again.issuing.recover()
    elif act == "publish":
        again.issuing.publish(WALL)
    else:
        again.issuing.revoke(report.number, "数据有误", ACTOR, WALL)
    assert checkpoint(again).size == again.count("log_leaves") == (4 if act == "revoke" else 3)
    assert assert_readable(again.places.public, again.keys.log_key())
    again.engine.dispose()


def test_what_cannot_be_taken_back_stops_issuing_instead_of_forking(office: TestOffice) -> None:
    office.issue()
    backup = backup_of(office)
    office.issue()
    published = (office.places.public / "log" / "checkpoint").read_bytes()
    again = restored(office, backup)
    shutil.rmtree(again.places.public / "log" / "tile")
    for act in (again.issue, again.issuing.recover, lambda: again.issuing.publish(WALL)):
        with pytest.raises(IssuingError) as caught:
            act()
        assert caught.value.code == "LOG_AHEAD"
    problem = again.issuing.problem(WALL)
    assert problem is not None
    assert problem.code == "LOG_AHEAD"
    assert (again.places.public / "log" / "checkpoint").read_bytes() == published
    again.engine.dispose()


def test_another_log_of_the_same_office_is_never_published_over_the_first(log: Log) -> None:
    log.add(300)
    log.files.follow(WALL)
    published = (log.public / "log" / "checkpoint").read_bytes()
    with writing(log.engine) as connection:
        connection.exec_driver_sql("DROP TRIGGER log_leaves_fixed")
        connection.exec_driver_sql("UPDATE log_leaves SET content = x'00' WHERE position = 299")
    log.add(5)
    for act in (log.files.follow, log.files.mend):
        act(WALL + timedelta(hours=1))
        assert log.files.problem is not None
        assert log.files.problem.code == "LOG_CONTRADICTS"
        assert (log.public / "log" / "checkpoint").read_bytes() == published


def test_without_a_key_of_the_log_reports_are_issued_and_the_log_follows_later(office: TestOffice) -> None:
    office.be_real()
    office.wall = office.wall.replace(month=8, day=20)
    office.keys.init(office.wall)
    key = office.home / "keys" / "log.pem"
    key.rename(office.home / "log.pem")
    report = office.issue(office.wall)
    assert office.issuing.log_problem is not None
    assert office.issuing.log_problem.next_step
    assert office.examine(report.qr_text, office.wall).reason is Reason.OK
    office.issuing.suspend(report.number, "复核", ACTOR, office.wall)
    assert not (office.places.public / "log" / "checkpoint").exists()
    (office.home / "log.pem").rename(key)
    office.issuing.publish(office.wall)
    assert office.issuing.log_problem is None
    assert assert_readable(office.places.public, office.keys.log_key()) == 3
