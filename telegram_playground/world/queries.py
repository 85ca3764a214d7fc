"""Questions that a bot must answer in time: button presses, guest messages, inline queries."""

import asyncio
from dataclasses import dataclass, field

from telegram_playground.protocol.errors import QUERY_TOO_OLD, bad_request
from telegram_playground.protocol.wire import Json
from telegram_playground.world.chats import Chat, Message
from telegram_playground.world.payments import Invoice
from telegram_playground.world.people import Bot, User
from telegram_playground.world.state import World

MAX_OPEN = 10_000
_MAX_TYPED = 256  # characters of an inline query, core.telegram.org/bots/api#inlinequery


@dataclass(slots=True)
class Query:
    """One question and what has become of it."""

    id: str
    kind: str
    bot: Bot
    user: User
    chat: Chat
    message_id: int | None
    expires: float
    answered: "asyncio.Future[Json | None]"
    asked: float
    text: str = ""  # of an inline query
    # of an inline query: content and keyboard of each result
    results: dict[str, tuple[Json, Json | None]] = field(default_factory=dict)
    is_typed: bool = False


class Queries:
    """The questions that are open or were answered a while ago."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._queries: dict[str, Query] = {}

    def press(self, message: Message, user: User, data: str) -> Query:
        """Let a user press a button; raises ValueError where no bot would hear of it."""
        bot = self._world.bots.get(message.sender.id) or self._via(message)
        if bot is None:
            raise ValueError("the message is not a bot's")
        query = self._open("callback", bot, user, message.chat, message.message_id)
        update: Json = {"id": query.id, "from": user.json(), "chat_instance": message.chat.key, "data": data}
        update |= {"inline_message_id": message.inline_id} if message.inline_id else {"message": message.json()}
        bot.updates.add("callback_query", update)
        return query

    def summon(self, chat: Chat, user: User, bot: Bot, content: Json) -> Query:
        """Let a user mention a bot that is no member: a guest message."""
        message = self._world.post(chat, user, content)
        query = self._open("guest", bot, user, chat, message.message_id)
        bot.updates.add("guest_message", {**message.json(), "guest_query_id": query.id})
        return query

    def ask(self, chat: Chat, user: User, bot: Bot, text: str) -> Query:
        """Let a user type an inline query."""
        query = self._open("inline", bot, user, chat, None)
        query.text, query.is_typed = text[:_MAX_TYPED], True
        kinds = {"private": "sender" if chat.has(bot.id) else "private"}
        update = {
            "id": query.id,
            "from": user.json(),
            "query": query.text,
            "offset": "",
            "chat_type": kinds.get(chat.type, chat.type),
        }
        bot.updates.add("inline_query", update)
        return query

    def check(self, kind: str, bot: Bot, query_id: str) -> Query:
        """Return a question that a bot may still answer; raises ApiError."""
        query = self._queries.get(query_id)
        now = self._world.clock.now()
        if query is None or query.kind != kind or query.bot is not bot or now > query.expires:
            raise bad_request(QUERY_TOO_OLD)
        if query.answered.done() and (kind != "callback" or self._world.options.callback_once):
            raise bad_request(QUERY_TOO_OLD)
        return query

    def open_web_app(self, chat: Chat, user: User, bot: Bot) -> Query:
        """Let a user open a web app that may answer with a message."""
        return self._open("web_app", bot, user, chat, None)

    def prepare(self, user: User, bot: Bot, results: dict[str, tuple[Json, Json | None]]) -> Query:
        """Keep a result that a user may choose without having asked."""
        query = self._open("inline", bot, user, self._world.private(user, bot), None)
        query.results = results
        return query

    def pay(self, kind: str, chat: Chat, user: User, bot: Bot, invoice: Invoice, more: Json) -> Query:
        """Ask a bot about a payment: where it is delivered, or whether it may be made."""
        query = self._open(kind, bot, user, chat, None)
        update: Json = {"id": query.id, "from": user.json(), "invoice_payload": invoice.payload, **more}
        if kind == "pre_checkout":
            update |= {"currency": invoice.currency, "total_amount": invoice.amount}
        bot.updates.add(f"{kind}_query", update)
        return query

    def answer(self, kind: str, bot: Bot, query_id: str, answer: Json) -> Query:
        """Take a bot's answer; raises ApiError for one that is too late, or the second one."""
        query = self.check(kind, bot, query_id)
        if query.answered.done():
            return query
        query.answered.set_result(answer)
        if kind == "callback":
            self._tell(query, answer)
        return query

    def get(self, query_id: str) -> Query | None:
        """Return a question by its id."""
        return self._queries.get(query_id)

    def waiting(self, kind: str, *, longer_than_s: float) -> list[Query]:
        """Return the questions that are not answered yet, and were asked a while ago."""
        then = self._world.clock.now() - longer_than_s
        return [
            query
            for query in self._queries.values()
            if query.kind == kind and query.asked < then and not query.answered.done()
        ]

    def _open(self, kind: str, bot: Bot, user: User, chat: Chat, message_id: int | None) -> Query:
        world, options = self._world, self._world.options
        lifetime_s = options.callback_expiry_s if kind == "callback" else options.guest_expiry_s
        query_id = str(world.random.randrange(10**17, 10**18))
        answered: asyncio.Future[Json | None] = asyncio.get_running_loop().create_future()
        now = world.clock.now()
        query = Query(query_id, kind, bot, user, chat, message_id, now + lifetime_s, answered, now)
        self._queries[query_id] = query
        if len(self._queries) > MAX_OPEN:
            self._queries.pop(next(iter(self._queries)))
        world.tasks.start(self._expire(query, lifetime_s))
        return query

    async def _expire(self, query: Query, lifetime_s: float) -> None:
        await self._world.clock.sleep(lifetime_s)
        if not query.answered.done():
            query.answered.set_result(None)
            query.expires = float("-inf")
            if query.kind == "callback":
                self._tell(query, None)
                self._world.feed.neglected("unanswered", query.bot.id, "answerCallbackQuery", query.chat.key)

    def _tell(self, query: Query, answer: Json | None) -> None:
        world = self._world
        entry: Json = {
            "kind": "callback",
            "time": world.clock.now(),
            "by": query.bot.id,
            "message_id": query.message_id,
        }
        entry |= {"text": (answer or {}).get("text", ""), "user": query.user.id, "answer": answer}
        world.feed.record(query.chat.transcript, entry)
        told = {"chat": query.chat.key, "user": query.user.id, "message_id": query.message_id, "answer": answer}
        world.tell("callback", **told)

    def _via(self, message: Message) -> Bot | None:
        return self._world.bots.get(message.extra.get("via_bot", {}).get("id", 0))
