"""Choices: what is chosen in conversations, stored with the updates that chose it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.storage.dialect import insert
from bot.storage.tables import Chat, Model, Overheard


@dataclass(frozen=True, slots=True)
class Change:
    """What is chosen in a conversation (`chat_id`, our own id); in all those of Telegram's chat `everywhere` in it.

    `columns` of its row, the `model` of a provider, and whether it begins anew (`is_new`): what was said so far is no
    longer sent.
    """

    chat_id: int
    columns: Mapping[str, object] = field(default_factory=dict)
    model: tuple[str, str] | None = None
    is_new: bool = False
    everywhere: int | None = None


def to_provider(chat_id: int, provider: str) -> Change:
    """Switch a conversation to another provider; where that one goes too, it is told again."""
    return Change(chat_id, {"provider": provider, "missing_told": None})


async def change(session: AsyncSession, changes: Iterable[Change]) -> None:
    """Make some changes within the caller's transaction; of several of the same the last one counts.

    A new conversation is begun among the questions, in their order (`Queue`).
    """
    columns: dict[tuple[int, int | None], dict[str, object]] = {}
    models: dict[tuple[int, str], str] = {}
    for each in changes:
        columns.setdefault((each.chat_id if each.everywhere is None else 0, each.everywhere), {}).update(each.columns)
        if each.model:
            models[each.chat_id, each.model[0]] = each.model[1]
    for (chat_id, everywhere), values in columns.items():
        here = Chat.id == chat_id if everywhere is None else Chat.telegram_id == everywhere
        if values:
            await session.execute(update(Chat).where(here).values(values))
        if values.get("read_along") == 0:
            overheard = Overheard.chat_id.in_(select(Chat.id).where(here))
            await session.execute(delete(Overheard).where(overheard))
    for (chat_id, provider), model in models.items():
        row = insert(Model).values(chat_id=chat_id, provider=provider, model=model)
        await session.execute(row.on_conflict_do_update(index_elements=("chat_id", "provider"), set_={"model": model}))
