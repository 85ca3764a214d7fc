"""Chats, their topics, messages and drafts."""

import asyncio
from dataclasses import dataclass, field
from typing import Literal

from telegram_playground.protocol.wire import Json
from telegram_playground.text.rich import message as rich
from telegram_playground.world.feed import Transcript
from telegram_playground.world.files import File
from telegram_playground.world.invites import Invite
from telegram_playground.world.latest import Latest
from telegram_playground.world.members import ADMINS, PERMITTED_AT_FIRST, PRESENT, Member, Status
from telegram_playground.world.people import Bot, User

ChatType = Literal["private", "group", "supergroup", "channel"]
MAX_ALBUMS = 100  # that people may still add to, in a chat


@dataclass(slots=True)
class Topic:
    """A topic of a forum."""

    thread_id: int
    name: str
    is_closed: bool = False
    is_hidden: bool = False
    icon: str = ""


@dataclass(slots=True)
class Draft:
    """What a bot shows while it writes; `expires` is a time of the server's clock."""

    bot: Bot
    draft_id: int
    thread_id: int | None
    content: Json
    can_stop: bool
    keep_on_stop: bool
    expires: float
    stopped: bool = False

    def json(self) -> Json:
        """Return the draft as the control API shows it."""
        draft: Json = {"bot": self.bot.id, "draft_id": self.draft_id, **_thread(self.thread_id)}
        draft |= {
            "text": "",
            **self.content,
            "can_stop": self.can_stop,
            "stopped": self.stopped,
            "expires": self.expires,
        }
        return draft

    def words(self) -> str:
        """Return what a reader can read."""
        return _words(self.content)


@dataclass(slots=True)
class Chat:
    """A chat. `key` is its name inside the server, `id` the one bots know it by."""

    key: str
    id: int
    type: ChatType
    title: str = ""
    username: str = ""
    is_forum: bool = False
    user: User | None = None  # of a private chat
    started: bool = True  # False: the user has not written to the bot yet
    bots: dict[int, Bot] = field(default_factory=dict)
    members: dict[int, Member] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    messages: "dict[int, Message]" = field(default_factory=dict)
    drafts: dict[tuple[int, int | None], Draft] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    description: str = ""
    last_message_id: int = 0  # of a supergroup; else the bots count
    last_writer: int = 0
    migrated_to: "Chat | None" = None
    linked: "Chat | None" = None  # a channel's discussion group, and the other way round
    signs: bool = False  # a channel that tells who wrote
    photo: File | None = None
    permissions: Json = field(default_factory=lambda: dict(PERMITTED_AT_FIRST))
    invites: dict[str, Invite] = field(default_factory=dict)
    requests: dict[int, User] = field(default_factory=dict)  # who asks to join
    banned_senders: set[int] = field(default_factory=set)  # channels that may not write here
    sticker_set: str = ""  # of a supergroup
    general: Topic = field(default_factory=lambda: Topic(1, "General"))
    transcript: Transcript = field(default_factory=Transcript)
    albums: dict[tuple[int, str], str] = field(
        default_factory=lambda: Latest(MAX_ALBUMS)
    )  # by who and what they call it
    lanes: dict[str, asyncio.Lock] = field(default_factory=dict)  # calls for this chat, one after the other

    def next_message_id(self) -> int:
        """Count one more message."""
        if self.type in ("supergroup", "channel"):
            self.last_message_id += 1
            return self.last_message_id
        following = max((bot.last_message_id for bot in self.bots.values()), default=self.last_message_id) + 1
        self.last_message_id = following
        for bot in self.bots.values():
            bot.last_message_id = following
        return following

    def told(self, message_id: int | None) -> "Message | None":
        """Return a message by the id by which bots know it; one that is to one account alone has none."""
        message = self.messages.get(message_id or 0)
        return message if message and message.to is None else None

    def status(self, user_id: int) -> Status:
        """Return what an account is in this chat."""
        member = self.members.get(user_id)
        return member.status if member else "left"

    def has(self, user_id: int) -> bool:
        """Tell whether an account is in this chat."""
        return self.status(user_id) in PRESENT

    def may(self, user_id: int, right: str) -> bool:
        """Tell whether an account has a right of administrators."""
        member = self.members.get(user_id)
        return member is not None and member.may(right)

    def permits(self, user_id: int, permission: str) -> bool:
        """Tell whether a member may do what members may."""
        member = self.members.get(user_id)
        if self.type == "private" or (member and member.status in ADMINS):
            return True
        own = member.permissions if member and member.status == "restricted" else None
        return bool(self.permissions.get(permission)) and (own is None or bool(own.get(permission)))

    def json(self) -> Json:
        """Return the chat as the Bot API shows it."""
        chat: Json = {"id": self.id, "type": self.type}
        if self.user:
            chat |= {name: value for name, value in self.user.json().items() if name.endswith("name")}
        else:
            chat["title"] = self.title
            if self.username:
                chat["username"] = self.username
            if self.is_forum:
                chat["is_forum"] = True
        return chat

    def control_json(self) -> Json:
        """Return the chat as the control API shows it."""
        return {
            "key": self.key,
            "id": self.id,
            "type": self.type,
            "title": self.user.first_name if self.user else self.title,
            "is_forum": self.is_forum,
            "bots": list(self.bots),
            "members": [{"user": member.user.id, "status": member.status} for member in self.members.values()],
            "topics": [
                {"message_thread_id": topic.thread_id, "name": topic.name, "is_closed": topic.is_closed}
                for topic in self.topics.values()
            ],
            "blocked": self.type == "private" and any(self.status(bot) == "kicked" for bot in self.bots),
            "migrated_to": self.migrated_to.key if self.migrated_to else None,
            "pinned": self.pinned,
        }


