"""Open the database: engine, pragmas, schema."""

import errno
import os
import shutil
import stat
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import partial
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from bot.clock import Clock
from bot.storage.dialect import SYNCED, is_server, tune
from bot.storage.engine.compiled import compiled, make_alike
from bot.storage.engine.fence import Fence, prove
from bot.storage.engine.hop import connect
from bot.storage.engine.migration import bring_up
from bot.storage.engine.patience import patiently
from bot.storage.engine.reading import OF_SQLITE, refuse_others
from bot.storage.engine.server import OF_OWNERS, Hold, connecting
from bot.storage.engine.shelf import FOLDER
from bot.storage.engine.soundness import check
from bot.storage.engine.template import Template
from bot.storage.engine.turns import Turns

Sessions = async_sessionmaker[AsyncSession]

BY_FILE = {"async_creator_fn": connect}  # what SQLAlchemy's dialect calls instead of aiosqlite's own

CALLS = ".calls"
HEALTH = ".health"  # how the providers fared
HOOK = ".webhook"  # what Telegram was told about it
INBOX = ".inbox"  # updates that are not among the rows yet
SOCKET = ".sock"  # where `status` asks
BESIDE = (*OF_SQLITE, ".lock", CALLS, HEALTH, HOOK, INBOX)
FOLDER_OF_SERVERS = Path("data")
HERE = ("localhost", "127.0.0.1", "::1")
SCHEMA = "schema"  # in the address of a server's database
PRIVATE = 0o600
OTHERS = 0o077
NO_SETTINGS: Mapping[str, str] = {}


def database_file(url: str) -> Path | None:
    """Return the file of an SQLite URL, None where there is none."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        return None
    return Path(parsed.database)


def beside(url: str) -> Path:
    """Return what the names begin with of the files beside a database; those of one on a server lie in data/."""
    if file := database_file(url):
        return file
    parsed = make_url(url)
    where = f"@{parsed.host}" if parsed.host and parsed.host not in HERE else ""
    schema = f".{schema}" if (schema := schema_of(url)) else ""
    return FOLDER_OF_SERVERS / f"{parsed.database}{where}{schema}"


def schema_of(url: str) -> str:
    """Return the schema of a server's database that an address names, "" where it names none."""
    found = make_url(url).query.get(SCHEMA, "")
    return found if isinstance(found, str) else ""


def in_schema(url: str, schema: str) -> str:
    """Return the address of a schema of a server's database."""
    return make_url(url).update_query_dict({SCHEMA: schema}).render_as_string(hide_password=False)


def told(url: str) -> str:
    """Return what people are told of where a database is: nothing secret."""
    if file := database_file(url):
        return str(file)
    parsed = make_url(url)
    schema = f"the schema {schema} of " if (schema := schema_of(url)) else ""
    return f"{schema}the PostgreSQL database {parsed.database} at {parsed.host or 'this machine'}"


def discard(file: Path) -> None:
    """Empty an SQLite file that nobody uses, and remove what lies beside it. Raises OSError.

    The file itself stays, because it is locked by us; SQLite takes an empty one for new.
    """
    for end in (*OF_SQLITE, CALLS, HEALTH, INBOX):
        file.with_name(file.name + end).unlink(missing_ok=True)
    shutil.rmtree(file.with_name(file.name + FOLDER), ignore_errors=True)
    os.truncate(file, 0)


def create_engine(
    url: str,
    *,
    hold: Hold = Hold.NOT,
    clock: Clock | None = None,
    settings: Mapping[str, str] = NO_SETTINGS,
    mark: str = "",
) -> AsyncEngine:
    """Make the engine: one connection, so that transactions wait for their turn, one after the other on any database.

    `hold`: on a server each connection holds the database, or raises DatabaseTaken; that of a file is `process.lock`.
    `settings`: of the server, for each connection; `mark`: by which others know it.
    """
    engine = create_async_engine(
        make_url(url).difference_update_query([SCHEMA]),
        connect_args=BY_FILE
        if database_file(url)
        else connecting(hold, clock or Clock(), settings, schema=schema_of(url), mark=mark),
        poolclass=Turns,
        hide_parameters=True,  # of errors: they hold what people wrote
        execution_options={"compiled_cache": compiled()},
    )
    make_alike(engine.dialect)
    tune(engine)
    return engine


