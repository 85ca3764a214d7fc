"""Questions in chats that are not the bot's: typed after its name in the field of any chat, or asked of it as a guest.

They count for the person who asks, and only that person's access counts; the buttons under an answer are for them
alone. What is typed is offered, and asked when it is chosen, where Telegram tells that, or by its button.
"""

import re

from aiogram import Router
from aiogram.filters import Filter
from aiogram.methods import AnswerCallbackQuery, AnswerInlineQuery
from aiogram.types import CallbackQuery, ChosenInlineResult, InlineQuery, Message, Update, User
from aiogram.utils.deep_linking import create_telegram_link

from bot.catalog.catalog import Catalog
from bot.intake.batch import Asked
from bot.intake.bill import limit_reached, persons_bill
from bot.intake.elsewhere.offers import ASK, ask_button, is_elsewhere, offer, told
from bot.intake.elsewhere.queries import Queries, Typed
from bot.intake.handlers.question.retry import DATA as RETRY
from bot.intake.handlers.question.retry import sentence
from bot.intake.handlers.question.stop import DATA as STOP
from bot.intake.handlers.question.version import MADE, SHOW, maker
from bot.intake.message.attached import content_of
from bot.intake.message.mention import Author, command, is_group, unmentioned
from bot.intake.message.piece import piece_of
from bot.intake.message.unseen import only_words, remark
from bot.intake.middlewares.settle import JOINS
from bot.intake.notice import Method, filled, notice, toast
from bot.settings import Settings
from bot.storage.answers.stops import Stops
from bot.storage.people.usage import Bill, Reached
from bot.storage.questions.elsewhere import Elsewhere
from bot.storage.questions.questions import Question, Spot, Verdict
from bot.storage.questions.versions import Versions
from bot.storage.tables import Chat
from bot.storage.telegram.pieces import Piece
from bot.texts import Texts
from providers.blocks import Text

MORE = re.compile(r"more:([0-9]{1,15})")
BRING = re.compile(r"more_([0-9]{1,15})")  # the parameter of a link to the private chat


class Elsewheres(Filter):
    """Lets presses of buttons under inline messages through."""

    async def __call__(self, query: CallbackQuery) -> bool:
        """Tell whether the button is such a one."""
        return is_elsewhere(query)


class Asks(Filter):
    """Lets a /start through that came by the link to the whole of an answer, and gives the handler its `answer_id`."""

    async def __call__(self, message: Message, me: User) -> bool | dict[str, object]:
        """Tell whether it is such a one."""
        called = command(message, me)
        match = BRING.fullmatch(called.args) if called and called.name == "start" else None
        return {"answer_id": int(match[1])} if match and not is_group(message) else False


def register(router: Router) -> None:
    """Register the handlers: first of all, as no other knows a press without a message."""
    router.inline_query.register(suggest, flags=JOINS)
    router.chosen_inline_result.register(chosen)
    router.guest_message.register(guest)
    router.callback_query.register(press, Elsewheres())
    router.message.register(bring, Asks())


async def suggest(query: InlineQuery, author: Author, texts: Texts, queries: Queries) -> AnswerInlineQuery:
    """Offer to ask what is typed."""
    queries.add(query.id, Typed(author.id, query.query))
    return offer(query, texts)


async def chosen(
    event: ChosenInlineResult,
    author: Author,
    chat: Chat,
    texts: Texts,
    catalog: Catalog,
    settings: Settings,
    is_admin: bool,
) -> Asked | None:
    """Ask what was chosen; nothing can be done for what has no button to be edited by."""
    if event.inline_message_id is None:
        return None
    counts = persons_bill(author, provider=catalog.resolve(chat.provider), is_admin=is_admin, settings=settings)
    return _typed(event.inline_message_id, event.query, event.result_id, author, chat, texts, counts)


async def guest(
    message: Message,
    me: User,
    author: Author,
    chat: Chat,
    texts: Texts,
    catalog: Catalog,
    settings: Settings,
    is_admin: bool,
    left_out: frozenset[str],
) -> Asked | Method | None:
    """Ask what a message says that mentions the bot where it is a guest."""
    if message.guest_query_id is None:
        return None
    spot = Spot(query_id=message.guest_query_id)
    content = content_of(message, me, unmentioned(message, me))
    if not content:
        return told(spot, filled(texts.only_mentioned, username=me.username or ""))
    missed, for_model = remark(message, me, left_out)
    if for_model:
        content = (*content, Text(for_model))
    piece = piece_of(message, content, only_words(missed, texts) if missed else None)
    counts = persons_bill(author, provider=catalog.resolve(chat.provider), is_admin=is_admin, settings=settings)

    def limited(reached: Reached) -> tuple[Method, ...]:
        return (told(spot, limit_reached(reached, author, texts)),)

    question = Question(chat.id, piece, author.id, texts.code, bill=counts, spot=spot)
    return Asked(question, (), (told(spot, texts.busy_elsewhere),), limited)