@dataclass(slots=True)
class Message:
    """One message. `content` are the Bot API's fields that say what it shows: text and entities, a photo, an event …"""

    chat: Chat
    message_id: int
    sender: User
    date: int
    content: Json
    thread_id: int | None = None
    reply_to: int | None = None
    quote: Json | None = None
    markup: Json | None = None
    edit_date: int = 0
    extra: Json = field(default_factory=dict)  # forward_origin, via_bot, media_group_id …
    inline_id: str = ""  # of a message sent by way of a bot
    reactions: dict[int, str] = field(default_factory=dict)
    is_read: bool = False  # a person's: a bot has taken it
    ephemeral_id: int = 0  # by which bots know one that is `to` one account alone
    to: User | None = None

    def json(self, *, nested: bool = False) -> Json:
        """Return the message as the Bot API shows it; a nested one without what it replies to."""
        message: Json = {
            "message_id": 0 if self.to else self.message_id,
            **_thread(self.thread_id),
            "from": self.sender.json(),
            "date": self.date,
            "chat": self.chat.json(),
        }
        if self.chat.type == "channel":
            del message["from"]
            message["sender_chat"] = self.chat.json()
        if self.thread_id is not None:
            message["is_topic_message"] = True
        if self.edit_date:
            message["edit_date"] = self.edit_date
        replied = self.chat.told(self.reply_to) if self.reply_to is not None and not nested else None
        if replied:
            message["reply_to_message"] = replied.json(nested=True)
        if self.quote:
            message["quote"] = self.quote
        if self.to:
            message |= {"ephemeral_message_id": self.ephemeral_id, "receiver_user": self.to.json()}
        message |= self.extra
        message |= self.content
        if self.markup and "inline_keyboard" in self.markup:
            message["reply_markup"] = self.markup
        return message

    def seen(self) -> Json:
        """Return the message as people see it, reply keyboards too."""
        message = {**self.json(), "message_id": self.message_id, "from": self.sender.json()}
        if self.markup:
            message["reply_markup"] = self.markup
        if self.is_read:
            message["read"] = True
        if self.reactions:
            message["reactions"] = [{"emoji": emoji, "user": user} for user, emoji in self.reactions.items()]
        return message

    def words(self) -> str:
        """Return what a reader can read: text, caption, or the plain words of a rich message."""
        return _words(self.content)


def _words(content: Json) -> str:
    if "rich_message" in content:
        return rich.words(content["rich_message"])
    return str(content.get("text") or content.get("caption") or "")


def _thread(thread_id: int | None) -> Json:
    return {} if thread_id is None else {"message_thread_id": thread_id}
