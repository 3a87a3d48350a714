"""What a clerk reads when the server of the index is away, closed or not ours: a reason, a way out, no password."""

import psycopg
import pytest

from index.errors import SearchError
from index.search import postgres_server as server_module
from index.search.postgres_backend import PostgresBackend
from tests.index.search.conftest import BOATS, CROPS
from tests.ports import free_port
from tests.postgres import CLERK, PASSWORD, PostgresServer


def refused(database: str) -> SearchError:
    with pytest.raises(SearchError) as caught:
        PostgresBackend(database, "office")
    shown = f"{caught.value.message}{caught.value.next_step}"
    assert "wrong" not in shown
    assert "127.0.0.1" not in shown
    return caught.value


def over_tcp(server: PostgresServer, password: str, database: str = "postgres") -> str:
    return f"host=127.0.0.1 port={server.port} user={CLERK} password='{password}' dbname={database}"


def test_an_absent_server_is_named() -> None:
    assert refused(f"postgresql://clerk:wrong@127.0.0.1:{free_port()}/office").code == "SEARCH_SERVER"


@pytest.mark.parametrize("password", ["wrong", ""])
def test_a_wrong_or_missing_password_is_named_and_not_shown(postgres_server: PostgresServer, password: str) -> None:
    assert refused(over_tcp(postgres_server, password)).code == "SEARCH_SERVER_LOGIN"


def test_an_unknown_database_is_named(postgres_server: PostgresServer) -> None:
    assert refused(over_tcp(postgres_server, PASSWORD, "nowhere")).code == "SEARCH_SERVER_LOGIN"


@pytest.mark.parametrize("setting", ["wrong", "postgresql://clerk:wrong%zz@/x", "password=wrong no=such"])
def test_a_setting_nobody_can_read_is_named_and_not_shown(setting: str) -> None:
    error = refused(setting)
    assert error.code == "SEARCH_SERVER_SETTING"
    assert error.__cause__ is None
    assert error.__context__ is None


def test_a_clerk_without_rights_is_told_whom_to_ask(postgres_server: PostgresServer, search_database: str) -> None:
    error = refused(over_tcp(postgres_server, PASSWORD))
    assert (error.code, "GRANT" in error.next_step) == ("SEARCH_SERVER_FORBIDDEN", True)


def test_a_schema_made_by_the_administrator_is_used(postgres_server: PostgresServer, search_database: str) -> None:
    postgres_server.execute(f"CREATE SCHEMA chenghe_search AUTHORIZATION {CLERK}")
    with PostgresBackend(over_tcp(postgres_server, PASSWORD), "office") as backend:
        backend.replace_document(BOATS)
        assert backend.document_ids() == {"boats"}


def test_a_database_that_cannot_hold_every_character_is_refused(postgres_server: PostgresServer) -> None:
    postgres_server.execute("DROP DATABASE IF EXISTS latin")
    postgres_server.execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")
    assert refused(postgres_server.dsn.replace("///postgres", "///latin")).code == "SEARCH_SERVER_ENCODING"


def test_a_newer_index_is_left_alone(postgres_server: PostgresServer, search_database: str) -> None:
    PostgresBackend(search_database, "office").close()
    postgres_server.execute("UPDATE chenghe_search.layout SET version = version + 1")
    assert refused(search_database).code == "SEARCH_SERVER_NEWER"


def test_the_index_of_another_library_is_left_alone(search_database: str) -> None:
    with PostgresBackend(search_database, "other") as backend:
        backend.replace_document(BOATS)
    assert refused(search_database).code == "SEARCH_SERVER_TAKEN"
    with PostgresBackend(search_database, "other") as backend:
        assert backend.document_ids() == {"boats"}


def test_an_older_index_is_made_anew(postgres_server: PostgresServer, search_database: str) -> None:
    with PostgresBackend(search_database, "office") as backend:
        backend.replace_document(BOATS)
    postgres_server.execute("UPDATE chenghe_search.layout SET version = version - 1")
    with PostgresBackend(search_database, "office") as backend:
        assert backend.document_ids() == frozenset()


def test_an_index_somebody_took_apart_is_named_with_the_way_out(
    postgres_server: PostgresServer, search_database: str
) -> None:
    with PostgresBackend(search_database, "office") as backend:
        postgres_server.execute("DROP TABLE chenghe_search.documents")
        with pytest.raises(SearchError) as caught:
            backend.document_ids()
    assert caught.value.code == "SEARCH_DAMAGED"


def test_a_second_writer_waits_and_is_told(search_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hasty = server_module._WRITE.replace(f"'{server_module.LOCK_SECONDS}s'", "'50ms'")
    monkeypatch.setattr(server_module, "_WRITE", hasty)
    with PostgresBackend(search_database, "office") as backend, psycopg.connect(search_database) as other:
        backend.replace_document(CROPS)
        other.execute("SELECT pg_advisory_lock(%s)", (server_module.WRITE_LOCK,))
        with pytest.raises(SearchError) as caught:
            backend.replace_document(BOATS)
        assert caught.value.code == "SEARCH_BUSY"
        assert backend.document_ids() == {"crops"}


def test_a_server_that_goes_away_is_named_and_found_again(
    postgres_server: PostgresServer, search_database: str
) -> None:
    with PostgresBackend(search_database, "office") as backend:
        backend.replace_document(BOATS)
        postgres_server.stop()
        try:
            with pytest.raises(SearchError) as caught:
                backend.document_ids()
        finally:
            postgres_server.start()
        assert caught.value.code == "SEARCH_SERVER"
        assert backend.document_ids() == {"boats"}
