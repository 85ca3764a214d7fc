"""The scene: who talks to the bot, and where.

Private chats and basic groups share the bot's message ids; a supergroup has ids of its own, and messages between them
that the bot is shown (an administrator is shown all) or is not (in privacy mode it gets replies and commands only).
"""

from dataclasses import dataclass, field
from random import Random

from telegram_playground.client import Bot, Chat, Message, PlaygroundClient, Topic, User
from tests.crash.essay import Kind, question


@dataclass(slots=True)
class Asked:
    """A question as it stands in its chat."""

    number: int
    kind: Kind
    message_id: int
    may_be_stopped: bool = False
    may_be_dropped: bool = False
    is_retried: bool = False
    author: User | None = None
    former: list[int] = field(default_factory=list)  # numbers that it had before it was edited
    carries: tuple[str, ...] = ()  # what the provider is to be told beside its words: the end of a paste, pictures
    after_new: int = 0  # how many conversations were begun before it
    is_spoken: bool = False  # in a voice message
    documents: int = 0
    is_branch: bool = False  # it replies to an older answer
    parent: "Asked | None" = None  # the question that it goes on from

    @property
    def is_other(self) -> bool:
        """Whether it is asked otherwise than by a text or with pictures."""
        return self.is_spoken or self.documents > 0


@dataclass(slots=True)
class Conversation:
    """A chat, or a topic of one, with all that was asked in it."""

    chat: Chat
    people: list[User]
    bot: Bot
    topic: Topic | None = None
    asked: list[Asked] = field(default_factory=list)
    news: list[int] = field(default_factory=list)  # messages that say /new
    keeps_thoughts: bool = False  # folded above each answer
    sends_many: bool = False  # documents, at the beginning
    is_wordy: bool = False  # its answers are so long that the model takes few of them

    @property
    def begun(self) -> int:
        """How often it was begun anew."""
        return len(self.news)

    @property
    def is_shown_replies_only(self) -> bool:
        """Whether only replies reach the bot."""
        return self.chat.title.startswith("Reserved")

    @property
    def address(self) -> str:
        """What makes a message one for the bot; empty where each is."""
        plain = self.chat.type == "private" or self.is_shown_replies_only
        return "" if plain else f"@{self.bot.username}"

    def addressed(self, number: int, kind: Kind) -> str:
        """Return a question as the bot will take it for one."""
        return f"{self.address} {question(number, kind)}".lstrip()

    def command(self, name: str) -> str:
        """Return a command as the bot will take it for one."""
        return f"/{name}" if self.chat.type == "private" else f"/{name}@{self.bot.username}"


@dataclass(frozen=True, slots=True)
class Scene:
    """All conversations of one bot, and the groups in which others talk too."""

    conversations: list[Conversation]
    busy: list[tuple[Chat, list[User]]]

    @property
    def chats(self) -> list[Chat]:
        """All chats, each one once."""
        return list({conversation.chat.key: conversation.chat for conversation in self.conversations}.values())


async def build(people: PlaygroundClient, bot: Bot, *, private: int = 6, groups: bool = True) -> Scene:
    """Make the people, the chats and the groups."""
    users = [await people.add_user(f"Person {number}", language="en") for number in range(private + 3)]
    talks = [
        Conversation(
            await people.private(user, bot), [user], bot, keeps_thoughts=bool(number % 2), sends_many=not number
        )
        for number, user in enumerate(users[:private])
    ]
    if not groups:
        return Scene(talks, [])
    members = users[-3:]

    async def group(title: str, *, kind: str = "supergroup", forum: bool = False, sees_all: bool = True) -> Chat:
        chat = await people.add_group(title, members=members, bots=[bot], kind=kind, forum=forum)
        return await people.promote(chat, bot) if sees_all else chat

    club = await group("Club")
    reserved = await group("Reserved", sees_all=False)
    forum = await group("Forum", forum=True)
    family = await group("Family", kind="group")
    talks += [Conversation(chat, members, bot) for chat in (club, reserved, family)]
    talks += [Conversation(forum, members, bot, await people.add_topic(forum, name)) for name in ("Tea", "Cake")]
    return Scene(talks, [(club, members), (reserved, members), (family, members)])


async def chatter(people: PlaygroundClient, chat: Chat, author: User, random: Random) -> Message:
    """Write what is not meant for the bot; a bare command of another bot's is shown to it even in privacy mode."""
    return await people.write(chat, author, random.choice(("Lovely weather.", "Really?", "/weather", "/score")))
