"""◀ 2/3 ▶ under the last answer: another version of it, which is there already; the middle one tells who made it."""

import re

from aiogram import Router
from aiogram.types import CallbackQuery, Message, Update

from bot.catalog.catalog import Catalog
from bot.intake.handlers.filters import Matches
from bot.intake.middlewares.rights import GUARD, AskerOrAdmin
from bot.intake.notice import Method, toast
from bot.storage.questions.questions import Verdict
from bot.storage.questions.versions import Versions
from bot.storage.tables import Chat
from bot.texts import Texts

SHOW = re.compile(r"show:([0-9]{1,15}):([0-9]{1,15})")  # the version that is wanted, and the one above the button
MADE = re.compile(r"made:([0-9]{1,15})")


def register(router: Router) -> None:
    """Register the handlers: anybody in a chat may ask who made an answer."""
    by_asker = AskerOrAdmin(lambda data: int(data["match"][1]))  # not by the other one: nothing is done with that
    router.callback_query.register(press, Matches(SHOW), flags={GUARD: by_asker})
    router.callback_query.register(tell, Matches(MADE))


async def press(
    query: CallbackQuery,
    match: re.Match[str],
    event_update: Update,
    pressed: Message,
    chat: Chat,
    texts: Texts,
    versions: Versions,
) -> Method:
    """Show another version in the messages of the answer."""
    verdict = await versions.show(
        event_update.update_id, chat.id, answer_id=int(match[1]), message_id=pressed.message_id
    )
    sentences = {
        Verdict.BUSY: texts.version_busy,
        Verdict.STALE: texts.retry_stale,
        Verdict.HERE: texts.version_last if match[1] == match[2] else None,
    }
    return toast(query, sentences.get(verdict))


async def tell(
    query: CallbackQuery, match: re.Match[str], chat: Chat, texts: Texts, versions: Versions, catalog: Catalog
) -> Method:
    """Tell who made the version that is shown."""
    return toast(query, await maker(versions, chat.id, int(match[1]), texts, catalog))


async def maker(versions: Versions, chat_id: int, answer_id: int, texts: Texts, catalog: Catalog) -> str:
    """Return the sentence that says who made an answer of a chat."""
    made = await versions.made_by(chat_id, answer_id)
    if made is None:
        return texts.version_unknown
    return texts.version_made.format(maker=catalog.signature(*made))
