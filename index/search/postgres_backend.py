"""The index on a PostgreSQL server: for offices that have outgrown one machine.

Rules: those of ``index.search.backend``; besides

* GIN over tsvectors of our own tokens finds, the scorer of every backend ranks; scores and order are those of the
  embedded index (``tests/contracts``), whatever is left unread.
* One thread at a time uses a backend; other processes and other machines may use the same index, one of them writing.
* After the server was restarted the next question opens a new connection (``index.search.postgres_server``).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Self

from index.policies.model import Document
from index.search import postgres_search, postgres_writing
from index.search.backend import Field, Hit, Term
from index.search.postgres_layout import prepare
from index.search.postgres_server import PostgresServer
from index.search.postgres_tokens import lexeme


class PostgresBackend:
    """The index in ``database`` (a libpq URI or key=value string); close it, or use it as a context manager.

    ``owner`` names the library whose index it is; the index of another one is refused.
    """

    def __init__(self, database: str, owner: str) -> None:
        self._server = PostgresServer(database, lambda connection: prepare(connection, owner))

    def replace_document(self, document: Document) -> None:
        self.replace_documents((document,))

    def replace_documents(self, documents: Iterable[Document]) -> None:
        with self._server.writing() as connection:
            postgres_writing.replace(connection, documents)

    def remove_document(self, document_id: str) -> None:
        with self._server.writing() as connection:
            postgres_writing.remove(connection, [document_id])

    def search(self, terms: Sequence[Term], limit: int, within: Collection[str] | None = None) -> list[Hit]:
        if not terms or limit <= 0 or (within is not None and not within):
            return []
        with self._server.reading() as connection:
            return postgres_search.search(connection, terms, limit, within)

    def document_ids(self) -> frozenset[str]:
        return frozenset(self.digests())

    def digests(self) -> Mapping[str, str]:
        with self._server.reading() as connection:
            return dict(connection.execute("SELECT id, digest FROM chenghe_search.documents").fetchall())

    def frequency(self, token: str) -> int:
        with self._server.reading() as connection:
            rows = connection.execute(
                "SELECT passages FROM chenghe_search.terms WHERE field = %s AND token = %s",
                (postgres_writing.FIELD_CODES[Field.BODY], lexeme(token)),
            ).fetchall()
        return int(rows[0][0]) if rows else 0

    def close(self) -> None:
        self._server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
