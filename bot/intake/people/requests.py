"""Requests: the admins learn who wants to come in: the first few one by one, the rest by a number that is kept up."""

from collections.abc import Iterable

from aiogram.methods import EditMessageText, SendMessage
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from aiogram.utils.formatting import Code, Text

from bot.clock import Clock
from bot.intake.notice import Method, filled, letter
from bot.intake.outbox import Outbox, packed
from bot.intake.people.names import identified, linked
from bot.settings import AccessMode, Settings
from bot.storage.people.access import Accesses
from bot.storage.people.asks import LATELY_S, Asked, Asks, Opened
from bot.storage.tables import Access, Ask, Digest, Rule
from bot.texts import Texts, texts

ONE_BY_ONE = 3  # requests of a day that have a message of their own
PAUSE_S = 3.0  # between two edits of the number
LIST = "waiting"  # what the button carries that lists who waits


class Requests:
    """Tells the admins of those who were refused. `run` must be running."""

    def __init__(self, settings: Settings, accesses: Accesses, asks: Asks, outbox: Outbox, clock: Clock) -> None:
        self._settings = settings
        self._accesses = accesses
        self._asks = asks
        self._outbox = outbox
        self._clock = clock

    async def run(self) -> None:
        """Tell what is new, for ever. Raises DatabaseDamaged."""
        while True:
            self._outbox.asked.clear()
            is_told = await self.tell()
            await self._clock.sleep(PAUSE_S)
            if is_told:
                await self._outbox.asked.wait()

    async def tell(self) -> bool:
        """Tell the admins what is new or decided; False where a message has still to be kept up that is under way."""
        if self._settings.access is not AccessMode.PAIRING:
            return True
        admins = sorted({*self._settings.admins, *await self._accesses.owners()})
        if not admins:
            return True
        methods: list[Method] = []
        digests: list[Opened] = []
        asked: list[Asked] = []
        decided = await self._asks.decided()
        settled = [ask for ask, _ in decided if ask.message_id is not None]
        is_told = len(settled) == len(decided)
        for admin, untold in (await self._asks.untold(admins, ONE_BY_ONE)).items():
            words = await self._words(admin)
            is_told &= not untold.is_asked
            shown = untold.new[: max(0, ONE_BY_ONE - untold.lately)]
            more = untold.count - len(shown)
            asked += [Asked(row.telegram_id, admin, len(methods) + index) for index, row in enumerate(shown)]
            methods += [_request(admin, row, words) for row in shown]
            methods += [_decided(ask, row, words) for ask, row in decided if ask.admin == admin and ask in settled]
            digest = _edited(untold.digest, more, self._clock.wall())
            if more == (digest.count if digest else 0):
                continue
            if digest and digest.message_id is None:  # it is being sent
                is_told = False
                continue
            digests.append(Opened(admin, more, None if digest else len(methods)))
            methods.append(_number(admin, digest.message_id if digest else None, more, words))
        if methods or settled:
            keys = await self._asks.show(packed(methods), digests, asked=asked, settled=settled)
            self._outbox.post(methods, keys, chat_id=None, last=True)  # his own answers go first
        return is_told

    async def _words(self, admin: int) -> Texts:
        chosen, seen = await self._accesses.languages(admin)
        return texts(chosen, self._settings.language, seen)


def waiting_list(
    rows: Iterable[Access], words: Texts, *, page: int, pages: int, count: int
) -> tuple[Text, InlineKeyboardMarkup]:
    """List some of those who wait, with two buttons for each."""
    keys: list[list[InlineKeyboardButton]] = []
    lines: list[Text] = []
    for row in rows:
        group = filled(words.waiting_group, name=_who(row), title=row.title or "")
        lines.append(Text("\n", _who(row) if row.title is None else group, ": ", Code(str(row.telegram_id))))
        label = (row.title or row.name or str(row.telegram_id))[:30]
        signs = (("✓", "allow"), ("✗", "deny"))
        keys.append(
            [
                InlineKeyboardButton(text=f"{sign} {label}", callback_data=f"{act}:{row.telegram_id}:{page}")
                for sign, act in signs
            ]
        )
    if pages > 1:
        turns = (("‹", page - 1), (f"{page + 1}/{pages}", page), ("›", page + 1))
        keys.append([InlineKeyboardButton(text=sign, callback_data=f"{LIST}:{to % pages}") for sign, to in turns])
    heading = filled(words.waiting_list, count=count)
    return Text(heading, *lines), InlineKeyboardMarkup(inline_keyboard=keys)


def _edited(digest: Digest | None, more: int, wall: float) -> Digest | None:
    """Return an admin's digest if it is edited: where more people ask another day, a new one is sent."""
    return digest if digest and (digest.opened_at > wall - LATELY_S or more <= digest.count) else None


def _decided(ask: Ask, row: Access, words: Texts) -> EditMessageText:
    """Say in the message that asked what was decided; its buttons go."""
    who = identified(row.telegram_id, row.title or row.name)
    text = filled(words.denied if row.rule is Rule.DENY else words.allowed, who=who)
    content, entities = text.render()
    return EditMessageText(
        chat_id=ask.admin, message_id=ask.message_id, text=content, entities=entities, reply_markup=None
    )


def _number(admin: int, message_id: int | None, more: int, words: Texts) -> SendMessage | EditMessageText:
    """Say how many more ask; once all are decided about, that nobody does."""
    if not more:
        return EditMessageText(chat_id=admin, message_id=message_id, text=words.request_no_more)
    text = words.request_more.format(count=more)
    button = InlineKeyboardButton(text=words.request_more_button, callback_data=f"{LIST}:new")
    keyboard = InlineKeyboardMarkup(inline_keyboard=[[button]])
    if message_id is None:
        return letter(admin, text, keyboard)
    return EditMessageText(chat_id=admin, message_id=message_id, text=text, reply_markup=keyboard)


def _request(admin: int, row: Access, words: Texts) -> SendMessage:
    """Ask an admin, in his language, to decide about a stranger or a foreign group."""
    who = _who(row)
    if row.title is None:
        text = filled(words.request, name=who, id=row.telegram_id)
    else:
        text = filled(words.request_group, name=who, title=row.title, id=row.telegram_id)
    buttons = [
        InlineKeyboardButton(text=words.allow_button, callback_data=f"allow:{row.telegram_id}"),
        InlineKeyboardButton(text=words.deny_button, callback_data=f"deny:{row.telegram_id}"),
    ]
    return letter(admin, text, InlineKeyboardMarkup(inline_keyboard=[buttons]))


def _who(row: Access) -> Text:
    """Return the name of who asked, for themselves or for a group."""
    person = row.by if row.title is not None else row.telegram_id
    return linked(person, row.name) if person else Code(row.name or str(row.telegram_id))
