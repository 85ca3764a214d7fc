"""What no other handler takes: prompts, and what cannot be one.

In a private chat everything is meant for the bot, so an unknown command, a sticker or a photo without words gets a
sentence. In a group only a text that mentions the bot or replies to it is; an unknown command may be another bot's.
"""

from collections.abc import Sequence
from dataclasses import replace

from aiogram import Router
from aiogram.enums import ContentType
from aiogram.methods import DeleteMessage
from aiogram.types import CallbackQuery, Message, User
from aiogram.utils.formatting import Text

from bot.catalog.catalog import Catalog
from bot.intake.batch import Asked, Batch, Changed, Denied
from bot.intake.bill import bill, limit_reached
from bot.intake.handlers.choices.role import Personas, is_lost, rest_of_prompt
from bot.intake.handlers.question.stop import button_of
from bot.intake.message.attached import attached, content_of
from bot.intake.message.mention import ASK, Author, addressed, command, is_group
from bot.intake.message.piece import piece_of, replied_to
from bot.intake.message.unseen import FIELDS, only_words, remark, unseen
from bot.intake.middlewares.settle import JOINS
from bot.intake.notice import Method, filled, notice, toast
from bot.settings import Settings
from bot.storage.answers.stops import Stops
from bot.storage.chats import Chats
from bot.storage.overheard import Heard
from bot.storage.people.usage import Bill, Reached
from bot.storage.questions.questions import Question
from bot.storage.tables import Chat
from bot.storage.telegram.pieces import Piece
from bot.texts import Texts
from providers.blocks import Block, Content, joined
from providers.blocks import Text as Words


def register(router: Router) -> None:
    """Register the handlers."""
    router.message.register(prompt, flags=JOINS)
    router.callback_query.register(press, flags=JOINS)


async def prompt(
    message: Message,
    me: User,
    author: Author,
    chat: Chat,
    texts: Texts,
    catalog: Catalog,
    chats: Chats,
    stops: Stops,
    settings: Settings,
    personas: Personas,
    is_admin: bool,
    batch: Batch,
    left_out: frozenset[str],
    is_tail: bool = False,
) -> Asked | Changed | Denied | Heard | list[Method]:
    """Queue a prompt; the answer comes from the worker.

    `is_tail`: in a group it may be the rest of the message before it.
    """
    if more := rest_of_prompt(chat, message, author):
        return Changed(more, (notice(message, texts.prompt_longer),))
    called = command(message, me)
    if called and called.name != ASK:
        is_ours = called.named or not is_group(message)
        unknown = filled(texts.unknown_command, command=f"/{called.name}")
        return Denied(notice(message, unknown)) if is_ours else []
    text = addressed(message, me, settings.bot_names)
    album = message.media_group_id
    is_kept = text is None and is_group(message) and not called and batch.read_along(message.chat.id) > 0
    talk = heard(message, author, chat) if is_kept and (message.caption or album is None) else None
    if talk and not is_tail:
        return talk
    if text is None and album is not None and (files := attached(message, me)):
        return Asked(Question(chat.id, piece_of(message, files), author.id, texts.code, group=True, is_loose=True))
    rest = piece_of(message, (Words(message.text),)) if is_tail and message.text else None
    if text is None and rest is not None:
        return Asked(Question(chat.id, rest, author.id, texts.code, group=True, is_loose=True, rest=rest, heard=talk))
    if not (piece := worded(message, me, texts, left_out, settings.bot_names)):
        if called:
            return Denied(notice(message, texts.ask_how))
        is_told = album is not None and (album in {*batch.captioned, *batch.albums} or chat.album == album)
        told = [] if is_told else _without_text(message, me, texts, left_out)
        if album is not None and told:
            batch.albums.add(album)
            await chats.set_album(chat.id, album)
        return told
    if album is not None and chat.album != album:
        await chats.set_album(chat.id, album)
    provider = catalog.resolve(chat.provider)
    counts = bill(message, author, provider=provider, is_admin=is_admin, settings=settings)
    asked = ask(
        message, piece, author=author, chat=chat, texts=texts, catalog=catalog, personas=personas, counts=counts
    )
    strays = await _strays(message, me, chat, stops)
    asked = replace(asked, question=replace(asked.question, rest=rest))
    return replace(asked, methods=(*asked.methods, *strays), if_busy=(*asked.if_busy, *strays))


