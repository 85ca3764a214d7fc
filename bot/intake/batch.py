"""Batch: what some updates come to, until one commit takes them all, and what was read meanwhile.

Which messages are one question, as an album is, is told in `storage/telegram/pieces.py`.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from aiogram.methods import AnswerCallbackQuery, SendMessage
from aiogram.types import Update

from bot.intake.elsewhere.offers import person_of
from bot.intake.notice import Method, thread_id
from bot.storage.overheard import Heard
from bot.storage.people.usage import Reached
from bot.storage.questions.choices import Change
from bot.storage.questions.questions import Question, Verdict
from bot.storage.questions.taking import Hold, Spent, Stranger
from bot.storage.tables import Chat, Rule

Tell = Callable[[Reached], tuple[Method, ...]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a handler returns for a question; `methods` say something beside it, `if_busy` that it was not taken.

    `if_limited` says that a limit of the day is reached, to who was not told today; `toast` says so at each press.
    """

    question: Question
    methods: tuple[Method, ...] = ()
    if_busy: tuple[Method, ...] = ()
    if_limited: Tell | None = None
    toast: AnswerCallbackQuery | None = None


@dataclass(frozen=True, slots=True)
class Limited:
    """What a handler returns where a limit has kept something from being done; who was not told today is told."""

    spent: Spent
    if_limited: Tell


@dataclass(frozen=True, slots=True)
class Changed:
    """What a handler returns where something was chosen; `methods` say so."""

    change: Change
    methods: tuple[Method, ...]


@dataclass(frozen=True, slots=True)
class Denied:
    """What a handler returns for a wish that comes to nothing: it says so; in a group once a minute to one person."""

    method: SendMessage


@dataclass(frozen=True, slots=True)
class Refused:
    """What is returned for a stranger who is told for the first time."""

    stranger: Stranger
    methods: tuple[Method, ...]


@dataclass(frozen=True, slots=True)
class Pending:
    """What is returned where it has to be asked first who administers a group."""

    telegram_id: int


Outcome = Asked | Changed | Refused | Limited | Hold | Heard | tuple[Method, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """What an update came to; `chat_id`: Telegram's chat in which it happened, `by`: who did it.

    `too_much` is said in place of all that would answer it, where too much waits there; `openly` where only its person
    was to see the answer, and could not.
    """

    update_id: int
    outcome: Outcome
    chat_id: int | None = None
    by: int = 0
    too_much: SendMessage | AnswerCallbackQuery | None = None
    openly: Method | None = None
    name: str | None = None  # of who did it, if that is to be noted


@dataclass(slots=True)
class Batch:
    """The entries so far. What was read (`rules`, `chats`, `models`) counts until it changes elsewhere (`read_at`).

    What is chosen by the updates of the batch is seen by the next ones; no other can choose meanwhile. In groups
    `aside` an update waits until it is known who administers them.
    """

    people: frozenset[int] = frozenset()  # persons and chats of all its updates
    private: frozenset[int] = frozenset()  # private chats in which somebody writes, outside of topics
    captioned: frozenset[str] = frozenset()  # albums of which a message has a caption
    entries: list[Entry] = field(default_factory=list)
    rules: dict[int, Rule | None] = field(default_factory=dict)
    chats: dict[tuple[int, int], Chat] = field(default_factory=dict)
    models: dict[tuple[int, str], str] = field(default_factory=dict)  # by conversation and provider
    read_at: tuple[int, int] | None = None
    albums: set[str] = field(default_factory=set)  # that were told about
    idle: set[tuple[int, int | None]] = field(default_factory=set)  # where (whose) nothing was there to be stopped
    refused: dict[int, Verdict] = field(default_factory=dict)  # why nothing was asked again, by conversation
    aside: set[int] = field(default_factory=set)
    names: dict[int, str] = field(default_factory=dict)  # of those who were let in themselves, whom admins see listed

    def is_about(self, chat_id: int) -> bool:
        """Tell whether something that was asked or chosen in a chat waits to be stored."""
        return any(isinstance(entry.outcome, Asked | Changed) and entry.chat_id == chat_id for entry in self.entries)

    def apply(self, change: Change) -> None:
        """Have the next updates see a change that waits to be stored."""
        for (telegram_id, _), row in self.chats.items():
            if row.id == change.chat_id or telegram_id == change.everywhere:
                for column, value in change.columns.items():
                    setattr(row, column, value)
        if change.model:
            self.models[change.chat_id, change.model[0]] = change.model[1]

    def apply_all(self) -> None:
        """Have them see all that waits, where the rows were read anew."""
        for entry in self.entries:
            if isinstance(entry.outcome, Changed):
                self.apply(entry.outcome.change)

    def is_open(self, telegram_id: int) -> bool:
        """Tell whether everybody in a group may choose what concerns it, in any of its topics."""
        return any(row.open_to_members for (known, _), row in self.chats.items() if known == telegram_id)

    def read_along(self, telegram_id: int) -> int:
        """Return how many messages of a group are kept, in any of its topics."""
        return max((row.read_along for (known, _), row in self.chats.items() if known == telegram_id), default=0)

    def emptied(self) -> list[Entry]:
        """Take all entries out."""
        entries, self.entries = self.entries, []
        if any(isinstance(entry.outcome, Asked | Changed) for entry in entries):
            self.idle.clear()
            self.refused.clear()
        return entries


def batch_of(updates: Sequence[Update], aside: Collection[int] = ()) -> Batch:
    """Begin a batch of some updates; `aside`: groups of which something waits."""
    messages = [update.message for update in updates if update.message]
    captioned = {message.media_group_id for message in messages if message.media_group_id and message.caption}
    private = {message.chat.id for message in messages if message.chat.type == "private" and not thread_id(message)}
    people = frozenset[int]().union(*map(people_of, updates))
    return Batch(people, frozenset(private), frozenset(captioned), aside={*aside})


def chat_of(update: Update) -> int | None:
    """Return Telegram's chat in which an update happened; where that is not the bot's, the person who acted there."""
    if person := person_of(update):
        return person.id
    if update.callback_query:
        return update.callback_query.message.chat.id if update.callback_query.message else None
    event = update.message or update.edited_message or update.my_chat_member or update.stopped_message_generation
    return event.chat.id if event else None


def people_of(update: Update) -> set[int]:
    """Return the person and the chat of an update, a chat that is not the bot's apart."""
    if person := person_of(update):
        return {person.id}
    event = update.message or update.edited_message or update.callback_query or update.my_chat_member
    people = {event.from_user.id} if event is not None and event.from_user else set[int]()
    if update.message and update.message.sender_chat:
        people.add(update.message.sender_chat.id)
    if (chat_id := chat_of(update)) is not None:
        people.add(chat_id)
    return people
