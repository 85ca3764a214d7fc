"""The button of /admin that has the configuration read anew; what keeps it from that is shown to who pressed."""

import re
from collections.abc import Callable

from aiogram import Router
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

from bot.catalog.catalog import Catalog
from bot.intake.handlers.filters import Matches
from bot.intake.message.mention import is_group
from bot.intake.notice import Method, edit, misread, toast
from bot.texts import Texts

DATA = re.compile(r"adm:reread")

Reread = Callable[[], str]  # does it; the mistake that keeps all as it was, or ""


def register(router: Router) -> None:
    """Register the handler."""
    router.callback_query.register(press, Matches(DATA))


async def press(
    query: CallbackQuery, pressed: Message, is_admin: bool, texts: Texts, catalog: Catalog, reread: Reread
) -> list[Method]:
    """Read it, and say which providers there are now, or what is wrong."""
    if not is_admin:
        return [toast(query, texts.admins_only)]
    if is_group(pressed):
        return [toast(query, texts.only_private)]
    mistake = reread()
    keys = [(texts.admin_reread, "adm:reread"), (texts.back_button, "adm:health")]
    rows = [[InlineKeyboardButton(text=label, callback_data=data)] for label, data in keys]
    said = (
        misread(mistake, texts)
        if mistake
        else texts.admin_reread_done.format(providers=", ".join(map(catalog.label, catalog.ids)))
    )
    return [toast(query), edit(pressed, said, InlineKeyboardMarkup(inline_keyboard=rows))]
