"""Answers index/questions/log.py and tables.py: every line is kept, masked, and never changes."""

import sqlite3
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from index.calendar import SHANGHAI
from index.errors import QuestionError, StoreError, UnknownQuestion
from index.policies.model import Document
from index.questions.approving import approve, retract
from index.questions.conversations import record_act, remove
from index.questions.listing import askings_of, entries_of, entry_of
from index.questions.log import FEEDBACK_MAX, give_feedback, purge, record
from index.questions.model import Act, Channel, Feedback, Verdict
from index.questions.store import QuestionStore
from index.questions.tables import QUESTIONS, metadata
from index.store.migrating import config
from tests.index.questions.conftest import NOW, answer, cited, line

OLD = datetime(2025, 1, 10, 9, 0, tzinfo=SHANGHAI)


def test_what_was_asked_and_answered_comes_back_whole(store: QuestionStore, ferries: Document) -> None:
    kept = line(
        "那节假日呢？",
        whole="渡口节假日几点开放？",
        turns=2,
        answered=True,
        answer="延长一小时。",
        citations=(cited(ferries, "节假日延长一小时。"),),
        notices=("来源提示：示例",),
        suggestions=("相近条文：示例",),
    )
    number = record(store, kept)
    (asking,) = askings_of(store, number, 10)
    assert asking.line == kept
    assert entry_of(store, number).question == "渡口节假日几点开放？"


def test_personal_numbers_are_masked_in_every_text_and_written_down(store: QuestionStore, tmp_path: Path) -> None:
    person, mobile = "320902199001011234", "13812345678"
    question = f"身份证{person}、手机{mobile}的记录怎么查？"
    number = record(store, line(question, answer=f"没有提到“{question}”", suggestions=(question,)))
    give_feedback(store, line(question).ticket, Feedback(NOW, None, Verdict.USELESS, f"请打{mobile}"))
    (asking,) = askings_of(store, number, 1)
    assert asking.masked == ("identity_number", "mobile")
    store.close()
    stored = b"".join(path.read_bytes() for path in (tmp_path / "home").iterdir())
    assert person.encode() not in stored
    assert mobile.encode() not in stored
    assert b"320**************4" in stored


def test_what_is_no_text_or_commands_a_terminal_is_not_kept(store: QuestionStore, ferries: Document) -> None:
    number = record(store, line("渡口\udcff几\x1b[2J\x00点\u202e开？", answer="\ud800\n\x9b31m"))
    approve(store, number, answer(cited(ferries, "节假日延长一小时。"), text="答\udcff复\x07"))
    (asking,) = askings_of(store, number, 1)
    assert (asking.line.question, asking.line.answer) == ("渡口?几 [2J 点 开？", "?\n 31m")
    assert entry_of(store, number).standing[0].word.text == "答?复 "


def test_the_same_question_is_one_entry_however_it_is_worded(store: QuestionStore) -> None:
    numbers = {record(store, line(words)) for words in ("渡口几点开放？", "请问渡口几点开放", "渡口几點開放呢？")}
    assert len(numbers) == 1
    assert entry_of(store, numbers.pop()).asked == 3


def test_a_second_feedback_is_added_and_the_last_one_counts(store: QuestionStore) -> None:
    number = record(store, line(answered=True))
    for minute, verdict in enumerate((Verdict.USELESS, Verdict.USEFUL)):
        give_feedback(store, line().ticket, Feedback(NOW + timedelta(minutes=minute), None, verdict, ""))
    (asking,) = askings_of(store, number, 1)
    assert [said.verdict for said in asking.feedback] == [Verdict.USELESS, Verdict.USEFUL]
    entry = entry_of(store, number)
    assert (entry.useful, entry.useless, entry.useless_at) == (1, 0, None)


def test_feedback_needs_the_ticket_of_an_answer_and_has_an_end(store: QuestionStore) -> None:
    said = Feedback(NOW, None, Verdict.USEFUL, "")
    record(store, line())
    with pytest.raises(UnknownQuestion):
        give_feedback(store, "somebody-elses-ticket", said)
    for _ in range(FEEDBACK_MAX):
        give_feedback(store, line().ticket, said)
    with pytest.raises(QuestionError) as full:
        give_feedback(store, line().ticket, said)
    assert full.value.code == "FEEDBACK_FULL"


