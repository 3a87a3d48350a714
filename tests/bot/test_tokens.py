"""Who a bearer token lets in: its holder, until it ends or is revoked, and nobody by the file."""

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.errors import UsageError
from bot.tokens import TokenBook
from verify.validity import SHANGHAI

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=SHANGHAI)
DAY = timedelta(days=1)


@pytest.fixture
def book(tmp_path: Path) -> TokenBook:
    return TokenBook(tmp_path / "home" / "api-tokens.json")


def add(book: TokenBook, name: str = "Dify", staff: str | None = None, days: int = 30) -> tuple[str, str]:
    token, sent = book.add(name, staff, days=days, by="管理员", now=NOW)
    return token.id, sent


def test_a_token_lets_its_holder_in(book: TokenBook) -> None:
    _, sent = add(book, "张示例的 Word", "z001")
    found = book.check(sent, NOW)
    assert found is not None
    assert (found.name, found.staff) == ("张示例的 Word", "z001")


def test_without_a_file_nobody_is_let_in(book: TokenBook) -> None:
    assert book.check("chk-0123456789ab-" + "A" * 43, NOW) is None
    assert book.listed() == ()


def test_every_other_text_is_nobody(book: TokenBook) -> None:
    _, sent = add(book)
    last = "A" if sent[-1] != "A" else "B"
    for wrong in ("", "chk-", sent[:-1], sent + "A", sent[:-1] + last, sent.upper(), f" {sent}", "张", "chk-" * 9999):
        assert book.check(wrong, NOW) is None


def test_a_token_of_one_is_not_opened_by_the_secret_of_another(book: TokenBook) -> None:
    (first, sent), (second, _) = add(book), add(book)
    assert book.check(sent.replace(first, second), NOW) is None


def test_it_ends_by_itself(book: TokenBook) -> None:
    _, sent = add(book, days=30)
    assert book.check(sent, NOW + 30 * DAY - timedelta(seconds=1)) is not None
    assert book.check(sent, NOW + 30 * DAY) is None
    assert book.check(sent, NOW - timedelta(seconds=1)) is None


def test_revoked_in_one_process_it_is_refused_in_another(book: TokenBook, tmp_path: Path) -> None:
    token_id, sent = add(book)
    other = TokenBook(tmp_path / "home" / "api-tokens.json")
    assert other.check(sent, NOW) is not None
    assert book.revoke(token_id, NOW + DAY).revoked_at == NOW + DAY
    assert other.check(sent, NOW + DAY) is None
    assert book.revoke(token_id, NOW + 2 * DAY).revoked_at == NOW + DAY


def test_the_file_holds_nothing_that_lets_in_and_is_private(book: TokenBook, tmp_path: Path) -> None:
    _, sent = add(book)
    path = tmp_path / "home" / "api-tokens.json"
    content = path.read_text("utf-8")
    assert sent not in content
    assert sent.split("-", 2)[2] not in content
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_two_who_add_at_once_both_have_theirs(tmp_path: Path) -> None:
    path = tmp_path / "api-tokens.json"
    with ThreadPoolExecutor(8) as threads:
        sent = list(threads.map(lambda number: add(TokenBook(path), f"程序{number}")[1], range(24)))
    book = TokenBook(path)
    assert all(book.check(each, NOW) for each in sent)


@pytest.mark.parametrize(("name", "days"), [("", 30), ("名" * 61, 30), ("坏\n名", 30), ("Dify", 0), ("Dify", 1096)])
def test_what_cannot_be_given_is_refused_and_writes_nothing(book: TokenBook, name: str, days: int) -> None:
    with pytest.raises(UsageError) as refused:
        add(book, name, days=days)
    assert refused.value.code == "API_TOKEN"
    assert book.listed() == ()


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"tokens": [{"id": 1}]}', b"\xff", b'{"tokens": 5}'])
def test_a_broken_file_is_said_and_never_overwritten(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "api-tokens.json"
    path.write_bytes(content)
    for act in (lambda: TokenBook(path).check("x", NOW), lambda: add(TokenBook(path))):
        with pytest.raises(UsageError):
            act()
    assert path.read_bytes() == content


def test_an_unknown_one_cannot_be_revoked(book: TokenBook) -> None:
    with pytest.raises(UsageError):
        book.revoke("0123456789ab", NOW)
