"""/role: which of the operator's personas answers here; /system: the system prompt of this chat or topic."""

from collections.abc import Mapping, Sequence

from aiogram import Router
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message
from aiogram.utils.formatting import BlockQuote, Text

from bot.catalog.personas import RESERVED
from bot.intake.batch import Changed
from bot.intake.handlers.choices.choice import Option, back, chosen, keyboard, way_back
from bot.intake.handlers.filters import Begins, Named
from bot.intake.message.mention import Author, is_group
from bot.intake.message.piece import piece_of
from bot.intake.middlewares.rights import CHOICE
from bot.intake.middlewares.settle import JOINS
from bot.intake.notice import Method, clipped, edit, filled, notice, toast
from bot.storage.questions.choices import Change
from bot.storage.tables import Chat
from bot.storage.telegram.pieces import FULL, Piece, between, continues, follows
from bot.texts import Texts

KIND = "role"
NONE = "role-none"  # what the button carries that goes back to the operator's system prompt
COLUMNS = 2
SHOWN_PROMPT = 3_000  # UTF-16 units; the whole notice must fit into one message
SHOW = ("", "show")

Personas = Mapping[str, str]


def register(router: Router) -> None:
    """Register the handlers."""
    router.message.register(role, Named("role", "mode", "roles"), flags=JOINS | CHOICE)
    router.message.register(system, Named("system"), flags=JOINS | CHOICE)
    router.callback_query.register(reset, Begins(NONE), flags=JOINS | CHOICE)
    router.callback_query.register(press, Begins(f"{KIND}:", f"{KIND}#"), flags=JOINS | CHOICE)
    router.callback_query.register(turn_page, Begins(f"{KIND}-page:"), flags=JOINS | CHOICE)


async def role(message: Message, args: str, chat: Chat, texts: Texts, personas: Personas) -> Method | Changed:
    """Take the persona that is named, else offer all of them."""
    if not args:
        return notice(message, listing(chat, texts, personas), choices(chat, texts, personas))
    if args.casefold() == RESERVED:
        return Changed(to_persona(chat, None), (notice(message, texts.role_reset),))
    name = next((name for name in personas if name.casefold() == " ".join(args.casefold().split())), None)
    if name is None:
        unknown = filled(texts.role_unknown, role=args) if personas else texts.role_nobody
        return notice(message, unknown, choices(chat, texts, personas))
    return Changed(to_persona(chat, name), (notice(message, filled(texts.role_taken, role=name)),))


async def system(
    message: Message, args: str, author: Author, chat: Chat, texts: Texts, personas: Personas
) -> Method | Changed:
    """Show the system prompt, set another one, or go back to the operator's."""
    if args.casefold() in SHOW:
        return notice(message, *prompt(chat, texts, personas, below=()))
    if args.casefold() == RESERVED and chat.system_prompt and chat.persona in personas:
        said = filled(texts.prompt_back_to_role, role=chat.persona)
        return Changed(Change(chat.id, {"system_prompt": None}), (notice(message, said),))
    if args.casefold() == RESERVED:
        return Changed(to_persona(chat, None), (notice(message, texts.prompt_reset),))
    return Changed(to_prompt(chat, message, author, args), (notice(message, texts.prompt_set),))


async def press(
    query: CallbackQuery, pressed: Message, chat: Chat, texts: Texts, personas: Personas
) -> list[Method] | Changed:
    """Take the persona on the button; where there is none of that name any more, show those that there are."""
    name = chosen(KIND, query.data or "", personas)
    below = way_back(pressed, texts)
    if name is None:
        renewed = edit(pressed, listing(chat, texts, personas), choices(chat, texts, personas, below=below))
        return [toast(query, texts.menu_too_old), renewed]
    taken = filled(texts.role_taken, role=name)
    change = to_persona(chat, name)
    offered = choices(_as_changed(change), texts, personas, below=below)
    return Changed(change, (toast(query, taken.render()[0]), edit(pressed, taken, offered)))


async def reset(query: CallbackQuery, pressed: Message, chat: Chat, texts: Texts, personas: Personas) -> Changed:
    """Go back to the operator's system prompt."""
    change = to_persona(chat, None)
    offered = choices(_as_changed(change), texts, personas, below=way_back(pressed, texts))
    return Changed(change, (toast(query, texts.role_reset), edit(pressed, texts.role_reset, offered)))