def sessions_of(engine: AsyncEngine, fence: Fence | None = None) -> Sessions:
    """Return what makes sessions on an engine; with a `fence` each that writes proves first that it still may."""
    if is_server(engine.sync_engine):
        return _ServerSessions(engine, fence, expire_on_commit=False)
    return async_sessionmaker(engine, expire_on_commit=False)


def unsynced(sessions: Sessions) -> Sessions:
    """Return what makes sessions in a file whose commits wait for no disk: for what is done again if it is not noted.

    No kill takes what they have committed, and where the power fails nothing is without what was committed before it.
    """
    engine: AsyncEngine = sessions.kw["bind"]
    if is_server(engine.sync_engine):
        return sessions
    return async_sessionmaker(engine.execution_options(**{SYNCED: False}), expire_on_commit=False)


class _ServerSessions(async_sessionmaker[AsyncSession]):
    """Sessions on a server: what only reads goes without BEGIN and ROLLBACK, which are two ways there of three.

    It sees what it would within a transaction: there each statement sees what is committed when it begins, and while a
    session has the one connection nobody of ours commits.
    """

    def __init__(self, engine: AsyncEngine, fence: Fence | None, *, expire_on_commit: bool) -> None:
        reading = engine.execution_options(isolation_level="AUTOCOMMIT")
        super().__init__(reading, expire_on_commit=expire_on_commit)
        self._writing = async_sessionmaker(engine, expire_on_commit=expire_on_commit)
        self._fence = fence

    def begin(self) -> AbstractAsyncContextManager[AsyncSession]:  # type: ignore[override]  # its own type is private
        """Open a session whose transaction is committed at the end of the block. Raises Fenced."""
        return self._writing.begin() if self._fence is None else self._proven(self._fence)

    @asynccontextmanager
    async def _proven(self, fence: Fence) -> AsyncIterator[AsyncSession]:
        async with self._writing.begin() as session:
            await prove(session, fence)
            yield session


def files_of(file: Path) -> list[Path]:
    """Return the files that belong to a database and are there."""
    names = [file.name, *(f"{file.name}{end}" for end in BESIDE)]
    return [each for name in names if (each := file.parent / name).exists()]


def make_private(file: Path) -> None:
    """Make the files of a database, which hold what people wrote, readable for our user only, as far as they are ours.

    SQLite gives those that it makes the rights of the database. Raises OSError where they cannot be written.
    """
    file = file.resolve()  # SQLite puts its files beside the one that a link leads to
    if not os.access(file.parent, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(file.parent))
    for each in files_of(file):
        if stat.S_IMODE(each.stat().st_mode) & OTHERS:
            with suppress(PermissionError):  # `check` tells
                each.chmod(PRIVATE)
        if not os.access(each, os.R_OK | os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(each))


@asynccontextmanager
async def open_database(
    url: str,
    *,
    apart: bool = False,
    alone: bool = False,
    fence: Fence | None = None,
    template: Template | None = None,
    clock: Clock | None = None,
) -> AsyncIterator[Sessions]:
    """Open the database at a SQLAlchemy async URL; make its folder, bring its schema up to date (`apart`: by a child).

    One that is locked or full, or does not answer, is waited for. `alone`: nobody else holds it. `fence`: on a server
    others hold it too, and each transaction that writes raises Fenced once another process has the bot. `template`:
    as `bring_up`.
    Raises NewerDatabaseError, DatabaseDamaged, DatabaseTaken, Unusable, OSError and sqlalchemy.exc.DBAPIError.
    """
    file, clock = database_file(url), clock or Clock()
    folder = file.parent if file else None
    if file:
        await patiently(partial(_make_ready, file), clock, "file", folder=folder)
    if fence:
        engine = create_engine(url, hold=Hold.TOGETHER, clock=clock, settings=OF_OWNERS, mark=fence.mark)
    else:
        engine = create_engine(url, hold=Hold.ALONE if alone else Hold.NOT, clock=clock)
    try:
        brought_up = partial(bring_up, engine, apart=apart and url, template=template)
        await patiently(brought_up, clock, "schema", folder=folder)
        await patiently(partial(check, engine), clock, "schema", folder=folder)
        yield sessions_of(engine, fence)
    finally:
        await engine.dispose()


async def _make_ready(file: Path) -> None:
    """Make the folder of a database, and its files private. Raises OSError, DBAPIError, and Unusable before either."""
    refuse_others(file)
    file.parent.mkdir(parents=True, exist_ok=True)
    make_private(file)
