"""The connection to the PostgreSQL server of the index: made, made again when it was lost, its errors in Chinese.

Rules:

* Every act is one transaction: reading sees one state of the index (REPEATABLE READ), writing waits for other writers.
* A connection that the server has dropped is made anew at the next transaction; what broke within one is named.
* No statement runs without end: ``READ_SECONDS``, ``WRITE_SECONDS``, ``LOCK_SECONDS``.
* Messages show nothing of the setting: a badly written one may have parts of the password anywhere.
* The password may stand in a password file (``PGPASSFILE``), as for every client of PostgreSQL.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow

from index.errors import SearchError
from index.search.opening import DATABASE_VARIABLE

CONNECT_SECONDS = 5
READ_SECONDS, WRITE_SECONDS, LOCK_SECONDS = 20, 1800, 10
WRITE_LOCK = 0x6368656E_67686573
"""The advisory lock of writers (``chenghes`` in ASCII): one at a time, so that counts need no second look."""
WORK_MEMORY = "64MB"
_READ = (
    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;"
    f"SET LOCAL statement_timeout = '{READ_SECONDS}s'; SET LOCAL jit = off; SET LOCAL enable_seqscan = off;"
    f"SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL work_mem = '{WORK_MEMORY}'"
)
_WRITE = (
    "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;"
    f"SET LOCAL statement_timeout = '{WRITE_SECONDS}s'; SET LOCAL lock_timeout = '{LOCK_SECONDS}s';"
    f"SET LOCAL jit = off; SET LOCAL work_mem = '{WORK_MEMORY}'; SELECT pg_advisory_xact_lock({WRITE_LOCK})"
)

Connection = psycopg.Connection[TupleRow]


class PostgresServer:
    """One connection to the database ``setting`` names (a libpq URI or key=value string).

    ``prepare`` is called with every new connection, before anything else uses it.
    """

    def __init__(self, setting: str, prepare: Callable[[Connection], None]) -> None:
        self._setting, self._prepare = _checked(setting), prepare
        self._connection = self._connect()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of the index."""
        with self._transaction(_READ) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The one writing transaction; all of it is committed at the end, or none."""
        with self._transaction(_WRITE) as connection:
            yield connection

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Connection]:
        connection = self._begun(begin)
        with translated():
            try:
                yield connection
            except BaseException:
                _roll_back(connection)
                raise
            connection.execute("COMMIT")

    def _begun(self, begin: str) -> Connection:
        with translated():
            try:
                self._begin(begin)
            except (psycopg.OperationalError, psycopg.InterfaceError):
                if not self._connection.closed:
                    raise
                self._connection = self._connect()
                self._begin(begin)
        return self._connection

    def _begin(self, begin: str) -> None:
        try:
            self._connection.execute(begin.encode())
        except BaseException:
            _roll_back(self._connection)
            raise

    def _connect(self) -> Connection:
        try:
            connection = psycopg.connect(self._setting, autocommit=True, prepare_threshold=None)
        except psycopg.OperationalError as error:
            raise _refused(error) if _answered(error) else unreachable() from error
        try:
            with translated():
                self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection


@contextmanager
def translated() -> Iterator[None]:
    """What PostgreSQL raises, as our ``SearchError``."""
    try:
        yield
    except errors.LockNotAvailable as error:
        raise SearchError(
            "检索索引正被另一个程序写入。",
            next_step="请稍候再试；如一直如此，请查看是否有另一个诚核程序在导入文件。",
            code="SEARCH_BUSY",
        ) from error
    except errors.QueryCanceled as error:
        raise SearchError(
            "检索数据库太久没有给出结果，已停止等待。",
            next_step="请稍候再试；如一直如此，请数据库管理员查看服务器的负载。",
            code="SEARCH_SERVER_SLOW",
        ) from error
    except (errors.InsufficientPrivilege, errors.ReadOnlySqlTransaction) as error:
        raise _forbidden() from error
    except (errors.UndefinedTable, errors.UndefinedColumn, errors.InvalidSchemaName) as error:
        raise damaged() from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise unreachable() from error
    except psycopg.Error as error:
        raise damaged() from error


def unreachable() -> SearchError:
    return SearchError(
        "连不上检索数据库，或者与它的连接中断了。",
        next_step=f"请确认 PostgreSQL 服务器在运行、网络可达、{DATABASE_VARIABLE} 中的地址和端口正确，然后重试。",
        code="SEARCH_SERVER",
    )


def damaged() -> SearchError:
    return SearchError(
        "检索数据库里的索引与本程序不符，读不出来。",
        next_step="政策文件没有丢失：请数据库管理员执行 DROP SCHEMA chenghe_search CASCADE 后重试，索引会自动重建。",
        code="SEARCH_DAMAGED",
    )


def _forbidden() -> SearchError:
    return SearchError(
        "检索数据库不允许本程序建立或写入索引。",
        next_step="请数据库管理员授权：GRANT CREATE ON DATABASE 数据库 TO 用户；只读的备用服务器不能使用。",
        code="SEARCH_SERVER_FORBIDDEN",
    )


def _refused(error: psycopg.OperationalError) -> SearchError:
    missing = error.pgconn is not None and error.pgconn.needs_password
    return SearchError(
        "检索数据库需要密码，但没有给出。" if missing else "检索数据库拒绝了登录。",
        next_step=f"请核对 {DATABASE_VARIABLE} 中的用户和数据库名；密码写在密码文件（PGPASSFILE 或 ~/.pgpass）里。",
        code="SEARCH_SERVER_LOGIN",
    )


def _answered(error: psycopg.OperationalError) -> bool:
    """A server was there and said no. libpq tells no code for that, only whether a password was in play, and a text."""
    asked = error.pgconn is not None and (error.pgconn.needs_password or error.pgconn.used_password)
    return asked or any(word in str(error) for word in ("FATAL:", "致命错误"))


def _checked(setting: str) -> str:
    """``setting`` with our own defaults; nothing of a malformed one is shown or kept as a cause."""
    try:
        parts = {"connect_timeout": CONNECT_SECONDS, "application_name": "chenghe", **conninfo_to_dict(setting)}
    except psycopg.Error:
        parts = None
    if parts is None:
        raise SearchError(
            f"看不懂 {DATABASE_VARIABLE} 的内容。",
            next_step="请写成 postgresql://用户@主机:端口/数据库；特殊字符须按网址规则转义，密码最好放在密码文件里。",
            code="SEARCH_SERVER_SETTING",
        )
    return psycopg.conninfo.make_conninfo("", **{**parts, "client_encoding": "UTF8"})


def _roll_back(connection: Connection) -> None:
    try:
        connection.rollback()
    except psycopg.Error:
        connection.close()
