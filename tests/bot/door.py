"""Door: the whole of intake behind one call, wired as the bot wires it; what it would send is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from aiogram import BaseMiddleware, Bot, Dispatcher, Router
from aiogram.methods import AnswerCallbackQuery, EditMessageText, SendMessage
from aiogram.types import InlineKeyboardButton, TelegramObject, User
from sqlalchemy import select

from bot.catalog.catalog import Catalog
from bot.clock import Clock
from bot.delivery.seen import Seen
from bot.intake.denials import Denials
from bot.intake.elsewhere.queries import Queries
from bot.intake.exports import Exports
from bot.intake.freshness import Freshness
from bot.intake.handlers.router import router
from bot.intake.message.tails import Tails
from bot.intake.middlewares.access import Access
from bot.intake.middlewares.chat import LoadChat
from bot.intake.middlewares.handler import Handler
from bot.intake.middlewares.posting import PostReturned
from bot.intake.notice import Method
from bot.intake.outbox import Outbox
from bot.intake.people.admins import Admins
from bot.intake.people.requests import Requests
from bot.intake.updates.intake import Intake
from bot.intake.updates.risks import Risks
from bot.settings import Settings
from bot.storage.engine.database import Sessions
from bot.storage.exchanges.jobs import Job
from bot.storage.people.access import Accesses
from bot.storage.people.accounts import Accounts
from bot.storage.people.asks import Asks
from bot.storage.people.invites import Invites
from bot.storage.questions.lookup import Lookup
from bot.storage.tables import Chat
from bot.storage.telegram.notices import Notices
from bot.storage.telegram.updates import Updates
from bot.texts import Texts
from tests.bot.raw import BOT_ID, BOT_NAME, Raw
from tests.bot.store import Store
from tests.bot.telegram import Telegram

TOKEN = f"{BOT_ID}:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc"
ACCESS, CHAT = "around: access", "around: chat"  # among what the dispatcher hands on
ME = User(id=BOT_ID, is_bot=True, first_name="Delta", username=BOT_NAME, can_read_all_group_messages=True)


@dataclass(slots=True)
class Posted:
    """What was given to be sent, and what of it nobody asked for."""

    methods: list[Method] = field(default_factory=list)
    unasked: list[Method] = field(default_factory=list)
    keys: list[int | None] = field(default_factory=list)
    last: list[Method] = field(default_factory=list)
    openly: list[Method | None] = field(default_factory=list)
    room: bool = True
    places: int = 1_000  # for those that are posted together

    def post(
        self,
        method: Method,
        *,
        by: int = 0,
        key: int | None = None,
        last: bool = False,
        openly: Method | None = None,
    ) -> None:
        self.openly.append(openly)
        self.methods.append(method)
        self.keys.append(key)
        if last:
            self.last.append(method)
        if not by and getattr(method, "chat_id", None) is not None:
            self.unasked.append(method)

    def has_room(self, chat_id: int, by: int, also: Sequence[int] = ()) -> bool:
        return self.room and len(also) < self.places


class Door:
    """Takes raw updates; `knock` returns what the bot says to one."""

    def __init__(
        self,
        db: Sessions,
        clock: Clock,
        settings: Settings,
        catalog: Catalog,
        *,
        me: User = ME,
        personas: Mapping[str, str] | None = None,
    ) -> None:
        self.db = db
        self.settings = settings
        self.catalog = catalog
        self.outbox = Posted()
        self.store = Store(db, clock)
        self.seen = Seen(self.store.parts, clock)
        self.accesses = Accesses(db, clock)
        self.asks = Asks(db, clock)
        self.accounts = Accounts(db, clock)
        self.invites = Invites(db, clock, self.accesses)
        self.updates = Updates(db, clock)
        self.notices = Notices(db, clock)
        self.group_admins: list[Raw] = []
        self.admins = Admins(self._administrators, self.accesses, clock)
        self.wanted: list[int] = []
        self.mistake = ""  # in the configuration, when it is read anew
        self.saying = Outbox(self.outbox, self.store.taking, self.notices, self.wanted.append)
        self.requests = Requests(settings, self.accesses, self.asks, self.saying, clock)
        self.exports = Exports(self.store.conversations, self.store.trees, self.outbox, self.catalog.signature)
        self.dispatcher = Dispatcher(
            disable_fsm=True,
            me=me,
            clock=clock,
            conversations=self.store.conversations,
            finds=self.store.finds,
            exports=self.exports,
            settings=settings,
            catalog=catalog,
            personas=personas or {},
            chats=self.store.chats,
            overhearing=self.store.overhearing,
            prompts=self.store.prompts,
            versions=self.store.versions,
            elsewhere=self.store.elsewhere,
            queries=Queries(),
            calls=self.store.calls,
            stops=self.store.stops,
            orders=self.store.orders,
            accesses=self.accesses,
            asks=self.asks,
            accounts=self.accounts,
            invites=self.invites,
            admins=self.admins,
            asked=self.saying.asked,
            figures=self._figures,
            reread=lambda: self.mistake,
        )
        self.dispatcher.update.outer_middleware(PostReturned(self.seen, Denials(clock)))
        freshness = Freshness(Lookup(db, clock), self.accesses, self.store.chats)
        self.dispatcher[ACCESS] = Access(
            settings,
            self.accesses,
            freshness,
            self.saying.asked,
            self.invites,
            Tails(clock),
            self.store.overhearing,
        )
        self.dispatcher[CHAT] = LoadChat(
            settings, self.store.chats, self.store.elsewhere, freshness, catalog, self.saying.asked
        )
        self.dispatcher.sub_routers.append(_router())  # not attached: it can be to one dispatcher only
        self.bot = Bot(TOKEN, session=Telegram())  # a real one loads certificates for longer than a test takes
        self.risks = Risks(self.updates, self.accesses, settings)
        self.intake = Intake(self.bot, self.dispatcher, self.saying, settings, self.risks, clock)

    async def knock(self, update: Raw) -> list[Method]:
        """Hand in an update and return what it made the bot say, to admins too."""
        before = len(self.outbox.methods)
        await self.intake.receive(update)
        while self.wanted:
            telegram_id = self.wanted.pop(0)
            await self.admins.look_up(telegram_id)
            await self.intake.resume(telegram_id)
        await self.requests.tell()
        return self.outbox.methods[before:]

    async def told(self, update: Raw) -> list[str]:
        """Hand in an update and return the texts of the notices that it made."""
        return [method.text for method in await self.knock(update) if isinstance(method, SendMessage)]

    async def toast(self, update: Raw) -> str | None:
        """Hand in the press of a button and return what is shown above it; there is exactly one answer."""
        (answer,) = [method for method in await self.knock(update) if isinstance(method, AnswerCallbackQuery)]
        return answer.text

    async def asked(self) -> list[str]:
        """Return all prompts that were queued, oldest first."""
        return await self.store.asked()

    async def queue(self) -> list[Job]:
        """Return all answers, oldest first."""
        return await self.store.queue()

    async def rows(self) -> list[Chat]:
        """Return all conversations, oldest first."""
        async with self.db() as session:
            return list(await session.scalars(select(Chat).order_by(Chat.id)))

    async def _figures(self, words: Texts) -> str:
        return words.health_ready

    async def _administrators(self, _method: object) -> list[Raw]:
        return [{"status": "administrator", "user": user} for user in self.group_admins]


class OfTheDoor(BaseMiddleware):
    """The middleware that a door has under a name: the router is the same for all of them."""

    def __init__(self, name: str) -> None:
        self._name = name

    async def __call__(self, handler: Handler, event: TelegramObject, data: dict[str, Any]) -> object:
        """Handle one update."""
        around: BaseMiddleware = data[self._name]
        return await around(handler, event, data)


@cache
def _router() -> Router:
    """Build the router once: that takes as long as two tests."""
    return router(OfTheDoor(ACCESS), OfTheDoor(CHAT))


def buttons(method: Method) -> list[InlineKeyboardButton]:
    """Return the buttons that a notice or an edit brings, row by row."""
    assert isinstance(method, SendMessage | EditMessageText)
    markup = method.reply_markup
    rows = getattr(markup, "inline_keyboard", [])
    return [button for row in rows for button in row]


def data(method: Method) -> list[str | None]:
    """Return what the buttons of a notice or an edit carry."""
    return [button.callback_data for button in buttons(method)]
