"""Keyboard: the buttons under the messages of a reply; pure."""

from collections.abc import Sequence

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.reply.layout import Frame, Versions
from bot.texts import Texts

BESIDE, SHORT = 3, 14  # buttons of so many characters stand in one row

Offer = tuple[str, str]  # a button's label, and the data that it carries


class Keyboard:
    """Stop while an answer grows; then Retry, beside it the versions, under it what is offered.

    `offered` is none where nothing can be sent beside an answer.
    """

    def __init__(self, texts: Texts, offered: Sequence[Offer]) -> None:
        self._texts = texts
        self._offered = offered
        self._stops: dict[str, InlineKeyboardMarkup] = {}

    def offer(self, offered: Sequence[Offer]) -> None:
        """Put further buttons under the final text."""
        self._offered = offered

    def button(self, data: str) -> InlineKeyboardMarkup:
        """Return a keyboard of one button: Stop or Retry, as its callback data says; beside Retry what is offered."""
        if data in self._stops:  # it goes with each edit
            return self._stops[data]
        is_stop = data.startswith("stop")
        label = self._texts.stop_button if is_stop else self._texts.retry_button
        rows = [[(label, data)], *([] if is_stop else _rows(self._offered))]
        keys = [[InlineKeyboardButton(text=text, callback_data=carried) for text, carried in row] for row in rows]
        keyboard = InlineKeyboardMarkup(inline_keyboard=keys)
        if is_stop:
            self._stops[data] = keyboard
        return keyboard

    def under(self, frame: Frame) -> InlineKeyboardMarkup | None:
        """Return the buttons of a frame: Stop, or Retry beside the versions and what is offered."""
        if frame.button is None:
            return None
        keyboard = self.button(frame.button)
        if frame.versions is not None:
            keyboard.inline_keyboard[0][:0] = _choice(frame.versions)
        if frame.has_more:
            more = f"more:{frame.button.rpartition(':')[2]}"
            keyboard.inline_keyboard.append([InlineKeyboardButton(text=self._texts.more_button, callback_data=more)])
        return keyboard


def _rows(offered: Sequence[Offer]) -> list[list[Offer]]:
    """Return buttons in rows: short ones stand side by side."""
    rows: list[list[Offer]] = []
    for offer in offered:
        beside = rows[-1] if rows else []
        if 0 < len(beside) < BESIDE and all(len(label) <= SHORT for label, _ in (*beside, offer)):
            beside.append(offer)
        else:
            rows.append([offer])
    return rows


def _choice(versions: Versions) -> list[InlineKeyboardButton]:
    """Return the buttons that show the version before and the one after; the middle one tells who made this one."""
    place = f"{versions.number}/{len(versions.ids)}"
    choice = {
        "◀": f"show:{versions.beside(-1)}:{versions.shown}",
        place: f"made:{versions.shown}",
        "▶": f"show:{versions.beside(1)}:{versions.shown}",
    }
    return [InlineKeyboardButton(text=label, callback_data=data) for label, data in choice.items()]
