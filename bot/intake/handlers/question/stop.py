"""/stop, and the Stop button: no more of the answer under way."""

import re

from aiogram import Router
from aiogram.methods import DeleteMessage
from aiogram.types import CallbackQuery, Message, MessageGenerationStopped, Update

from bot.intake.batch import Batch, Denied
from bot.intake.handlers.filters import Matches, Named
from bot.intake.message.keyboard import is_under
from bot.intake.message.mention import Author, is_group
from bot.intake.middlewares.rights import GUARD, AskerOrAdmin
from bot.intake.notice import Method, notice, toast
from bot.storage.answers.stops import Pressed, Stops
from bot.storage.tables import Chat
from bot.texts import Texts

DATA = re.compile(r"stop:([0-9]{1,15}):([0-9]{1,9})(?::[0-9]+)?")


def register(router: Router) -> None:
    """Register the handlers."""
    router.message.register(command, Named("stop", "cancel", "abort"))
    router.callback_query.register(
        press, Matches(DATA), flags={GUARD: AskerOrAdmin(lambda data: int(data["match"][1]))}
    )
    router.stopped_message_generation.register(stop_draft)


async def command(
    message: Message, event_update: Update, author: Author, chat: Chat, texts: Texts, stops: Stops, batch: Batch
) -> Method | Denied | None:
    """Stop the answer under way and drop what waits, in a group only what the sender asked; the reply shows a stop."""
    in_group = is_group(message)
    whose = author.id if in_group else None
    if (chat.id, whose) not in batch.idle:
        stop = await stops.stop(event_update.update_id, chat.id, user_id=whose)
        if stop is None or (stop.running and not stop.dropped):
            return None
        batch.refused.pop(chat.id, None)
        if stop.dropped:
            return notice(message, texts.dropped.format(count=stop.dropped))
        batch.idle.add((chat.id, whose))
    return Denied(notice(message, texts.nothing_of_yours if in_group else texts.nothing_to_stop))


async def press(
    query: CallbackQuery, event_update: Update, pressed: Message, chat: Chat, texts: Texts, stops: Stops
) -> list[Method]:
    """Stop the answer above the button; a piece that a crash left behind is taken away."""
    button = button_of(pressed, query.data or "")
    stop = await stops.stop_shown(event_update.update_id, chat.id, pressed=button) if button else None
    if stop is None:
        return [toast(query)]
    if stop.stray and not is_under(pressed, query.data or ""):
        return [toast(query)]
    if stop.stray:
        return [toast(query), DeleteMessage(chat_id=pressed.chat.id, message_id=pressed.message_id)]
    return [toast(query, texts.stopped if stop.running else texts.nothing_to_stop)]


async def stop_draft(event: MessageGenerationStopped, event_update: Update, chat: Chat, stops: Stops) -> None:
    """Stop the answer whose native draft was stopped; the draft's id is the answer's."""
    await stops.stop_shown(event_update.update_id, chat.id, answer_id=event.draft_id)


def button_of(message: Message, data: str) -> Pressed | None:
    """Return the Stop button that `data` describes under a message."""
    match = DATA.fullmatch(data)
    return Pressed(int(match[1]), int(match[2]), message.message_id) if match else None
