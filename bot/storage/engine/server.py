"""Server: connections to a PostgreSQL, each of which holds the database, alone or together with others of its kind.

Processes of the bot share it, and leases say which of them works (`bot/members`); alone it is held by who moves rows.
The lock is one of the session (postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS), and who holds it
alone has one session, so that whatever it writes is written by who holds the database: who was cut off gets no
connection any more once another one has come, and ends. Behind PgBouncer, which lends sessions, that is not so: connect
directly.

A commit whose answer was lost counts as done or not by what the server says: whoever repeats a transaction repeats one
that was not done.
"""

import logging
import os
import re
import socket
from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from secrets import token_hex
from typing import Any
from zlib import crc32

from bot.clock import Clock, Seldom
from bot.storage.engine.faults import DatabaseTaken, Unusable

log = logging.getLogger(__name__)

LOCK = 0x64656C7461677261  # "deltagra"
CONNECT_S = 10.0
LOCK_TIMEOUT_MS = 1_000  # a lock that another program holds is waited for by repeating, with a line in the log
STATEMENTS = 500  # that stay prepared: the bot has about 300
TRIES, PAUSE_S = 6, 0.5  # a process that has just ended is let go of in a moment
OTHER_PROGRAM = "another program"
ENCODING = "UTF8"
# A machine that is gone without a word is noticed after 10 + 3 · 5 s, by the server and by us.
SERVER_SETTINGS = {
    "jit": "off",  # our statements are short: compiling one takes longer than running it
    "lock_timeout": str(LOCK_TIMEOUT_MS),
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
# A process that is stopped within a transaction is to let go of what it has locked, so that another can take over.
OF_OWNERS = {"idle_in_transaction_session_timeout": "3000", "statement_timeout": "10000"}
OF_MEMBERS = {"statement_timeout": "2000"}
MARKED_HOST = 16  # characters of the name: a session's has 63, and ends with the mark
KEPT_ALIVE = {"TCP_KEEPIDLE": 10, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 25_000}  # tcp(7)
COMMIT = "COMMIT;"  # as the driver writes it
NUMBER_OF_TRANSACTION = "SELECT pg_current_xact_id_if_assigned()::text"  # null where nothing was written
STATE_OF_TRANSACTION = "SELECT pg_xact_status($1::text::xid8)"
UNKNOWN_TRANSACTION = "22023"
_HOLDER = """
SELECT a.pid, a.application_name
FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid JOIN pg_database d ON d.oid = l.database
WHERE l.locktype = 'advisory' AND l.granted AND d.datname = current_database()
    AND (l.classid::bigint << 32) + l.objid::bigint = $1
"""
_NAME = re.compile(r"deltagram ([0-9]+) (\S*) [0-9a-f]{8}( \S+)?")

Connect = Callable[..., Awaitable[Any]]  # an asyncpg.Connection: the driver has no types


class Hold(StrEnum):
    """How a connection holds the database, or the schema of it that an address names."""

    NOT = "not"
    TOGETHER = "together"
    ALONE = "alone"


def connecting(
    hold: Hold, clock: Clock, settings: Mapping[str, str], *, schema: str = "", mark: str = ""
) -> dict[str, object]:
    """Return what SQLAlchemy is to connect with; `mark`: by which others know its sessions."""
    host = socket.gethostname()[: MARKED_HOST if mark else 30]
    name = f"deltagram {os.getpid()} {host} {token_hex(4)} {mark}".rstrip()
    return {
        "async_creator_fn": _connect(name, clock, hold, lock_of(schema)),
        "server_settings": {"application_name": name, **SERVER_SETTINGS, **_looking_in(schema), **settings},
        "prepared_statement_cache_size": STATEMENTS,
        "timeout": CONNECT_S,
    }


def lock_of(schema: str) -> int:
    """Return the number of the lock of a schema, of the whole database where none is named."""
    return LOCK ^ crc32(schema.encode())


def _looking_in(schema: str) -> dict[str, str]:
    """Return where the statements of a connection look for tables: there alone, so that nothing of another is found."""
    return {"search_path": f'"{schema}"'} if schema else {}


def _connect(name: str, clock: Clock, hold: Hold, number: int) -> Connect:
    import asyncpg  # who has no PostgreSQL need not have it

    class Connection(asyncpg.Connection):  # type: ignore[misc]  # it has no types
        """A connection on which a commit is done, or not, and never in between."""

        async def execute(self, query: str, *arguments: Any, **named: Any) -> Any:
            """Run a statement; a commit whose answer is lost is looked up by its number, as long as that takes."""
            if query != COMMIT:
                return await super().execute(query, *arguments, **named)
            number = await self.fetchval(NUMBER_OF_TRANSACTION)
            try:
                return await super().execute(query, *arguments, **named)
            except (asyncpg.exceptions.PostgresConnectionError, asyncpg.exceptions.OperatorInterventionError):
                if number is None or not await _is_done(connect_once, number, clock):
                    raise
                return "COMMIT"

    options_of_first: dict[str, Any] = {}

    async def connect_once() -> Any:
        return await asyncpg.connect(**options_of_first)

    async def connect(**options: Any) -> Any:
        options_of_first.update(options)
        try:
            connection = await asyncpg.connect(**options, connection_class=Connection)
        except OSError as error:  # SQLAlchemy leaves those as they are; 08001: no connection can be made
            reason = error.strerror or str(error) or f"no answer within {CONNECT_S:.0f} s"
            raise asyncpg.exceptions.ClientCannotConnectError(reason) from error
        try:
            _keep_alive(connection)
            if (encoding := connection.get_settings().server_encoding) != ENCODING:
                raise Unusable(f"its encoding is {encoding}: make it anew with ENCODING 'UTF8'")
            if hold is not Hold.NOT:
                await _hold(connection, name, number, together=hold is Hold.TOGETHER)
        except BaseException:
            connection.terminate()
            raise
        return connection

    return connect


async def _is_done(connect: Connect, number: str, clock: Clock) -> bool:
    """Ask what became of a transaction that was to be committed when the connection was lost."""
    import asyncpg  # see above

    seldom = Seldom(clock)
    while True:
        try:
            connection = await connect()
            try:
                state = await connection.fetchval(STATE_OF_TRANSACTION, number)
            finally:
                connection.terminate()
            if state != "in progress":
                return bool(state == "committed")
        except (OSError, asyncpg.exceptions.InterfaceError) as error:
            cause = str(error) or type(error).__name__
        except asyncpg.exceptions.PostgresError as error:
            if error.sqlstate == UNKNOWN_TRANSACTION:  # another server has taken its place, which never heard of it
                return False
            cause = str(error)
        else:
            cause = "it is being committed"
        if seldom.due("commit"):
            log.error("the database does not answer, waiting for=%s error=%s", "commit", cause)
        await clock.sleep(PAUSE_S)


def _keep_alive(connection: Any) -> None:
    """Have the kernel ask now and then whether the server is still there."""
    transport = getattr(connection, "_transport", None)  # the driver has no other way to it
    one = transport.get_extra_info("socket") if transport else None
    if one is None or one.family not in (socket.AF_INET, socket.AF_INET6):
        return
    one.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in KEPT_ALIVE.items():
        if number := getattr(socket, option, None):
            one.setsockopt(socket.IPPROTO_TCP, number, value)


async def _hold(connection: Any, name: str, number: int, *, together: bool) -> None:
    """Take the lock; end a former session of our own that the server has not missed yet. Raises DatabaseTaken."""
    pid, holder = None, ""
    take = f"SELECT pg_try_advisory_lock{'_shared' if together else ''}($1)"
    for attempt in range(TRIES):
        if attempt:
            await connection.execute(f"SELECT pg_sleep({PAUSE_S})")
        if await connection.fetchval(take, number):
            return
        row = await connection.fetchrow(_HOLDER, number)
        pid, holder = row or (None, "")
        if pid is not None and holder == name:
            await connection.execute("SELECT pg_terminate_backend($1)", pid)
    raise DatabaseTaken(_said(holder))


def _said(holder: str | None) -> str:
    """Return which process a session is of."""
    if not (match := _NAME.fullmatch(holder or "")):
        return OTHER_PROGRAM
    here = socket.gethostname().startswith(match[2])
    return f"process {match[1]}" if here else f"process {match[1]} on {match[2]}"
