"""The world of the server: its chats, and what happens to messages."""

import random as randomness
from collections.abc import Iterable

from telegram_playground.options import Options
from telegram_playground.process.clock import Clock
from telegram_playground.process.tasks import Tasks
from telegram_playground.protocol.wire import Json
from telegram_playground.world.audience import hears
from telegram_playground.world.chats import Chat, ChatType, Message
from telegram_playground.world.drafts import Drafts
from telegram_playground.world.entry import told
from telegram_playground.world.feed import Feed
from telegram_playground.world.files import Files
from telegram_playground.world.kept import Kept
from telegram_playground.world.latest import Latest
from telegram_playground.world.members import Member
from telegram_playground.world.payments import Invoice, Payment
from telegram_playground.world.people import Bot, User, Webhook
from telegram_playground.world.polls import Poll
from telegram_playground.world.roster import Roster, check_room
from telegram_playground.world.stickers import StickerSet
from telegram_playground.world.updates import Updates

MAX_CHATS, MAX_INLINE, MAX_STICKER_SETS = 20_000, 10_000, 1000
WEBHOOKS = "webhooks"  # topic of the feed
_TELEGRAM = 777_000  # writes what a channel posts into its group


class World:
    """All state, in memory. Every change is told to the feed and to the bots that hear of it."""

    def __init__(self, *, clock: Clock, random: randomness.Random, options: Options, tasks: Tasks) -> None:
        self.clock = clock
        self.random = random
        self.options = options
        self.tasks = tasks
        self.feed = Feed()
        self.files = Files(random)
        self.kept = Kept()
        self.drafts = Drafts(clock, self.feed, tasks)
        self.roster = Roster(random, tell=self.tell, updates=self.updates)
        self.bots, self.users = self.roster.bots, self.roster.users
        self.chats: dict[str, Chat] = {}
        self.inline: dict[str, Message] = {}
        self.polls: dict[str, Poll] = Latest(MAX_INLINE)
        self.invoices: dict[tuple[str, int], Invoice] = Latest(MAX_INLINE)  # by chat and message
        self.invoice_links: dict[str, tuple[int, Invoice]] = Latest(MAX_INLINE)  # with the bot that made it
        self.payments: dict[str, Payment] = Latest(MAX_INLINE)
        self.sticker_sets: dict[str, StickerSet] = Latest(MAX_STICKER_SETS)

    def updates(self, first_id: int) -> Updates:
        """Return an empty queue of updates."""
        updates = Updates(self.clock, first_id)
        updates.on_taken = self._taken
        return updates

    def _taken(self, key: str, message_id: int) -> None:
        """Mark a person's message as read: a bot has taken it."""
        chat = self.chats.get(key)
        message = chat.messages.get(message_id) if chat else None
        if message and not message.is_read:
            message.is_read = True
            self.tell("read", chat=key, message_id=message_id)
            self.feed.changed(key)

    def private(self, user: User, bot: Bot, *, started: bool = False) -> Chat:
        """Return the private chat of a user and a bot, made if there is none."""
        key = f"{bot.id}:{user.id}"
        chat = self.chats.get(key)
        if chat is None:
            check_room(self.chats, MAX_CHATS, "chats")
            chat = self.chats[key] = self.unopened(user, bot)
            chat.started = started
            self.tell_chat(chat)
        return chat

    def unopened(self, user: User, bot: Bot) -> Chat:
        """Return the private chat of two who have none; it is nobody's yet, and no part of the world."""
        members = {user.id: Member(user, "member"), bot.id: Member(bot.user, "member")}
        return Chat(
            f"{bot.id}:{user.id}", user.id, "private", user=user, started=False, bots={bot.id: bot}, members=members
        )

    def add_group(
        self,
        title: str,
        *,
        members: Iterable[User],
        kind: ChatType = "supergroup",
        forum: bool = False,
        username: str = "",
        signs: bool = False,
    ) -> Chat:
        """Make a group or a channel; its first member is its creator. Bots join afterwards."""
        check_room(self.chats, MAX_CHATS, "chats")
        self.roster.check_free(username)
        chat_id = self.roster.next_chat_id(kind)
        chat = Chat(str(chat_id), chat_id, kind, title, username, is_forum=forum)
        chat.signs = signs
        for user in members:
            chat.members[user.id] = Member(user, "member" if chat.members else "creator")
        self.chats[chat.key] = chat
        self.roster.name(username, chat)
        self.tell_chat(chat)
        return chat

    def chat_of(self, bot: Bot, chat_id: int) -> Chat | None:
        """Return the chat that a bot knows by this id."""
        return self.chats.get(f"{bot.id}:{chat_id}" if chat_id > 0 else str(chat_id))

    def post(
        self,
        chat: Chat,
        sender: User,
        content: Json,
        *,
        thread_id: int | None = None,
        reply_to: int | None = None,
        quote: Json | None = None,
        markup: Json | None = None,
        notify: bool = True,
        extra: Json | None = None,
        only: tuple[int, User | None] = (0, None),
    ) -> Message:
        """Put a message into a chat: people see it, drafts of its sender there go, bots hear of it.

        `only`: the id of an ephemeral one, and the account that it is to.
        """
        message = Message(
            chat,
            chat.next_message_id(),
            sender,
            int(self.clock.wall()),
            content,
            thread_id=thread_id,
            reply_to=reply_to,
            quote=quote,
            markup=markup,
            extra=extra or {},
            ephemeral_id=only[0],
            to=only[1],
        )
        self.kept.add(message)
        bot = self.bots.get(sender.id)
        if bot:
            self.drafts.clear(chat, bot, thread_id)
        self._seen("send", message, notify=notify)
        for listener in [*chat.bots.values()]:
            if chat.has(listener.id) and hears(listener, message):
                kind, place = "channel_post" if chat.type == "channel" else "message", (chat.key, message.message_id)
                listener.updates.add(kind, message.json(), tells_of=None if bot else place)
        chat.last_writer = sender.id if bot else chat.last_writer
        if chat.type == "channel" and chat.linked:
            self._discuss(message, chat.linked)
        return message

    def _discuss(self, message: Message, group: Chat) -> None:
        """Forward a channel's post to its discussion group, as Telegram does."""
        origin = {"type": "channel", "chat": message.chat.json(), "message_id": message.message_id}
        extra = {
            "sender_chat": message.chat.json(),
            "is_automatic_forward": True,
            "forward_origin": {**origin, "date": message.date},
        }
        self.post(group, User(_TELEGRAM, "Telegram"), message.content, extra=extra)

    def edit(self, message: Message, content: Json, markup: Json | None) -> None:
        """Change what a message shows; an edit of a person reaches the bots that heard of the message."""
        message.content = content
        message.markup = markup
        message.edit_date = int(self.clock.wall())
        self.kept.weigh(message)
        self._seen("edit", message)
        in_channel = message.chat.type == "channel"
        if not message.sender.is_bot or in_channel:
            for bot in message.chat.bots.values():
                if message.chat.has(bot.id) and bot.id != message.sender.id and hears(bot, message):
                    bot.updates.add("edited_channel_post" if in_channel else "edited_message", message.json())

    def reset(self) -> None:
        """Forget people, chats and all that was sent; bots stay, with nothing pending. Ids go on rising."""
        for bot in self.bots.values():
            bot.updates.clear()
            bot.last_message_id = 0
        self.roster.forget_people()
        self.files = Files(self.random)
        self.kept.clear()
        self.feed.forget()
        for things in (self.chats, self.inline, self.polls, self.invoices, self.invoice_links, self.payments):
            things.clear()
        self.sticker_sets.clear()
        self.tell("reset")

    def show(self, message: Message) -> None:
        """Show a message as it is now: its votes, its reactions."""
        if self.feed.watched:
            self.tell("edit", chat=message.chat.key, message=message.seen())
        self.feed.changed(message.chat.key)

    def delete(self, message: Message) -> None:
        """Take a message away for everybody; bots are not told."""
        chat = message.chat
        self.kept.remove(message)
        now = self.clock.now()
        self.feed.record(chat.transcript, {"kind": "delete", "time": now, "message_id": message.message_id})
        self.tell("delete", chat=chat.key, message_id=message.message_id)
        self.feed.changed(chat.key)

    def keep_inline(self, message: Message, inline_id: str) -> None:
        """Let a bot edit a message that was sent by way of it."""
        message.inline_id = inline_id
        self.inline[inline_id] = message
        if len(self.inline) > MAX_INLINE:
            del self.inline[next(iter(self.inline))]

    def set_webhook(self, bot: Bot, webhook: Webhook | None) -> None:
        """Have a bot's updates sent to an address, or kept for getUpdates."""
        bot.webhook = webhook
        self.feed.changed(WEBHOOKS)
        self.tell("bot", bot=bot.control_json())

    def act(self, chat: Chat, bot: Bot, action: str, thread_id: int | None) -> None:
        """Show "typing…" and its like."""
        thread = {} if thread_id is None else {"message_thread_id": thread_id}
        entry = {"kind": "action", "time": self.clock.now(), "by": bot.id, "text": action, **thread}
        self.feed.record(chat.transcript, entry)
        self.tell("action", chat=chat.key, bot=bot.id, action=action, **thread)

    def tell(self, kind: str, **values: object) -> None:
        """Tell the readers of the feed of a change."""
        self.feed.changes += 1
        if self.feed.watched:
            self.feed.publish({"type": kind, "time": self.clock.now(), **values})

    def tell_chat(self, chat: Chat) -> None:
        """Tell the readers of the feed that a chat is new or changed."""
        if self.feed.watched:
            self.tell("chat", chat=chat.control_json())
        else:
            self.feed.changes += 1

    def set_options(self, options: Options) -> None:
        """Change how the server behaves."""
        self.options = options
        self.tell("options", options=options.json())

    def _seen(self, kind: str, message: Message, **more: bool) -> None:
        """Record and tell a change of a message."""
        chat = message.chat
        entry = told(kind, message, self.clock.now(), **more)
        self.feed.record(chat.transcript, entry)
        if self.feed.watched:
            self.tell("edit" if kind == "edit" else "message", chat=chat.key, message=message.seen())
        self.feed.changed(chat.key)
