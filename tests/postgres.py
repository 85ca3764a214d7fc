"""PostgreSQL for tests: Debian's programs on a folder and a port of their own, gone with the tests.

`POSTGRES=1` (make postgres) runs the tests of `tests/bot` on both databases, and those in `tests/on_postgres`.
"""

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.engine.database import Sessions, create_engine, open_database, sessions_of
from bot.storage.engine.word_index import FINDS
from bot.storage.tables import Base
from tests.ports import free_port

WANTED = bool(os.environ.get("POSTGRES"))
DATABASES = ["sqlite", "postgresql"] if WANTED else ["sqlite"]

PROGRAMS = ("initdb", "pg_ctl", "psql")
ROOT = 0
SERVER_USER = "postgres"  # the server refuses to run as root
USER = "deltagram"
MEMORY = Path("/dev/shm")
QUICK = ("fsync=off", "full_page_writes=off", "shared_buffers=32MB", "max_connections=60")  # nobody cuts the power here


def programs() -> Path | None:
    """Return the folder of the server's programs, None where it is not installed."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parts[4]))
    others = [Path(found).resolve().parent] if (found := shutil.which("pg_ctl")) else []
    complete = [folder for folder in (*others, *debian) if all((folder / each).exists() for each in PROGRAMS)]
    return complete[-1] if complete else None


_numbers = itertools.count(1)


class Postgres:
    """A server; a test that stops it starts it again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        found = programs()
        assert found
        self._programs = found

    @classmethod
    @contextmanager
    def running(cls, *settings: str, at: str | None = None) -> Iterator["Postgres"]:
        """Run one until the end of the block, in memory or at a folder, with some settings beside those of tests."""
        folder = Path(tempfile.mkdtemp(dir=at or (MEMORY if MEMORY.is_dir() else None), prefix="postgres-"))
        if os.getuid() == ROOT:
            shutil.chown(folder, SERVER_USER)
        server = cls(folder)
        server._run("initdb", "-D", "data", "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
        try:
            server.start(*settings)
            yield server
        finally:
            server.stop(at_once=True)
            shutil.rmtree(folder, ignore_errors=True)

    def url(self, database: str = USER) -> str:
        """Return the address of a database as DATABASE_URL has it."""
        return f"postgresql+asyncpg://{USER}@127.0.0.1:{self.port}/{database}"

    def start(self, *settings: str) -> None:
        """Start it, with some settings beside those of the tests."""
        options = ["-p", str(self.port), "-k", str(self.folder), *_options((*QUICK, *settings))]
        self._run("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", " ".join(options), "start")

    def stop(self, *, at_once: bool = False) -> None:
        """Stop it: sessions are cut off; `at_once`: as if the power failed."""
        self._run("pg_ctl", "-D", "data", "-w", "-m", "immediate" if at_once else "fast", "stop", is_checked=False)

    def create(self, database: str) -> str:
        """Make an empty database; return its address."""
        self.sql(f"CREATE DATABASE {database}", database="postgres")
        return self.url(database)

    @contextmanager
    def copy(self, template: str) -> Iterator[str]:
        """Make a database like another one, gone at the end of the block; return its address."""
        database = f"{template}_{next(_numbers)}"
        self.sql(f"CREATE DATABASE {database} TEMPLATE {template}", database="postgres")
        yield self.url(database)
        self.sql(f"DROP DATABASE {database} WITH (FORCE)", database="postgres")

    @contextmanager
    def standby(self) -> Iterator["Postgres"]:
        """Run a second server that follows this one, which confirms no commit that the second has not."""
        second = type(self)(self.folder / "standby")
        second.folder.mkdir()
        if os.getuid() == ROOT:
            shutil.chown(second.folder, SERVER_USER)
        where = ("-h", "127.0.0.1", "-p", str(self.port), "-U", USER)
        second._run("pg_basebackup", *where, "-D", "data", "-R", "-X", "stream", "-c", "fast")
        second.start()
        self.sql("ALTER SYSTEM SET synchronous_standby_names = '*'", database="postgres")
        self.sql("SELECT pg_reload_conf()", database="postgres")
        try:
            yield second
        finally:
            second.stop(at_once=True)

    def promote(self) -> None:
        """Put a standby in charge."""
        self._run("pg_ctl", "-D", "data", "-w", "promote")

    def sql(self, statement: str, *, database: str = USER) -> str:
        """Run a statement as another program; return what it prints."""
        program, *where = self.program(database)
        return self._run(Path(program).name, *where, "-v", "ON_ERROR_STOP=1", "-c", statement).strip()

    def program(self, database: str) -> list[str]:
        """Return the command of another program that talks to it."""
        return [
            str(self._programs / "psql"),
            "-h",
            "127.0.0.1",
            "-p",
            str(self.port),
            "-U",
            USER,
            "-d",
            database,
            "-qAtX",
        ]

    def dump(self, database: str) -> Path:
        """Copy a database as docs/operating.md tells."""
        file = self.folder / f"{database}.dump"
        self._run("pg_dump", "--format=custom", f"--file={file}", self._address(database))
        return file

    def put_back(self, database: str, dump: Path) -> None:
        """Fill an empty database from a copy, as docs/operating.md tells."""
        self._run("pg_restore", "--exit-on-error", "--no-owner", f"--dbname={self._address(database)}", str(dump))

    def _address(self, database: str) -> str:
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{database}"

    def _run(self, program: str, *arguments: str, is_checked: bool = True) -> str:
        user = SERVER_USER if os.getuid() == ROOT else pwd.getpwuid(os.getuid()).pw_name
        ended = subprocess.run(
            [self._programs / program, *arguments],
            cwd=self.folder,
            user=user if os.getuid() == ROOT else None,
            group=pwd.getpwnam(user).pw_gid if os.getuid() == ROOT else None,
            extra_groups=[] if os.getuid() == ROOT else None,
            stdout=subprocess.PIPE if program == "psql" else subprocess.DEVNULL,  # the server would keep a pipe open
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert ended.returncode == 0 or not is_checked, f"{program} {arguments}: {ended.stdout}"
        return ended.stdout or ""


class ServerRows:
    """One engine for the tests of a server: each finds an empty database, and a schema that is up to date."""

    def __init__(self, server: Postgres) -> None:
        self._server = server
        self._engine: AsyncEngine | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Sessions]:
        """Open it, emptied, until the end of a test."""
        if self._engine is None:
            url = self._server.create(USER)
            async with open_database(url):
                pass
            self._engine = create_engine(url)
        names = ", ".join([*Base.metadata.tables, FINDS])
        try:
            async with self._engine.begin() as connection:
                await connection.exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY")
            yield sessions_of(self._engine)
        finally:
            await self._engine.dispose()


def _options(settings: Sequence[str]) -> list[str]:
    return [word for setting in settings for word in ("-c", setting)]
