"""Tokens survive PostgreSQL's own syntax: what goes in as a lexeme comes out as the same lexeme."""

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.search.postgres_tokens import EVERY, lexeme, quoted, storable, vector
from tests.postgres import PostgresServer


@given(st.text(), st.text())
def test_different_tokens_have_different_lexemes(one: str, other: str) -> None:
    assert (lexeme(one) == lexeme(other)) == (one == other)


@given(st.text(st.characters(), max_size=300))
def test_every_lexeme_can_be_stored(token: str) -> None:
    assert storable(lexeme(token))
    assert len(lexeme(token).encode()) < 2_000


def test_what_cannot_be_stored_is_named_by_its_hash() -> None:
    for token in ("x" * 5_000, "a\x00b", "\udcff", EVERY, f"{EVERY}x"):
        assert lexeme(token).startswith(EVERY)
        assert len(lexeme(token)) == 65


def test_a_passage_with_too_many_words_for_a_tsvector_is_looked_at_by_every_question() -> None:
    assert vector(tuple(f"{number}{'x' * 240}" for number in range(4_200))) == quoted(EVERY)
    assert vector(tuple(f"{number}{'x' * 240}" for number in range(4_000))) != quoted(EVERY)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=40)
@given(tokens=st.lists(st.text(st.sampled_from("信用ab'\\\"%|&!:*() \t\n{}𠀀")), min_size=1, max_size=6))
def test_the_server_reads_lexemes_as_they_are(postgres_server: PostgresServer, tokens: list[str]) -> None:
    names = tuple(sorted({lexeme(token) for token in tokens} - {""}))
    with psycopg.connect(postgres_server.dsn) as connection:
        rows = connection.execute(
            "SELECT tsvector_to_array(%s::tsvector), %s::tsvector @@ %s::tsquery",
            (vector(names), vector(names[:1]), " | ".join(map(quoted, names))),
        ).fetchall()
    assert rows == [(sorted(names, key=lambda name: name.encode()), bool(names))]
