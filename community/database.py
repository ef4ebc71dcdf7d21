"""Postgres as the rest of the house sees it: transactions that write, reads that may be tried again.

Stores get a `Tx` or a `Reader`, never a pool: who holds a `Tx` holds a transaction, and the type says so.
Whatever asyncpg throws when the database is away, restarting or too slow becomes errors.Unavailable
within four seconds, so that a person gets an answer instead of a spinner.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, Literal, TypeAlias, TypeVar

import asyncpg

from community.again import Undone, note_kept
from community.errors import Invalid, Unavailable
from community.store.sealed_words import Vault

T = TypeVar("T")
Record: TypeAlias = Mapping[str, Any]
"""What asyncpg's rows are to a type checker: read by column name."""
Isolation = Literal["read committed", "repeatable read", "serializable"]

ACQUIRE_SECONDS: Final = 1.2
COMMAND_SECONDS: Final = 2.0
RELEASE_SECONDS: Final = 0.4
CONNECT_SECONDS: Final = 3.5
"""The first three one after the other stay under the four seconds that protocol.md promises for a 503.
The last is for a process's first connection, when no page waits for it yet."""

AWAY: Final = (
    asyncpg.PostgresConnectionError,  # class 08: connection gone, refused, does not exist
    asyncpg.CannotConnectNowError,  # 57P03: starting up or shutting down
    asyncpg.AdminShutdownError,  # 57P01
    asyncpg.CrashShutdownError,  # 57P02: another backend died, all are restarted
    asyncpg.TooManyConnectionsError,  # 53300
    asyncpg.InternalClientError,  # what asyncpg says once after a restart
    OSError,  # refused, reset, no such socket; TimeoutError is one too
)
"""The connection is no good any more: a read may be tried once on another."""

UNDONE: Final = (
    asyncpg.DeadlockDetectedError,  # 40P01
    asyncpg.SerializationError,  # 40001
)
"""Nothing is wrong with the work: done again, whole, it goes through (community/again.py)."""

BUSY: Final = (
    asyncpg.QueryCanceledError,  # 57014: statement_timeout
    asyncpg.LockNotAvailableError,  # 55P03: lock_timeout
    *UNDONE,
)
"""The connection is fine, the work was not done: said to the person in the same words."""

UNFIT: Final = (
    asyncpg.CharacterNotInRepertoireError,  # 22021: a null character
    asyncpg.UntranslatableCharacterError,  # 22P05: the same inside jsonb
    asyncpg.NumericValueOutOfRangeError,  # 22003
)
"""No column holds what came from outside: the person's to mend, wherever a border let it through."""


def _is_unfit(error: asyncpg.DataError) -> bool:
    """asyncpg itself refuses a number too great for its column, and has no class of its own for that."""
    return isinstance(error, UNFIT) or "value out of int" in str(error)


_UNFIT_SAY: Final = "There is a character or a number in this that we can't keep. Please take it out."


def _closed(connection: Any) -> bool:
    """A connection that was cut answers every question with InterfaceError, this one too."""
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:
        return True


def _cut(connection: Any) -> None:
    """Drop the line without a word; the pool opens another when it needs one. May be called twice."""
    with suppress(asyncpg.InterfaceError):
        connection.terminate()


def _is_away(error: BaseException, connection: Any) -> bool:
    """InterfaceError also means a programmer's mistake; it counts only when the connection is closed."""
    if isinstance(error, asyncpg.InterfaceError):
        return _closed(connection)
    return isinstance(error, AWAY)


