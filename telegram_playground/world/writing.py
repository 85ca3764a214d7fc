"""What people do: write, send files, edit, delete, press buttons; as Telegram's apps do it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from telegram_playground.protocol.errors import ApiError, bad_request
from telegram_playground.protocol.wire import Json
from telegram_playground.text.message_text import MAX_CAPTION, MAX_TEXT, parse, settle
from telegram_playground.text.spans import utf16_length
from telegram_playground.world.audience import sees
from telegram_playground.world.buttons import keyboard
from telegram_playground.world.chats import Chat, Message
from telegram_playground.world.files import File
from telegram_playground.world.media import file_content, kind_of
from telegram_playground.world.members import ADMINS
from telegram_playground.world.people import User
from telegram_playground.world.queries import Queries, Query
from telegram_playground.world.reacting import react
from telegram_playground.world.state import World

MAX_TYPED = 100_000  # characters of one paste


@dataclass(frozen=True, slots=True)
class Person:
    """A user in a chat."""

    world: World
    chat: Chat
    user: User

    def write(
        self,
        text: str,
        *,
        entities: Sequence[Any] = (),
        reply_to: int | None = None,
        quote: str | None = None,
        topic: int | None = None,
    ) -> Message:
        """Write a text; a long one goes in several messages. Returns the last one; raises ApiError."""
        self.check(topic)
        for content in self.check_text(text, entities=entities, reply_to=reply_to):
            message = self.post(content, reply_to=reply_to, quote=quote, topic=topic)
        return message

    def check_text(self, text: str, *, entities: Sequence[Any] = (), reply_to: int | None = None) -> list[Json]:
        """Return the contents of the messages in which a text goes; raises ApiError where it cannot be sent."""
        if len(text) > MAX_TYPED:
            raise bad_request("text is too long")
        self._replied(reply_to)
        if utf16_length(text) <= MAX_TEXT:
            return [self._content(text, entities)]
        contents = [self._content(piece, ()) for piece in _pieces(text) if piece.strip()]
        if not contents:
            raise bad_request("message text is empty")
        return contents

    def send(
        self,
        file: File,
        *,
        kind: str = "",
        caption: str = "",
        entities: Sequence[Any] = (),
        album: str = "",
        reply_to: int | None,
        topic: int | None,
    ) -> Message:
        """Send a file; those with the same `album` are one. Raises ApiError."""
        self.check(topic)
        content = file_content(kind or kind_of(file.mime), file)
        if caption.strip():
            content |= self._caption(caption, entities)
        extra = {"media_group_id": self._album(album)} if album else None
        return self.post(content, reply_to=reply_to, topic=topic, extra=extra)

    def check_edit(self, message_id: int, text: str, entities: Sequence[Any] = ()) -> Message:
        """Return an own message that can be edited; raises ApiError."""
        message = self.message(message_id)
        if message.to or message.sender is not self.user or not {"text", "caption"} & message.content.keys():
            raise bad_request("message can't be edited")
        self._edited(message, text, entities)
        return message

    def edit(self, message_id: int, text: str, entities: Sequence[Any] = ()) -> Message:
        """Edit an own message; raises ApiError."""
        message = self.check_edit(message_id, text, entities)
        self.world.edit(message, self._edited(message, text, entities), message.markup)
        return message

    def delete(self, message_id: int) -> None:
        """Delete an own message, or any one in a private chat or as an administrator; raises ApiError."""
        message = self.message(message_id)
        rights = self.chat.type == "private" or self.chat.status(self.user.id) in ("creator", "administrator")
        if self.user not in (message.sender, message.to) and not rights:
            raise bad_request("message can't be deleted")
        self.world.delete(message)

    def react(self, message_id: int, emoji: str | None) -> None:
        """React to a message, or take it back; raises ApiError."""
        react(self.world, self.message(message_id), self.user, emoji)

    def press(self, queries: Queries, message_id: int, *, data: str | None, label: str | None) -> Query:
        """Press an inline button, found by its data or label; raises ApiError where there is none."""
        message = self.message(message_id)
        for button in (button for row in keyboard(message.markup) for button in row):
            if "data" in button and (button["data"] == data or (data is None and button["text"] == label)):
                return queries.press(message, self.user, button["data"])
        raise bad_request("there is no such button under the message")

    def _album(self, word: str) -> str:
        """Return the id of an album by what its sender calls it; no other one ever has it."""
        place = (self.user.id, word)
        if place not in self.chat.albums:
            self.chat.albums[place] = str(self.world.random.randrange(10**16, 10**17))
        return self.chat.albums[place]

    def _edited(self, message: Message, text: str, entities: Sequence[Any]) -> Json:
        """Return what a message shows with another text; raises ApiError where that cannot be sent either."""
        if len(text) > MAX_TYPED:
            raise bad_request("message is too long")
        if "text" in message.content:
            content = self._content(text, entities)
            if utf16_length(content["text"]) > MAX_TEXT:
                raise bad_request("message is too long")
            return content
        kept = {name: value for name, value in message.content.items() if not name.startswith("caption")}
        return kept | self._caption(text, entities)

    def _caption(self, caption: str, entities: Sequence[Any]) -> Json:
        formatted = settle(parse(caption, None, entities), self.world.roster.account)
        if utf16_length(formatted.text) > MAX_CAPTION:
            raise bad_request("message caption is too long")
        return formatted.content(text="caption", entities="caption_entities")

    def _content(self, text: str, entities: Sequence[Any]) -> Json:
        return settle(parse(text, None, entities), self.world.roster.account).content()

    def message(self, message_id: int) -> Message:
        """Return a message of the chat that the user sees; raises ApiError."""
        message = self.chat.messages.get(message_id)
        if message is None or not sees(self.user, message):
            raise bad_request("message not found")
        return message

    def _replied(self, message_id: int | None) -> Message | None:
        """Return the message that is replied to, if there is to be one; raises ApiError."""
        if message_id is None:
            return None
        try:
            return self.message(message_id)
        except ApiError as error:
            raise bad_request("message to be replied not found") from error

    def check(self, topic: int | None) -> None:
        """Raise ApiError where the user cannot write."""
        chat = self.chat
        if not chat.has(self.user.id):
            raise ApiError(403, "Forbidden: the user is not a member of the chat")
        if chat.type == "channel" and chat.status(self.user.id) not in ADMINS:
            raise ApiError(403, "Forbidden: the user is no administrator of the channel")
        if not chat.permits(self.user.id, "can_send_messages"):
            raise ApiError(403, "Forbidden: the user may not write in the chat")
        if chat.migrated_to:
            raise bad_request("group chat was upgraded to a supergroup chat")
        if topic is not None and topic not in chat.topics:
            raise bad_request("message thread not found")

    def start(self) -> None:
        """Let the bot of a private chat write from now on: its user has written."""
        if self.chat.type == "private" and not self.chat.started:
            self.chat.started = True
            self.world.tell_chat(self.chat)

    def post(
        self,
        content: Json,
        *,
        reply_to: int | None = None,
        quote: str | None = None,
        topic: int | None = None,
        extra: Json | None = None,
    ) -> Message:
        """Put a message of theirs into the chat; raises ApiError where there is nothing to reply to."""
        replied = self._replied(reply_to)
        self.start()
        position = replied.words().find(quote) if replied and quote else -1
        extra = dict(extra or {})
        if self.chat.type == "channel" and self.chat.signs:
            extra["author_signature"] = " ".join(part for part in (self.user.first_name, self.user.last_name) if part)
        return self.world.post(
            self.chat,
            self.user,
            content,
            thread_id=topic if topic is not None or replied is None else replied.thread_id,
            reply_to=reply_to,
            quote={"text": quote, "position": position, "is_manual": True} if position >= 0 else None,
            extra=extra,
        )


def _pieces(text: str) -> list[str]:
    """Cut a paste into messages, as Telegram's apps do: at 4096, after a line or a word if there is one near."""
    pieces = []
    while text:
        end = len(text) if utf16_length(text) <= MAX_TEXT else _cut(text)
        pieces.append(text[:end])
        text = text[end:]
    return pieces


def _cut(text: str) -> int:
    end, units = 0, 0
    for character in text:
        units += 2 if character > "\uffff" else 1
        if units > MAX_TEXT:
            break
        end += 1
    for separator in ("\n", " "):
        at = text.rfind(separator, end // 2, end)
        if at > 0:
            return at + 1
    return end