def worded(
    message: Message,
    me: User,
    texts: Texts,
    left_out: frozenset[str],
    names: Sequence[str],
    *,
    is_question: bool = False,
) -> Piece | None:
    """Return what a message asks, None where it asks nothing.

    `names`: those of the bot; `is_question`: it is known to be meant for the bot.
    """
    text = addressed(message, me, names, is_question=is_question)
    content = content_of(message, me, text) if text is not None else ()
    if not content:
        return None
    missed, for_model = remark(message, me, left_out)
    if for_model:
        content = (*content[:-1], *_with(content[-1], for_model))
    return piece_of(message, content, only_words(missed, texts) if missed else None)


def ask(
    message: Message,
    piece: Piece,
    *,
    author: Author,
    chat: Chat,
    texts: Texts,
    catalog: Catalog,
    personas: Personas,
    counts: Bill,
) -> Asked:
    """Return what a message asks, with what is said beside it; `counts`: for whom."""
    is_missing = chat.provider not in catalog.ids and chat.missing_told != chat.provider
    question = Question(
        chat.id,
        piece,
        author.id,
        texts.code,
        group=is_group(message),
        missing=chat.provider if is_missing else None,
        replied=replied_to(message),
        bill=counts,
        lost=chat.persona if is_lost(chat, personas) else None,
    )
    beside: list[Method] = []
    if is_missing:
        missing = filled(
            texts.provider_missing, provider=catalog.label(chat.provider), default=catalog.label(catalog.default)
        )
        beside.append(notice(message, missing))
        chat.missing_told = chat.provider  # for the others of this batch; it is stored with the question
    if question.lost:
        beside.append(notice(message, filled(texts.role_missing, role=question.lost)))
        chat.persona_told = question.lost
    told = notice(message, texts.busy, reply=True)
    return Asked(question, tuple(beside), (told,), lambda reached: limited(message, reached, author, texts))


def limited(message: Message, reached: Reached, author: Author, texts: Texts) -> tuple[Method, ...]:
    """Say that a message is not answered because a limit is reached."""
    return (notice(message, limit_reached(reached, author, texts), reply=True),)


def heard(message: Message, author: Author, chat: Chat, *, is_edit: bool = False) -> Heard | None:
    """Return what people of a group say to each other, where it is to be kept; nothing for what says nothing."""
    text = message.text or message.caption or ""
    kinds = (f"[{field.replace('_', ' ')}]" for field in FIELDS if getattr(message, field, None) is not None)
    said = " ".join(filter(None, (next(kinds, ""), text))).strip()
    if not said or text.startswith("/"):
        return None
    return Heard(chat.id, message.message_id, author.name, said, message.date.timestamp(), is_edit=is_edit)


async def press(query: CallbackQuery, texts: Texts) -> Method:
    """Answer a button that an older version of the bot made."""
    return toast(query, texts.button_too_old)


def _with(last: Block, line: str) -> Content:
    return joined([last, Words(line)], "\n\n") if isinstance(last, Words) else (last, Words(line))


def _without_text(message: Message, me: User, texts: Texts, left_out: frozenset[str]) -> list[Method]:
    has_more = unseen(message, left_out) is not None
    is_lost = not has_more and (bool(left_out) or message.content_type == ContentType.UNKNOWN)
    if is_lost and (not is_group(message) or left_out):
        return [notice(message, texts.unreadable)]
    if is_group(message):
        mentioned = filled(texts.only_mentioned, username=Text(me.username or ""))
        said = mentioned if message.text else texts.only_text if message.caption else None
        return [notice(message, said)] if said else []
    return [notice(message, texts.only_text)] if has_more else []


async def _strays(message: Message, me: User, chat: Chat, stops: Stops) -> list[Method]:
    """Take away what a crash left behind, if the message replies to it."""
    replied = message.reply_to_message
    if replied is None or replied.reply_markup is None or replied.from_user is None or replied.from_user.id != me.id:
        return []
    buttons = [
        button_of(replied, key.callback_data or "") for row in replied.reply_markup.inline_keyboard for key in row
    ]
    strays = [button for button in buttons if button and await stops.is_stray(chat.id, button)]
    return [DeleteMessage(chat_id=message.chat.id, message_id=replied.message_id)] if strays else []
