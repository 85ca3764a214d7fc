"""Settle: what waits in the batch is stored before a handler that could not do with less, and no sooner."""

from typing import Any

from aiogram import BaseMiddleware
from aiogram.dispatcher.flags import get_flag
from aiogram.types import TelegramObject

from bot.intake.batch import Batch, chat_of
from bot.intake.middlewares.handler import Handler

JOINS = {"joins": True}  # flags of a handler that reads no rows but the batch's, and changes none by itself


class Settle(BaseMiddleware):
    """Goes around each handler, inside of its filters."""

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> Any:
        """Handle what a person did."""
        batch: Batch = data["batch"]
        chat_id = chat_of(data["event_update"])
        if not get_flag(data, "joins") and chat_id is not None and batch.is_about(chat_id):
            await data["settle"]()
        return await handler(event, data)
