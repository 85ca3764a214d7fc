"""Keyboards under messages: what Telegram accepts; after telegram-bot-api Client.cpp, get_reply_markup."""

from typing import Any

from telegram_playground.api.schema import read_object
from telegram_playground.protocol.errors import ApiError, bad_request
from telegram_playground.protocol.wire import Json
from telegram_playground.text.links import checked_link

MAX_BUTTONS = 300
_MAX_DATA_BYTES = 64  # core.telegram.org/bots/api#inlinekeyboardbutton
_MAX_COPIED = 256  # characters; core.telegram.org/bots/api#copytextbutton
_STYLES = frozenset({"danger", "success", "primary"})  # core.telegram.org/bots/api#inlinekeyboardbutton
_LOOKS = frozenset({"text", "icon_custom_emoji_id", "style"})


def markup_json(markup: Any, *, inline: bool = False) -> Json | None:
    """Return a checked reply_markup as it is stored, None for an empty one; raises ApiError.

    `inline`: where only an inline keyboard is legal, anything else is as none.
    """
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in markup:
        rows = _rows(markup["inline_keyboard"], "inline_keyboard", "InlineKeyboardMarkup", _inline_button)
        return {"inline_keyboard": rows} if rows else None
    if inline:
        return None
    if "keyboard" in markup:
        rows = _rows(markup["keyboard"], "keyboard", "ReplyKeyboardMarkup", _button)
        flags = ("is_persistent", "resize_keyboard", "one_time_keyboard", "selective")
        return {"keyboard": rows, **_kept(markup, *flags)} if rows else None
    if markup.get("remove_keyboard") is True:
        return {"remove_keyboard": True, **_kept(markup, "selective")}
    if markup.get("force_reply") is True:
        return {"force_reply": True, **_kept(markup, "selective")}
    return None


def _kept(markup: Json, *flags: str) -> Json:
    """Return the flags of a markup that are true, and its placeholder."""
    kept: Json = {flag: True for flag in flags if markup.get(flag) is True}
    placeholder = markup.get("input_field_placeholder")
    if isinstance(placeholder, str) and placeholder:
        kept["input_field_placeholder"] = placeholder[:64]
    return kept


def _rows(value: Any, field: str, kind: str, button: Any) -> list[list[Json]]:
    if not isinstance(value, list):
        raise bad_request(f'field "{field}" of the {kind} must be an Array')
    if not all(isinstance(row, list) for row in value):
        raise bad_request(f'field "{field}" of the {kind} must be an Array of Arrays')
    rows = [[button(item) for item in row] for row in value if row]
    if sum(map(len, rows)) > MAX_BUTTONS:
        raise bad_request("reply markup is too long")
    return rows


def _button(value: Any) -> Json:
    """Read a button of the keyboard at the bottom; a plain string is one too."""
    if isinstance(value, str):
        value = {"text": value}
    if not isinstance(value, dict):
        raise bad_request("can't parse keyboard button: KeyboardButton must be a String or an Object")
    read = _read("KeyboardButton", value, "keyboard button")
    return {name: what for name, what in read.items() if what is not False}


def _inline_button(value: Any) -> Json:
    if not isinstance(value, dict):
        raise bad_request("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    button = _read("InlineKeyboardButton", value, "inline keyboard button")
    if not button["text"].strip():
        raise bad_request("inline keyboard button text must be non-empty")
    if not button.keys() - _LOOKS - ({"pay"} if button.get("pay") is False else set()):
        raise bad_request("text buttons are unallowed in the inline keyboard")
    data, url = button.get("callback_data"), button.get("url")
    if data is not None and not 1 <= len(data.encode()) <= _MAX_DATA_BYTES:
        raise bad_request("BUTTON_DATA_INVALID")
    if url is not None and not checked_link(url):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    app = button.get("web_app", {}).get("url")
    if app is not None and not app.lower().startswith("https://"):
        raise bad_request(f"inline keyboard button Web App URL '{app}' is invalid: Only HTTPS links are allowed")
    if "copy_text" in button and not 1 <= len(button["copy_text"]["text"]) <= _MAX_COPIED:
        raise bad_request("BUTTON_COPY_TEXT_INVALID")
    return button


def _read(kind: str, value: Json, words: str) -> Json:
    try:
        button = read_object(kind, value).json()
    except ApiError as error:
        reason = error.description.partition(f"can't parse {kind}: ")[2] or error.description
        raise bad_request(f"can't parse {words}: {reason}") from error
    if button.get("style") not in (None, *_STYLES):
        raise bad_request("invalid button style specified")
    return button
