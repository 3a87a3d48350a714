"""A real PostgreSQL server for the tests: its own folder, its own port, gone with the session.

Rules: nothing of it outlives the session; nothing of the machine's own PostgreSQL is touched; a server that is stopped
and started again keeps its data, its port and its address. Nothing is synced to disk: the data are worth nothing.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.ports import free_port

SECONDS = 120.0
NEEDED = "PostgreSQL's server (initdb, postgres) is not on this machine"
CLERK, PASSWORD = "clerk", "correct horse"
"""A role that comes in with a password, over TCP; the owner of everything comes in through the socket."""
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "listen_addresses": "127.0.0.1",
    "shared_buffers": "64MB",
    "autovacuum": "off",
    "password_encryption": "scram-sha-256",
}


class PostgresServer:
    """One server; ``dsn`` is what ``CHENGHE_SEARCH_DATABASE`` would say for its owner."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs, self.folder, self.port = programs, folder, free_port()
        self._account = "postgres" if os.geteuid() == 0 else None
        self._process: subprocess.Popen[bytes] | None = None
        if self._account is not None:
            shutil.chown(folder, self._account)
        self._run("initdb", "--auth-local=trust", "--auth-host=scram-sha-256", "--username=postgres", "--no-sync")
        self.start()
        self.execute(f"CREATE ROLE {CLERK} LOGIN PASSWORD '{PASSWORD}'")

    @property
    def dsn(self) -> str:
        return f"postgresql:///postgres?host={self.folder}&port={self.port}&user=postgres"

    def start(self) -> None:
        options = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        self._process = subprocess.Popen(
            [
                self._programs / "postgres",
                "-D",
                self.folder / "data",
                "-p",
                str(self.port),
                "-k",
                self.folder,
                *options,
            ],
            user=self._account,
            group=self._group,
            extra_groups=[] if self._account else None,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        end = time.monotonic() + SECONDS
        while True:
            try:
                psycopg.connect(self.dsn).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > end or self._process.poll() is not None:
                    raise
                time.sleep(0.02)

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)  # at once; what was committed is in its log
            self._process.wait(SECONDS)
            self._process = None

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            connection.execute(statement)

    @property
    def _group(self) -> int | None:
        return pwd.getpwnam(self._account).pw_gid if self._account else None

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._programs / program, "-D", self.folder / "data", "--encoding=UTF8", "--locale=C", *arguments],
            user=self._account,
            group=self._group,
            extra_groups=[] if self._account else None,
            cwd=self.folder,
            check=True,
            capture_output=True,
        )


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The server of this session; skips where there is none to start, fails then under CI=true."""
    programs = server_programs()
    if programs is None:
        if os.environ.get("CI") == "true":
            pytest.fail(NEEDED)
        pytest.skip(NEEDED)
    folder = Path(tempfile.mkdtemp(prefix="chenghe-pg-", dir="/tmp"))  # short: a socket's path has 107 bytes
    try:
        server = PostgresServer(programs, folder)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def search_database(postgres_server: PostgresServer) -> str:
    """An empty database of the server, as ``CHENGHE_SEARCH_DATABASE`` names it."""
    postgres_server.execute("DROP SCHEMA IF EXISTS chenghe_search CASCADE")
    return postgres_server.dsn


def server_programs() -> Path | None:
    """The newest installed server's folder of programs."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    named = shutil.which("postgres")
    folders = [*debian, *([Path(named).parent] if named else [])]
    return next((folder for folder in folders if (folder / "initdb").exists()), None)
