"""Keyboards under messages: what Telegram accepts."""

from typing import Any

from aiogram.types import InlineKeyboardMarkup

from telegram_playground.errors import bad_request
from telegram_playground.text.links import checked_link
from telegram_playground.wire import Json

MAX_BUTTONS = 300
_MAX_DATA_BYTES = 64  # core.telegram.org/bots/api#inlinekeyboardbutton


def markup_json(markup: Any) -> Json | None:
    """Return a checked reply_markup (aiogram's type) as JSON, None for an empty one; raises ApiError."""
    if markup is None:
        return None
    value: Json = markup.model_dump(mode="json", exclude_none=True, exclude_unset=True)
    if not isinstance(markup, InlineKeyboardMarkup):
        return value
    rows = [[_button(button) for button in row] for row in value["inline_keyboard"] if row]
    if sum(map(len, rows)) > MAX_BUTTONS:
        raise bad_request("reply markup is too long")
    return {**value, "inline_keyboard": rows} if rows else None


def _button(button: Json) -> Json:
    data = button.get("callback_data")
    if not button["text"].strip():
        raise bad_request("inline keyboard button text must be non-empty")
    if data is not None and not 1 <= len(data.encode()) <= _MAX_DATA_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    if not button.keys() - {"text", "icon_custom_emoji_id", "style"}:
        raise bad_request("text buttons are unallowed in the inline keyboard")
    url = button.get("url")
    if url is not None and not checked_link(url):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    return button
