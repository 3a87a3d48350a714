"""Answers verify/issuing/finishing.py: killed before every durable act, no report is there twice, none is lost."""

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from index.store import tables
from index.store.engine import writing
from tests.verify.issuing import crashing
from tests.verify.issuing.office import ACTOR, TestOffice
from tests.verify.issuing.test_batch import add_branches
from tests.verify.issuing.test_log_files import assert_readable
from verify.issuing.freezing import thaw
from verify.issuing.ledger import Ledger
from verify.issuing.printing import prepare, print_report
from verify.reasons import Reason, Verdict


class Stopped(BaseException):
    """The power went off."""


def stop_after(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
    """The step is done, and then nothing more."""
    real: Callable[..., Any] = getattr(owner, name)

    def step(*values: Any, **named: Any) -> None:
        real(*values, **named)
        raise Stopped

    monkeypatch.setattr(owner, name, step)


def stop_before(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> None:
    def step(*values: Any, **named: Any) -> None:
        raise Stopped

    monkeypatch.setattr(owner, name, step)


def states(office: TestOffice) -> dict[str, str]:
    with office.engine.connect() as connection:
        return {row.number: row.state for row in connection.execute(select(tables.intents))}


def ledger_numbers(office: TestOffice) -> list[str]:
    with office.engine.connect() as connection:
        return list(connection.execute(select(tables.ledger.c.number)).scalars())


def killed_everywhere(
    prepared: Path, folder: Path, work: Callable[..., None], *values: object, step: int = 1
) -> Iterator[TestOffice]:
    """A fresh office for every ``step``-th act of ``work`` before which its process was killed, reopened."""
    for act in range(1, 1000, step):
        home = folder / str(act)
        shutil.copytree(prepared, home)
        if not crashing.killed_before(act, home, work, *values):
            assert act > 8, "a report takes more durable acts than that"
            return
        yield from reopened(home)


def left_everywhere(
    prepared: Path, folder: Path, work: Callable[..., None], *values: object, step: int = 1
) -> Iterator[TestOffice]:
    """An office for every ``step``-th act of ``work``, as it was left right before it, reopened."""
    shutil.copytree(prepared, folder / "0")
    office = TestOffice(folder / "0")
    homes = crashing.left_before_every_act(folder / "0", folder, lambda: work(office, *values), office.engine)
    office.engine.dispose()
    assert len(homes) > 8, "a report takes more durable acts than that"
    for home in homes[::step]:
        yield from reopened(home)


def reopened(home: Path) -> Iterator[TestOffice]:
    office = TestOffice(home)
    assert_log_is_one_tree(office)
    yield office
    office.engine.dispose()
    shutil.rmtree(home)


def assert_whole(office: TestOffice, *, known: Sequence[str] = ()) -> list[str]:
    """No open intent; every ledger line has its files, they are what its draft prints, and verify; no file without."""
    assert "open" not in states(office).values()
    assert_registered(office)
    numbers = ledger_numbers(office)
    assert set(numbers) == {number for number, state in states(office).items() if state == "done"}
    assert {path.name for path in office.places.reports.iterdir() if path.is_dir()} == set(numbers)
    for folder in ("sealed", "typed"):
        sealed = (office.places.public / folder).glob("[!.]*") if numbers else ()
        assert len(list(sealed)) == len(numbers)
    for number in set(numbers) - set(known):
        draft = thaw(office.issuing._ledger.intent(number).content)
        token = office.issuing.show(number, "测试").entry.token
        report = office.issuing.issued(number, ACTOR)
        assert report.docx.read_bytes() == print_report(prepare(draft), token).docx
        assert office.examine(report.docx).reason is Reason.OK
        assert office.examine(report.qr_text).reason is Reason.OK
    return numbers


def assert_log_is_one_tree(office: TestOffice) -> int:
    """What a stranger reads at this very moment; its size. No key of the log yet: no tree."""
    if not (office.places.public / "log" / "checkpoint").exists():
        return 0
    return assert_readable(office.places.public, office.keys.log_key())


def assert_registered(office: TestOffice) -> None:
    """Every line of the ledger and every change has its leaf, and every leaf is published."""
    leaves = office.count("log_leaves")
    acts = office.count("ledger") + office.count("report_events")
    assert leaves == (acts + 1 if acts else 0)
    assert assert_log_is_one_tree(office) == leaves


def half_written(office: TestOffice) -> list[Path]:
    """What a kill may leave beside the real files."""
    folders = (office.places.reports, office.places.public)
    return [path for folder in folders for path in folder.rglob(".*") if path.name != ".lock"]


@pytest.mark.parametrize(("key", "step"), [("K-1", 1), (None, 7)])
def test_killed_before_any_durable_act_a_report_is_whole_or_was_never_there(
    prepared: Path, tmp_path: Path, key: str | None, step: int
) -> None:
    asked_again(left_everywhere(prepared, tmp_path, crashing.issue, key, step=step), key)


def test_what_a_real_kill_leaves_is_no_worse(prepared: Path, tmp_path: Path) -> None:
    asked_again(killed_everywhere(prepared, tmp_path, crashing.issue, "K-1", step=9), "K-1")


def asked_again(offices: Iterator[TestOffice], key: str | None) -> None:
    for office in offices:
        found = {path: path.read_bytes() for path in office.places.reports.rglob("*/[!.]*")}
        office.issuing.recover()
        assert half_written(office) == []
        before = assert_whole(office)
        assert len(before) <= 1
        assert {path: path.read_bytes() for path in found} == found
        again = office.issue(idempotency_key=key)
        after = assert_whole(office, known=before)
        assert set(before) <= set(after)
        if key is not None:
            assert after == [again.number], "one key, one report"


def test_a_batch_killed_anywhere_and_asked_for_again_is_whole(prepared: Path, tmp_path: Path) -> None:
    home = tmp_path / "with branches"
    shutil.copytree(prepared, home)
    with_branches = TestOffice(home)
    codes = add_branches(with_branches, 1, 2, 3)
    with_branches.engine.dispose()
    for office in left_everywhere(home, tmp_path, crashing.issue_many, step=11):
        items = office.issuing.issue_many(crashing.BATCH)
        assert [item.subject_code for item in items] == codes
        assert sorted(assert_whole(office)) == sorted(item.report.number for item in items if item.report)
        assert office.count("ledger") == 3
        assert office.issuing.issue_many(crashing.BATCH) == items


VERDICTS = {"valid": Verdict.VALID, "suspended": Verdict.INDETERMINATE, "revoked": Verdict.REVOKED}


def test_changes_killed_anywhere_hold_once_they_were_entered_and_are_published_on_start(
    prepared: Path, tmp_path: Path
) -> None:
    home = tmp_path / "with a report"
    shutil.copytree(prepared, home)
    with_report = TestOffice(home)
    number, other = with_report.issue().number, with_report.issue().number
    with_report.engine.dispose()
    seen = set()
    for office in left_everywhere(home, tmp_path, crashing.change, number):
        page = office.issuing.show(number, ACTOR)
        assert [change.after for change in page.changes] == ["suspended", "valid", "revoked"][: len(page.changes)]
        office.issuing.recover()
        office.issuing.publish(office.wall)
        assert half_written(office) == []
        assert_registered(office)
        assert office.examine(office.places.docx(number)).verdict is VERDICTS[page.entry.state]
        assert office.examine(office.places.docx(other)).verdict is Verdict.VALID
        seen.add(page.entry.state)
    assert seen == set(VERDICTS)


def test_an_intent_nobody_can_ask_for_again_is_abandoned_and_its_number_never_used(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        stop_after(broken, Ledger, "intend")
        with pytest.raises(Stopped):
            office.issue()
    office.reopen()
    assert office.issuing.recover() == ("YCZX202608200000001",)
    assert states(office) == {"YCZX202608200000001": "abandoned"}
    assert office.issue().number == "YCZX202608200000002"


def test_an_intent_left_for_more_than_an_hour_is_abandoned_not_signed_late(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        stop_after(broken, Ledger, "intend")
        with pytest.raises(Stopped):
            office.issue(idempotency_key="K-1")
    office.wall += timedelta(hours=1, seconds=1)
    office.reopen()
    office.issuing.recover()
    assert states(office) == {"YCZX202608200000001": "abandoned"}
    assert office.issue(idempotency_key="K-1").number == "YCZX202608200000002"


def test_a_ledger_line_whose_files_are_missing_is_delivered_again_byte_for_byte(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        stop_before(broken, Ledger, "close")
        with pytest.raises(Stopped):
            office.issue()
    number = "YCZX202608200000001"
    paths = [office.places.docx(number), office.places.pdf(number), office.places.qr_png(number)]
    issued = [path.read_bytes() for path in paths]
    for path in paths:
        path.unlink()
    office.reopen()
    office.issuing.recover()
    assert [path.read_bytes() for path in paths] == issued


def test_an_open_draft_of_a_program_that_kept_no_record_keys_is_abandoned_and_issued_anew(
    office: TestOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.add_records({})
    with monkeypatch.context() as broken:
        stop_after(broken, Ledger, "intend")
        with pytest.raises(Stopped):
            office.issue(idempotency_key="K-1")
    (intent,) = office.issuing._ledger.open_intents()
    plain = json.loads(intent.content)
    del plain["content"]["details"][0]["record_key"]
    earlier = json.dumps(plain).encode()
    with writing(office.engine) as connection:
        connection.execute(update(tables.intents).values(content=earlier, content_digest=sha256(earlier).digest()))
    office.reopen()
    number = office.issue(idempotency_key="K-1").number
    assert states(office) == {"YCZX202608200000001": "abandoned", number: "done"}
    assert office.count("ledger_records") == 1
