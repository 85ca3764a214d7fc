"""Questions: what comes to the queue, and what becomes of it there."""

from dataclasses import dataclass
from enum import StrEnum

from bot.storage.overheard import Heard
from bot.storage.people.usage import NOBODYS, Bill
from bot.storage.telegram.pieces import Piece

EVERYBODY = 0  # stands for the chat in `busy`; no person has this id


class Verdict(StrEnum):
    """What became of a request."""

    ACCEPTED = "accepted"
    JOINED = "joined"  # a further piece of the question before it
    LOOSE = "loose"  # nothing asks for it
    KNOWN = "known"  # the update was taken before, or the stranger told: do nothing
    BUSY = "busy"  # too many wait: it is told
    STILL_BUSY = "still busy"  # and that was told
    LIMITED = "limited"  # a limit of the day is reached
    NOTHING = "nothing"  # there is nothing to answer again
    STALE = "stale"  # not the last answer of the conversation
    HERE = "here"  # it stands there already


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an answer is to stand in a chat that is not the bot's: an inline message, or a guest question's answer."""

    inline_id: str | None = None
    query_id: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A message for the queue of a conversation (`chat_id`, our own id): a question, or a `piece` of the one before it.

    In a `group` a person's own questions are counted too, and each message is one. `replied`: the message that it
    replies to without pointing at a passage; where that is of ours, it goes on from there. `missing` is the provider
    whose absence is told with it. A loose one, which is not meant for the bot by itself, asks nothing unless it is of
    the same album as one that does, or the rest of one. `bill`: for whom it counts. `lost`: the persona whose absence
    is told with it. `rest`: how it reads, in a group, where it is the rest of the question before it; `heard`: what it
    is to people there where it is not. `spot`: where it is asked elsewhere; it begins a conversation there.
    """

    chat_id: int
    piece: Piece
    user_id: int
    language: str
    group: bool = False
    missing: str | None = None
    replied: int | None = None
    is_loose: bool = False
    bill: Bill = NOBODYS
    lost: str | None = None
    rest: Piece | None = None
    heard: Heard | None = None
    spot: Spot | None = None
