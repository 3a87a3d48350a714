"""The tables of the index in PostgreSQL, made when they are not there.

    chenghe_search.layout       the version of these tables, and whose index it is
    chenghe_search.documents    one row for each document: id, digest, and its part of the totals
    chenghe_search.totals       one row: passages and lengths of the whole index
    chenghe_search.terms        one row for each token of a field: how many passages hold it, and what bounds its score
    chenghe_search.passages     one row for each passage: its tokens as tsvectors (GIN), its postings as bytes

* ``passages.postings``: for each term of the passage eight bytes, little-endian: the term's id, then
  frequency << 8 | length code. A tsvector counts no token beyond 256 times, so it only finds; the scorer counts.
* PostgreSQL moves the large columns of a row out of line once the row has more than 2,032 bytes. ``postings`` are
  filled up with zeros to that size (no term has the id 0), so that every row's are: looking up which passages hold a
  term then touches a tenth of the pages.
* ``terms.most`` and ``terms.shortest``: no passage holds the token more often, or in a shorter field. They may only be
  too careful: a removed passage does not tighten them.
* The index holds nothing but what the library has: an older version is dropped and made anew, and ``sync`` fills it.
* One database holds the index of one library, whose name it keeps (``index.search.opening``). Programs that come in at
  the same time wait for each other.

Source: PostgreSQL 15, 8.11 "Text Search Types", 12.11 "Limitations", 70 "GIN Indexes".
"""

from index.errors import SearchError
from index.search.postgres_server import LOCK_SECONDS, WRITE_LOCK, Connection

VERSION = 1
_DEFINITION = (
    "CREATE SCHEMA IF NOT EXISTS chenghe_search",
    "CREATE TABLE chenghe_search.layout (version int NOT NULL, owner text NOT NULL)",
    "CREATE TABLE chenghe_search.documents (key int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    ' id text COLLATE "C" NOT NULL UNIQUE, digest text NOT NULL,'
    " passages int NOT NULL, body_length bigint NOT NULL, heading_length bigint NOT NULL)",
    "CREATE TABLE chenghe_search.totals (passages bigint NOT NULL, body_length bigint NOT NULL,"
    " heading_length bigint NOT NULL)",
    "CREATE TABLE chenghe_search.terms (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, field smallint NOT NULL,"
    ' token text COLLATE "C" NOT NULL, passages int NOT NULL, most int NOT NULL, shortest smallint NOT NULL,'
    " UNIQUE (field, token)) WITH (fillfactor = 80)",
    "CREATE TABLE chenghe_search.passages (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, document int NOT NULL,"
    " number int NOT NULL, body tsvector NOT NULL, heading tsvector NOT NULL, postings bytea NOT NULL,"
    " UNIQUE (document, number)) WITH (toast_tuple_target = 128)",
    "ALTER TABLE chenghe_search.passages ALTER body SET STORAGE EXTERNAL, ALTER heading SET STORAGE EXTERNAL,"
    " ALTER postings SET STORAGE EXTERNAL",
    "CREATE INDEX passages_tokens ON chenghe_search.passages USING gin (body, heading)",
    "INSERT INTO chenghe_search.totals VALUES (0, 0, 0)",
)


def prepare(connection: Connection, owner: str) -> None:
    """The tables are there, in this version, and are ``owner``'s; raises ``SearchError`` when they cannot be."""
    _check_encoding(connection)
    if _version(connection) != VERSION:
        _make(connection, owner)
    if connection.execute("SELECT owner FROM chenghe_search.layout").fetchall() != [(owner,)]:
        raise _taken()


def _make(connection: Connection, owner: str) -> None:
    with connection.transaction():
        connection.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'".encode())
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (WRITE_LOCK,))
        found = _version(connection)
        if found is not None and found > VERSION:
            raise _newer()
        if found is not None and found < VERSION:
            connection.execute("DROP SCHEMA chenghe_search CASCADE")
        if found != VERSION:
            for statement in _DEFINITION[_first(connection) :]:
                connection.execute(statement.encode())
            connection.execute("INSERT INTO chenghe_search.layout VALUES (%s, %s)", (VERSION, owner))


def _first(connection: Connection) -> int:
    """A schema that an administrator made for us is used; making one needs a right on the whole database."""
    return int(connection.execute("SELECT to_regnamespace('chenghe_search') IS NOT NULL").fetchall()[0][0])


def _version(connection: Connection) -> int | None:
    """The version of the tables; None where there are none."""
    if connection.execute("SELECT to_regclass('chenghe_search.layout')").fetchall()[0][0] is None:
        return None
    rows = connection.execute("SELECT max(version) FROM chenghe_search.layout").fetchall()
    return int(rows[0][0] or 0)


def _check_encoding(connection: Connection) -> None:
    if connection.info.parameter_status("server_encoding") != "UTF8":
        raise SearchError(
            "检索数据库的编码不是 UTF8，存不下全部汉字。",
            next_step="请数据库管理员用 CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0 另建一个数据库。",
            code="SEARCH_SERVER_ENCODING",
        )


def _taken() -> SearchError:
    return SearchError(
        "检索数据库里的索引属于另一个数据目录。",
        next_step="请为本数据目录另用一个数据库；两处的文件库确是同一份时，把那一处的 search/owner 文件复制到本处；"
        "那一处已停用时，请数据库管理员执行 DROP SCHEMA chenghe_search CASCADE。",
        code="SEARCH_SERVER_TAKEN",
    )


def _newer() -> SearchError:
    return SearchError(
        "检索数据库里的索引是更新版本的程序建立的。",
        next_step="请升级本程序，或者为它另用一个数据库。",
        code="SEARCH_SERVER_NEWER",
    )