async def turn_page(
    query: CallbackQuery, pressed: Message, chat: Chat, texts: Texts, personas: Personas
) -> list[Method]:
    """Show another page of personas."""
    page = (query.data or "").partition(":")[2]
    number = int(page) if page.isdecimal() else 0
    offered = choices(chat, texts, personas, page=number, below=way_back(pressed, texts))
    return [toast(query), edit(pressed, listing(chat, texts, personas), offered)]


def to_persona(chat: Chat, name: str | None) -> Change:
    """Give a conversation a persona, or none; a prompt of its own would hide it, and goes."""
    return Change(chat.id, {"persona": name, "persona_told": None, "system_prompt": None})


def to_prompt(chat: Chat, message: Message, author: Author, text: str) -> Change:
    """Give a conversation a system prompt of its own; where its message is full, the rest of it may follow."""
    piece = piece_of(message, ())
    is_full = piece.length_utf16 >= FULL
    columns: dict[str, object] = {
        "system_prompt": text,
        "cut_message_id": piece.message_id if is_full else None,
        "cut_user_id": author.id if is_full else None,
        "cut_at": piece.sent_at if is_full else None,
        "cut_length_utf16": piece.length_utf16 if is_full else None,
    }
    return Change(chat.id, columns)


def rest_of_prompt(chat: Chat, message: Message, author: Author) -> Change | None:
    """Return what a message changes that is the rest of a system prompt, which the client cut; None for others."""
    if chat.system_prompt is None or chat.cut_message_id is None or chat.cut_user_id != author.id:
        return None
    if message.text is None or message.forward_origin is not None:
        return None
    length_utf16 = chat.cut_length_utf16 or 0
    last, piece = Piece(chat.cut_message_id, (), length_utf16, chat.cut_at or 0.0), piece_of(message, ())
    if not (continues(piece, last) if is_group(message) else follows(piece, last, directly=False)):
        return None
    return to_prompt(chat, message, author, chat.system_prompt + between(length_utf16) + message.text)


def is_lost(chat: Chat, personas: Personas) -> bool:
    """Tell whether a conversation has to be told that its persona is not there any more."""
    return chat.persona is not None and chat.persona not in personas and chat.persona_told != chat.persona


def listing(chat: Chat, texts: Texts, personas: Personas) -> Text:
    """Say which persona answers now."""
    if not personas:
        return Text(texts.role_nobody)
    if chat.system_prompt:
        return Text(texts.role_own)
    present = chat.persona if chat.persona in personas else None
    return filled(texts.role_list, role=Text(texts.default) if present is None else present)


def choices(
    chat: Chat,
    texts: Texts,
    personas: Personas,
    *,
    page: int | None = None,
    below: Sequence[InlineKeyboardButton] = (),
) -> InlineKeyboardMarkup | None:
    """Offer the personas; the present one is marked."""
    if not personas:
        return InlineKeyboardMarkup(inline_keyboard=[list(below)]) if below else None
    present = None if chat.system_prompt else chat.persona
    options = [Option(name, present=name == present) for name in personas]
    is_none = not chat.system_prompt and present not in personas
    none = InlineKeyboardButton(text=f"{'● ' if is_none else ''}{texts.role_none}", callback_data=NONE)
    rows = keyboard(KIND, options, page=page, columns=COLUMNS).inline_keyboard
    return InlineKeyboardMarkup(inline_keyboard=[*rows, [none], *([list(below)] if below else [])])


def prompt(
    chat: Chat, texts: Texts, personas: Personas, *, below: Sequence[InlineKeyboardButton] | None = None
) -> tuple[Text, InlineKeyboardMarkup | None]:
    """Return the system prompt, how to set another one, and the way back to the operator's.

    `below`: the last row, by default the way back to /settings.
    """
    last = list(back(texts) if below is None else below)
    under = [last] if last else []
    own, how = chat.system_prompt, texts.prompt_how
    if own is None:
        is_role = chat.persona in personas
        said = filled(texts.prompt_role, role=chat.persona) if is_role else Text(texts.prompt_default)
        return Text(said, "\n\n", how), InlineKeyboardMarkup(inline_keyboard=under) if under else None
    button = InlineKeyboardButton(text=texts.prompt_reset_button, callback_data="set:prompt:default")
    text = Text(filled(texts.prompt_shown, prompt=BlockQuote(clipped(own, SHOWN_PROMPT))), "\n\n", how)
    return text, InlineKeyboardMarkup(inline_keyboard=[[button], *under])


def _as_changed(change: Change) -> Chat:
    """Return the row as it will be, as far as the buttons show it."""
    return Chat(persona=change.columns["persona"], system_prompt=change.columns["system_prompt"])
