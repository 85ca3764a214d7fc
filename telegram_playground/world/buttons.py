"""The buttons that people see: under a message, or in place of their keyboard."""

from telegram_playground.protocol.wire import Json


def keyboard(markup: Json | None) -> list[list[Json]]:
    """Return the rows of buttons of a reply_markup."""
    rows = (markup or {}).get("inline_keyboard") or (markup or {}).get("keyboard") or []
    return [[_button(button) for button in row] for row in rows]


def _button(button: Json) -> Json:
    shown: Json = {"text": button["text"]}
    if "callback_data" in button:
        shown["data"] = button["callback_data"]
    if "url" in button:
        shown["url"] = button["url"]
    return shown