class _Statements:
    """asyncpg's statement methods, with its connection errors put into our words."""

    __slots__ = ("_connection", "_seconds", "vault")

    def __init__(self, connection: Any, seconds: float, vault: Vault | None) -> None:
        self._connection = connection
        self._seconds = seconds
        self.vault = vault  # for words of private conversations (community/store/sealed_words.py)

    async def fetch(self, sql: str, *args: object) -> list[Record]:
        """All rows. Raises Unavailable when the database is away, slow or busy."""
        rows: list[Record] = await self._run(lambda c: c.fetch(sql, *args, timeout=self._seconds))
        return rows

    async def fetchrow(self, sql: str, *args: object) -> Record | None:
        """The first row, or None."""
        row: Record | None = await self._run(lambda c: c.fetchrow(sql, *args, timeout=self._seconds))
        return row

    async def fetchval(self, sql: str, *args: object) -> Any:
        """The first column of the first row, or None."""
        return await self._run(lambda c: c.fetchval(sql, *args, timeout=self._seconds))

    async def _run(self, ask: Callable[[Any], Awaitable[T]]) -> T:
        try:
            return await ask(self._connection)
        except TimeoutError as error:
            _cut(self._connection)  # the server is silent: any further word would only wait as long again
            raise Unavailable() from error
        except UNDONE as error:
            raise Undone() from error
        except BUSY as error:
            raise Unavailable() from error
        except asyncpg.DataError as error:
            if _is_unfit(error):
                raise Invalid(_UNFIT_SAY, code="bad_value") from None
            raise
        except (*AWAY, asyncpg.InterfaceError) as error:
            if _is_away(error, self._connection):
                raise Unavailable() from error
            raise


class Tx(_Statements):
    """An open transaction. Ends with its `async with`; using it afterwards is a bug and is asserted."""

    __slots__ = ("_depth", "_open")

    def __init__(self, connection: Any, seconds: float, vault: Vault | None = None) -> None:
        super().__init__(connection, seconds, vault)
        self._open = True
        self._depth = 0

    @property
    def is_open(self) -> bool:
        return self._open

    async def execute(self, sql: str, *args: object) -> str:
        """Run one statement; answers Postgres's command tag, e.g. `UPDATE 1`."""
        tag: str = await self._run(lambda c: c.execute(sql, *args, timeout=self._seconds))
        return tag

    async def executemany(self, sql: str, rows: Iterable[Sequence[object]]) -> None:
        """Run one statement for many rows, in one go."""
        await self._run(lambda c: c.executemany(sql, rows, timeout=self._seconds))

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[Tx]:
        """Undo only this block when it raises; the transaction goes on. The error is passed on."""
        self._depth += 1
        name = f"inner_{self._depth}"
        await self.execute(f"savepoint {name}")
        try:
            yield self
        except BaseException:
            if not _closed(self._connection):
                await self.execute(f"rollback to savepoint {name}")
            raise
        else:
            await self.execute(f"release savepoint {name}")
        finally:
            self._depth -= 1

    async def _run(self, ask: Callable[[Any], Awaitable[T]]) -> T:
        assert self._open, "a statement was sent through a transaction that has ended"
        return await super()._run(ask)


class Reader(_Statements):
    """Single reads, each on its own. One that meets a broken connection is asked once more on another."""

    __slots__ = ("_pool",)

    def __init__(self, pool: Any, connection: Any, vault: Vault | None = None) -> None:
        super().__init__(connection, COMMAND_SECONDS, vault)
        self._pool = pool

    async def _run(self, ask: Callable[[Any], Awaitable[T]]) -> T:
        try:
            return await super()._run(ask)
        except Unavailable as refusal:
            if not _is_worth_another(refusal.__cause__):
                raise
            _cut(self._connection)
            await self._pool.expire_connections()  # its neighbours are most likely as dead
            self._connection = await _acquire(self._pool)
            return await super()._run(ask)


def _is_worth_another(cause: BaseException | None) -> bool:
    """A broken connection is; a slow answer or a lock isn't, it would only take as long again."""
    return not isinstance(cause, (TimeoutError, *BUSY))


Conn = Tx | Reader
"""What a store function that only reads takes: it may run inside a transaction or outside."""


def require_tx(tx: Tx) -> None:
    """Asserts that the caller holds an open transaction; store functions that write begin with it."""
    assert isinstance(tx, Tx) and tx.is_open, "this needs an open transaction (database.transaction())"


