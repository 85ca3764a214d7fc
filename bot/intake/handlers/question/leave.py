"""The buttons that ask whether a tool may be called: who asked the question decides, or an admin."""

import re

from aiogram import Router
from aiogram.types import CallbackQuery, Message

from bot.intake.handlers.filters import Matches
from bot.intake.message.keyboard import is_under
from bot.intake.message.mention import Author
from bot.intake.middlewares.rights import GUARD, AskerOrAdmin
from bot.intake.notice import Method, edit, toast
from bot.storage.answers.calls import Calls
from bot.storage.tables import Chat
from bot.texts import Texts

DATA = re.compile(r"call:([0-9]{1,15}):([0-9]{1,15}):([ad])")


def register(router: Router) -> None:
    """Register the handlers."""
    router.callback_query.register(
        press, Matches(DATA), flags={GUARD: AskerOrAdmin(lambda data: int(data["match"][1]))}
    )


async def press(
    query: CallbackQuery, match: re.Match[str], author: Author, chat: Chat, texts: Texts, pressed: Message, calls: Calls
) -> list[Method]:
    """Let the call be made, or not, and say so in the place of the question."""
    if not is_under(pressed, match[0]):  # forged: what stands there asks for another call
        return [toast(query, texts.call_over)]
    may = match[3] == "a"
    call = await calls.decide(int(match[2]), of=int(match[1]), may=may, by=author.id, chat_id=chat.id)
    asked = (pressed.text or "").removeprefix("🔧 ")
    if call is None:
        return [toast(query, texts.call_over), edit(pressed, f"🔧 {asked}")]
    said = texts.call_allowed if may else texts.call_denied
    return [toast(query), edit(pressed, f"{said}\n{asked.partition(chr(10))[2]}")]
