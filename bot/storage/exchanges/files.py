"""Files: what was read of the files that people sent, and which prompts hold them."""

from collections.abc import Collection, Iterable, Iterator

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock
from bot.storage.dialect import insert
from bot.storage.engine.database import Sessions
from bot.storage.engine.patience import patient
from bot.storage.people.usage import Spent, spend
from bot.storage.tables import File, FileUse
from providers.blocks import Attached, Content

AT_ONCE = 500  # ids that one statement names
COLUMNS = tuple(File.__table__.columns.keys())


@patient
class Files:
    """The rows of all files."""

    def __init__(self, sessions: Sessions, clock: Clock) -> None:
        self._sessions = sessions
        self._clock = clock

    async def known(self, file_ids: Collection[str]) -> dict[str, File]:
        """Return what was read of some of Telegram's files, by their ids there."""
        found: dict[str, File] = {}
        async with self._sessions() as session:
            for ids in _some(file_ids):
                rows = await session.scalars(select(File).where(File.telegram_file_id.in_(ids)))
                found |= {row.telegram_file_id: row for row in rows}
        return found

    async def hold(self, prompt_id: int, files: Iterable[File], spent: Spent | None = None) -> None:
        """Note what was read of files, and that a prompt holds them; what was known of them before is replaced.

        `spent`: what that took is counted with it.
        """
        rows = [{name: getattr(file, name) for name in COLUMNS} for file in files]
        uses = [{"prompt_id": prompt_id, "sha256": sha256} for sha256 in {str(row["sha256"]) for row in rows}]
        if not rows:
            return
        write = insert(File)
        changed = {name: write.excluded[name] for name in COLUMNS if name != "telegram_file_id"}
        write = write.on_conflict_do_update(index_elements=["telegram_file_id"], set_=changed)
        async with self._sessions.begin() as session:
            await session.execute(write, rows)
            await session.execute(insert(FileUse).on_conflict_do_nothing(), uses)
            if spent:
                await spend(session, spent.user_id, spent.chat_id, spent.took, self._clock.wall())

    async def prune(self, after: str = "") -> tuple[list[str], str | None]:
        """Forget those of some files that no prompt holds any more, by their ids, those that come after one.

        Return the SHA-256 of what is not named by any row now, and after which id the next ones come.
        """
        some = select(File.telegram_file_id).where(File.telegram_file_id > after)
        some = some.order_by(File.telegram_file_id).limit(AT_ONCE)
        unused = ~exists().where(FileUse.sha256 == File.sha256)
        async with self._sessions() as session:
            if not (ids := (await session.scalars(some)).all()):
                return [], None
        async with self._sessions.begin() as session:
            these = File.telegram_file_id.in_(ids)
            gone = set(await session.scalars(delete(File).where(these, unused).returning(File.sha256)))
            return sorted(gone - await _named(session, gone)), ids[-1]

    async def missing(self, sha256s: Collection[str]) -> list[str]:
        """Return those of some (`AT_ONCE` at the most, so that others come in between) that no row names."""
        async with self._sessions() as session:
            return sorted(set(sha256s) - await _named(session, sha256s))


async def heard_in(session: AsyncSession, content: Content) -> list[str]:
    """Return what is said in the recordings of a content, as far as it was written down."""
    ids = [block.file_id for block in content if isinstance(block, Attached) and block.is_heard]
    if not ids:
        return []
    rows = await session.execute(select(File.telegram_file_id, File.transcript).where(File.telegram_file_id.in_(ids)))
    found = {file_id: transcript for file_id, transcript in rows if transcript}
    return [found[file_id] for file_id in dict.fromkeys(ids) if file_id in found]


async def _named(session: AsyncSession, sha256s: Collection[str]) -> set[str]:
    found: set[str] = set()
    for some in _some(sha256s):
        found |= set(await session.scalars(select(File.sha256).where(File.sha256.in_(some))))
    return found


def _some(names: Collection[str]) -> Iterator[list[str]]:
    every = sorted(names)
    return (every[at : at + AT_ONCE] for at in range(0, len(every), AT_ONCE))