async def press(
    query: CallbackQuery,
    event_update: Update,
    me: User,
    author: Author,
    chat: Chat,
    texts: Texts,
    catalog: Catalog,
    settings: Settings,
    is_admin: bool,
    queries: Queries,
    elsewhere: Elsewhere,
    versions: Versions,
    stops: Stops,
) -> Asked | Method:
    """Do what a button under an inline message says, for who asked there."""
    inline_id, data, update_id = query.inline_message_id or "", query.data or "", event_update.update_id
    counts = persons_bill(author, provider=catalog.resolve(chat.provider), is_admin=is_admin, settings=settings)
    if data.startswith(ASK):
        typed = queries.get(data.removeprefix(ASK))
        if typed is None or typed.user_id != author.id:
            return toast(query, texts.inline_too_old if typed is None else texts.not_your_button)
        return _typed(inline_id, typed.text, data.removeprefix(ASK), author, chat, texts, counts, query)
    if match := STOP.fullmatch(data):
        stop = await stops.stop_elsewhere(update_id, chat.id, inline_id=inline_id, answer_id=int(match[1]))
        if stop is None:
            return toast(query)
        if stop.stray:
            return toast(query, texts.not_your_button)
        return toast(query, texts.stopped if stop.running else texts.nothing_to_stop)
    found = next((match for each in (RETRY, SHOW, MADE, MORE) if (match := each.fullmatch(data))), None)
    if found is None:
        return toast(query, texts.inline_too_old)
    answer_id = int(found[1])
    if not await elsewhere.is_there(chat.id, inline_id=inline_id, answer_id=answer_id):
        return toast(query, texts.not_your_button)
    if found.re is RETRY:
        verdict = await elsewhere.again(
            update_id, chat.id, inline_id=inline_id, answer_id=answer_id, user_id=author.id, bill=counts
        )
        return toast(query, texts.version_busy if verdict is Verdict.BUSY else sentence(verdict, texts))
    if found.re is SHOW:
        verdict = await elsewhere.show(update_id, chat.id, inline_id=inline_id, answer_id=answer_id)
        at_end = texts.version_last if found[1] == found[2] else None
        return toast(query, {Verdict.BUSY: texts.version_busy, Verdict.HERE: at_end}.get(verdict))
    if found.re is MADE:
        return toast(query, await maker(versions, chat.id, answer_id, texts, catalog))
    link = create_telegram_link(me.username or "", start=f"more_{answer_id}")
    return AnswerCallbackQuery(callback_query_id=query.id, url=link)


async def bring(
    message: Message,
    answer_id: int,
    event_update: Update,
    author: Author,
    chat: Chat,
    texts: Texts,
    elsewhere: Elsewhere,
) -> Method | None:
    """Show all of an answer in the private chat."""
    verdict = await elsewhere.bring(
        event_update.update_id, chat.id, message_id=message.message_id, answer_id=answer_id, user_id=author.id
    )
    sentences = {Verdict.NOTHING: texts.more_gone, Verdict.BUSY: texts.version_busy}
    return notice(message, sentences[verdict]) if verdict in sentences else None


def _typed(
    inline_id: str,
    text: str,
    key: str,
    author: Author,
    chat: Chat,
    texts: Texts,
    counts: Bill,
    query: CallbackQuery | None = None,
) -> Asked:
    """Ask what was typed; where that cannot be now, the button is left, to try again. `query`: the press of it."""
    spot, button = Spot(inline_id=inline_id), ask_button(key, texts)
    question = Question(chat.id, Piece(0, (Text(text.strip()),)), author.id, texts.code, bill=counts, spot=spot)
    busy = told(spot, texts.busy_elsewhere, asked=text, keyboard=button)

    def answered(words: str | None = None) -> tuple[Method, ...]:
        return (toast(query, words),) if query else ()  # the words may stand in the message since an earlier press

    def limited(reached: Reached) -> tuple[Method, ...]:
        said = told(spot, limit_reached(reached, author, texts), asked=text, keyboard=button)
        return (*answered(texts.limit_toast), said)

    return Asked(question, answered(), (*answered(texts.busy_elsewhere), busy), limited)