class Database:
    """A pool of connections to one Postgres. Made by `connect`, ended by `close`."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self.vault: Vault | None = None

    @classmethod
    async def connect(cls, dsn: str, *, pool_max: int = 10) -> Database:
        """Open the pool. Raises Unavailable when nobody answers."""
        try:
            pool = await asyncpg.create_pool(
                dsn,
                min_size=1,
                max_size=pool_max,
                timeout=CONNECT_SECONDS,
                command_timeout=COMMAND_SECONDS,
                reset=_leave_as_is,
                server_settings={
                    "application_name": "kith",
                    "jit": "off",  # our statements are short; compiling them takes longer than running
                    "statement_timeout": str(_server_ms(COMMAND_SECONDS)),
                    "idle_in_transaction_session_timeout": "30s",
                },
            )
        except (*AWAY, asyncpg.InterfaceError) as error:
            raise Unavailable() from error
        return cls(pool)

    async def close(self) -> None:
        """End the pool. Connections still in use get two seconds, then they are cut."""
        try:
            async with asyncio.timeout(2.0):
                await self._pool.close()
        except (*AWAY, asyncpg.InterfaceError):
            self._pool.terminate()

    @asynccontextmanager
    async def transaction(
        self, *, isolation: Isolation = "read committed", command_seconds: float = COMMAND_SECONDS
    ) -> AsyncIterator[Tx]:
        """One transaction: commits at the end of the block, undone when it raises.

        Raises Unavailable when the database is away or too slow. When that happens at the commit, the
        outcome is unknown: callers whose effects must not double use a nonce. Jobs that need longer say
        so with `command_seconds`, per statement.
        """
        connection = await self._begin(isolation, command_seconds)
        tx = Tx(connection, command_seconds, self.vault)
        try:
            try:
                yield tx
            except BaseException:
                await _undo(connection)
                raise
            await _commit(tx, connection)
        finally:
            tx._open = False
            await _release(self._pool, connection)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Reader]:
        """Single statements, each seeing its own snapshot; for several that must agree use `transaction`.

        Only for statements without effects: each may be asked twice.
        """
        reader = Reader(self._pool, await _acquire(self._pool), self.vault)
        try:
            yield reader
        finally:
            await _release(self._pool, reader._connection)

    async def _begin(self, isolation: Isolation, seconds: float) -> Any:
        """A connection with an open transaction. One that turns out to be broken is replaced once."""
        sql = f"begin isolation level {isolation}"
        if seconds != COMMAND_SECONDS:
            sql += f"; set local statement_timeout = {_server_ms(seconds)}"
        for is_last in (False, True):
            connection = await _acquire(self._pool)
            try:
                await connection.execute(sql)
                return connection
            except BaseException as error:
                away = _is_away(error, connection)
                _cut(connection)
                if not away:
                    raise
                if is_last or isinstance(error, TimeoutError):
                    raise Unavailable() from error
                await self._pool.expire_connections()
        raise AssertionError("the second attempt returns or raises")


def _server_ms(seconds: float) -> int:
    """The server gives up a little earlier than we do, so that the connection stays usable."""
    return int(seconds * 1000 * 0.95)


async def _commit(tx: Tx, connection: Any) -> None:
    try:
        tag = await tx.execute("commit")
    except Undone:
        raise  # refused at the last moment, and undone: that is known
    except BaseException:
        _cut(connection)  # whether it was committed is unknown; nobody gets this connection again
        raise
    # Postgres answers ROLLBACK when an error inside was swallowed without a savepoint. An "ok" now would
    # acknowledge what was never stored.
    assert tag == "COMMIT", "an error inside the transaction was swallowed, nothing was stored"
    note_kept()


async def _undo(connection: Any) -> None:
    """Roll back where that is quick; a connection in trouble is cut, which undoes as well."""
    if _closed(connection):
        return
    try:
        await connection.execute("rollback", timeout=RELEASE_SECONDS)
    except (*AWAY, asyncpg.InterfaceError):
        _cut(connection)


async def _leave_as_is(connection: Any) -> None:
    """The pool's reset hook. Nothing here changes a session's settings: a reset would be a wasted trip."""


async def _acquire(pool: Any) -> Any:
    try:
        return await pool.acquire(timeout=ACQUIRE_SECONDS)
    except (*AWAY, asyncpg.InterfaceError) as error:
        raise Unavailable() from error


async def _release(pool: Any, connection: Any) -> None:
    """Hand a connection back. One that can't be cleaned up in time is cut by asyncpg; no error to us."""
    with suppress(*AWAY, asyncpg.InterfaceError):
        await pool.release(connection, timeout=RELEASE_SECONDS)
