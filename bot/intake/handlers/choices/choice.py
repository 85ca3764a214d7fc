"""Choices: buttons that each carry one value, in pages; pure.

Telegram allows 64 bytes of data, so a value that is longer travels as a digest: `model:gpt-5`, or `model#0f3c…`.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, Message

from bot.texts import Texts

PAGE = 8
MAX_DATA = 64  # bytes, core.telegram.org/bots/api#inlinekeyboardbutton
MAX_LABEL = 64
SHORT = 16  # characters of a label that leaves room for another one beside it
BACK = "set:overview"  # what leads from a menu back to /settings


@dataclass(frozen=True, slots=True)
class Option:
    """A value that can be chosen; `marks` stand behind its name, which is the `label` or else the value itself."""

    value: str
    present: bool = False
    marks: str = ""
    label: str = ""


def data(kind: str, value: str) -> str:
    """Return what a button for a value carries."""
    plain = f"{kind}:{value}"
    if len(plain.encode()) <= MAX_DATA:
        return plain
    return f"{kind}#{hashlib.sha256(value.encode()).hexdigest()[:32]}"


def chosen(kind: str, pressed: str, values: Iterable[str]) -> str | None:
    """Return which of the values a button stands for."""
    return next((value for value in values if data(kind, value) == pressed), None)


def keyboard(
    kind: str,
    options: Sequence[Option],
    *,
    page: int | None = None,
    below: Sequence[InlineKeyboardButton] = (),
    columns: int | None = None,
    of: str = "",
) -> InlineKeyboardMarkup:
    """Lay the options out, two a row where all labels are short; without `page` the one that shows the present value.

    `of` goes along with the pages: whose options these are.
    """
    pages = max(1, -(-len(options) // PAGE))
    if page is None:
        page = next((at // PAGE for at, option in enumerate(options) if option.present), 0)
    page = min(max(page, 0), pages - 1)
    columns = columns or (2 if all(len(_label(option)) <= SHORT for option in options) else 1)
    keys = [_button(kind, option) for option in options[page * PAGE : (page + 1) * PAGE]]
    rows = [keys[at : at + columns] for at in range(0, len(keys), columns)]
    if pages > 1:
        turns = (("‹", page - 1), (f"{page + 1}/{pages}", page), ("›", page + 1))
        whose = f":{of}" if of else ""
        carried = [(sign, data(f"{kind}-page", f"{to % pages}{whose}")) for sign, to in turns]
        rows.append([InlineKeyboardButton(text=sign, callback_data=turn) for sign, turn in carried])
    if below:
        rows.append(list(below))
    return InlineKeyboardMarkup(inline_keyboard=rows)


def back(texts: Texts) -> list[InlineKeyboardButton]:
    """Return the row that leads from a menu back to /settings."""
    return [InlineKeyboardButton(text=texts.back_button, callback_data=BACK)]


def way_back(shown: Message, texts: Texts) -> list[InlineKeyboardButton]:
    """Return that row where the menu that is shown came from /settings, so that it keeps it; else an empty one."""
    rows = shown.reply_markup.inline_keyboard if shown.reply_markup else []
    return back(texts) if any(key.callback_data == BACK for row in rows for key in row) else []


def _button(kind: str, option: Option) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=_label(option), callback_data=data(kind, option.value))


def _label(option: Option) -> str:
    return f"{'● ' if option.present else ''}{(option.label or option.value)[:MAX_LABEL]}{option.marks}"