@pytest.mark.parametrize("table", sorted(metadata.tables))
def test_no_row_changes_and_none_is_deleted_by_hand(
    store: QuestionStore, ferries: Document, tmp_path: Path, table: str
) -> None:
    record(store, line("旧问题几点？", at=OLD))
    record(store, line(citations=(cited(ferries, "节假日延长一小时。"),)))
    give_feedback(store, line().ticket, Feedback(NOW, None, Verdict.USEFUL, ""))
    approve(store, "渡口几点开放？", answer(cited(ferries, "渡口每日六时至二十时开放。")))
    retract(store, 2, by="王某", at=NOW, reason="示例")
    record_act(store, Act(NOW, Channel.WEB, "E001", "c" * 32, "looking_up", "查一下"))
    remove(store, "E001", "c" * 32, NOW)
    purge(store, before=date(2025, 2, 1), by="王某", now=NOW)
    store.close()
    with sqlite3.connect(tmp_path / "home" / "questions.db") as raw:
        raw.execute("PRAGMA foreign_keys=ON")
        column = raw.execute(f"PRAGMA table_info({table})").fetchall()[0][1]
        assert raw.execute(f"SELECT count(*) FROM {table}").fetchone() != (0,)
        for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
            with pytest.raises(sqlite3.IntegrityError):
                raw.execute(statement)
    raw.close()


def test_a_purge_takes_out_old_askings_and_leaves_its_own_line(
    store: QuestionStore, ferries: Document, tmp_path: Path
) -> None:
    old = line("要清除的问题是什么？", at=OLD, citations=(cited(ferries, "节假日延长一小时。"),))
    record(store, old)
    give_feedback(store, old.ticket, Feedback(OLD, None, Verdict.USELESS, ""))
    record(store, line())
    approve(store, record(store, line("有审核的旧问题？", at=OLD)), answer(cited(ferries, "节假日延长一小时。")))
    assert purge(store, before=date(2025, 2, 1), by="王某", now=NOW) == 2
    assert {entry.question: entry.asked for entry in entries_of(store)} == {"渡口几点开放？": 1, "有审核的旧问题？": 0}
    store.close()
    stored = b"".join(path.read_bytes() for path in (tmp_path / "home").glob("questions.db*"))
    assert "要清除的问题".encode() not in stored


def test_a_purge_that_cannot_shrink_the_file_says_so(store: QuestionStore, tmp_path: Path) -> None:
    record(store, line("要清除的问题是什么？", at=OLD))
    compacted = QuestionStore(tmp_path / "home" / "questions.db", wait_seconds=0.1)
    locked = sqlite3.connect(tmp_path / "home" / "questions.db", isolation_level=None)
    locked.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError) as refused:
        compacted.compact()
    locked.close()
    assert refused.value.code == "STORE_NOT_COMPACTED"


def test_the_last_six_months_cannot_be_purged(store: QuestionStore) -> None:
    with pytest.raises(QuestionError) as refused:
        purge(store, before=NOW.date() - timedelta(days=100), by="王某", now=NOW)
    assert refused.value.code == "RETENTION_TOO_SHORT"


def test_reading_a_log_that_is_not_there_finds_nothing_and_makes_no_file(store: QuestionStore, tmp_path: Path) -> None:
    assert entries_of(store) == ()
    assert not (tmp_path / "home").exists()


def test_a_log_that_cannot_be_used_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "questions.db").write_bytes(b"this is no database, but long enough to be read as one" * 100)
    with pytest.raises(StoreError):
        record(QuestionStore(tmp_path / "questions.db"), line())
    with pytest.raises(StoreError):
        entries_of(QuestionStore(tmp_path / "questions.db"))


def test_another_writer_is_waited_for_only_shortly(store: QuestionStore, tmp_path: Path) -> None:
    record(store, line())
    other = sqlite3.connect(tmp_path / "home" / "questions.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError) as busy:
        record(store, replace(line(), ticket="another-ticket"))
    other.execute("ROLLBACK")
    other.close()
    assert busy.value.code == "STORE_BUSY"
    record(store, replace(line(), ticket="another-ticket"))


def test_only_the_owner_may_read_the_log(store: QuestionStore, tmp_path: Path) -> None:
    record(store, line())
    home = tmp_path / "home"
    modes = {path.name: path.stat().st_mode & 0o777 for path in home.iterdir() if path.stat().st_size}
    assert modes == {"questions.db": 0o600, "questions.db-wal": 0o600, "questions.db-shm": 0o600}
    assert home.stat().st_mode & 0o777 == 0o700


def test_migrations_make_exactly_the_tables_of_the_code(store: QuestionStore) -> None:
    record(store, line())
    with store.reading() as connection:
        assert connection is not None
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, metadata) == []
    found = [script.revision for script in ScriptDirectory.from_config(config(QUESTIONS)).walk_revisions()]
    assert tuple(reversed(found)) == QUESTIONS.known
