"""What a method needs to carry out a call."""

from dataclasses import dataclass, field

from telegram_playground.api.schema import Upload, integer
from telegram_playground.limits.flood_limits import Family, Floods
from telegram_playground.protocol.errors import ApiError, bad_request, forbidden
from telegram_playground.text.message_text import MAX_TEXT, Parsed, settle, too_long
from telegram_playground.text.spans import Formatted
from telegram_playground.world.calls import Call
from telegram_playground.world.chats import Chat, Message
from telegram_playground.world.files import File
from telegram_playground.world.people import Bot, User
from telegram_playground.world.queries import Queries
from telegram_playground.world.state import World


@dataclass(frozen=True, slots=True)
class Context:
    """One call: who makes it, with which files, and the world it changes."""

    world: World
    floods: Floods
    bot: Bot
    call: Call
    queries: Queries
    uploads: dict[str, Upload]
    new_files: list[File] = field(default_factory=list)

    def add_file(self, upload: Upload, kind: str) -> File:
        """Store what came with the call; it goes again where the call is refused."""
        file = self.world.files.add(upload.name, upload.mime, upload.data, kind=kind)
        self.new_files.append(file)
        return file

    def forget_files(self) -> None:
        """Take back the files of a refused call."""
        for file in self.new_files:
            self.world.files.remove(file)

    def chat(self, chat_id: int | str | None) -> Chat:
        """Return a chat the bot may read; raises ApiError for one that it does not know."""
        if chat_id in (None, "", 0):
            raise bad_request("chat_id is empty")
        found: Chat | User | None
        if isinstance(chat_id, str) and chat_id.startswith("@"):
            found = self.world.roster.named(chat_id)
        else:
            known_id = integer(str(chat_id))
            if known_id == self.bot.id:
                raise forbidden("the bot can't send messages to the bot")
            found = self.world.chat_of(self.bot, known_id) or self._known(known_id)
        if not isinstance(found, Chat):
            raise bad_request("chat not found")
        return found

    def writable(self, chat_id: int | str | None) -> Chat:
        """Return a chat the bot may write in; raises ApiError where it may not."""
        chat = self.chat(chat_id)
        status = chat.status(self.bot.id)
        if chat.type == "private":
            if not chat.started:
                raise forbidden("bot can't initiate conversation with a user")
            if status == "kicked":
                raise forbidden("bot was blocked by the user")
            return chat
        if chat.migrated_to:
            migrated = {"migrate_to_chat_id": chat.migrated_to.id}
            raise ApiError(400, "Bad Request: group chat was upgraded to a supergroup chat", migrated)
        kind = chat.type
        if status == "kicked":
            raise forbidden(f"bot was kicked from the {kind} chat")
        if not chat.has(self.bot.id):
            raise forbidden(f"bot is not a member of the {kind} chat")
        return chat

    def administers(self, chat: Chat, right: str, refusal: str) -> None:
        """Raise ApiError where the bot has not a right of administrators."""
        if not chat.may(self.bot.id, right):
            raise bad_request(refusal)

    def known_user(self, user_id: int) -> User:
        """Return a user by id; raises ApiError for one that is not known."""
        if user_id <= 0:
            raise bad_request("invalid user_id specified")
        user = self.world.users.get(user_id)
        if user is None:
            raise bad_request("user not found")
        return user

    def own(self, chat: Chat, message_id: int | None, *, verb: str = "edit") -> Message:
        """Return a message that the bot may edit; raises ApiError where there is none."""
        if not message_id:
            raise bad_request("message identifier is not specified")
        message = chat.told(message_id)
        if message is None:
            raise bad_request(f"message to {verb} not found")
        other_keyboard = message.markup is not None and "inline_keyboard" not in message.markup
        if message.sender.id != self.bot.id or "forward_origin" in message.extra or other_keyboard:
            raise bad_request(f"message can't be {verb}ed")
        return message

    def settled(self, parsed: Parsed, *, can_be_empty: bool = False) -> Formatted:
        """Return a text as it will be stored; raises ApiError where nothing is left of it."""
        return settle(parsed, self.world.roster.account, can_be_empty=can_be_empty)

    def check_length(self, text: str, error: str, *, limit: int = MAX_TEXT) -> None:
        """Raise a 400 for a text over the limit."""
        if too_long(text, unit=self.world.options.length_unit, limit=limit):
            raise bad_request(error)

    async def admit(self, chat: Chat, family: Family = "message") -> None:
        """Wait as long as the flood limits ask, or raise TooManyRequests."""
        now = self.world.clock.now()
        self.call.charged = (chat.id, family, now)
        try:
            wait = self.floods.admit(self.bot.id, chat.id, family, now)
        finally:
            if self.world.feed.watched:
                meters = self.floods.meters(self.bot.id, chat.id, now)
                self.world.tell("meters", meters=[meter.json() for meter in meters])
        if wait:
            self.call.waited_s = wait
            await self.world.clock.sleep(wait)

    def _known(self, user_id: int) -> Chat | None:
        """Return the empty private chat of a user whom the bot knows from a group."""
        user = self.world.users.get(user_id)
        if user is None or user.is_bot:
            return None
        for chat in self.world.chats.values():
            if self.bot.id in chat.bots and chat.type != "private" and chat.has(user_id):
                return self.world.unopened(user, self.bot)
        return None
