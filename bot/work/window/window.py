"""Window: as much of a conversation as a model takes, by kind and by length.

What is left out is left out by whole exchanges: a question with all its blocks, and what was answered to it. When
that is summed up instead, and how much stays as it was said, is told in `briefing/summary.py` (`KEPT_SHARE`).
"""

from collections.abc import Collection, Sequence

from bot.work.window.tokens import tokens_in
from providers.base import Message, as_taken, content_of
from providers.blocks import (
    Attached,
    Audio,
    Block,
    Content,
    Document,
    Image,
    Text,
    ToolCall,
    ToolResult,
    line_of,
    text_of,
)
from providers.errors import NotTaken, TooLong

ANSWER_SHARE = 0.25  # of the context is left to the answer
DOCUMENTS_SHARE = 0.9  # of the rest may be documents: the system prompt has to fit too
BYTES_PER_TOKEN = 3  # of UTF-8, at least, whatever the writing
TOKENS_PER_MESSAGE = 4
BYTES_PER_TOKEN_HEARD = 200  # Gemini counts 32 tokens a second; a voice message has 4 kB in it, music 16
TOKENS_PER_IMAGE = 1_600  # Anthropic, width x height / 750, at 1568 px; OpenAI and Gemini count less


def estimate(message: Message) -> int:
    """Return about how many of a model's tokens a message takes."""
    return sum(map(_tokens, content_of(message["content"]))) + TOKENS_PER_MESSAGE


def legible(messages: Sequence[Message], takes: Collection[type[Block]]) -> list[Message]:
    """Put a line in the place of each block that the model does not take.

    Raises NotTaken where the newest message is nothing else.
    """
    asked = _question(messages)
    missed, newest = untaken(asked, takes), content_of(asked["content"])
    if missed and all(type(block) in missed or _is_blank(block) for block in newest):
        raise NotTaken(missed)
    return as_taken(messages, takes)


def untaken(message: Message, takes: Collection[type[Block]]) -> frozenset[type[Block]]:
    """Return the kinds of block in a message that the model does not take."""
    return frozenset(map(type, content_of(message["content"]))) - {Text, *takes}


def room_for_documents(newest: Content, context_tokens: int) -> int:
    """Return how many bytes of documents a model takes with a question, beside its own words and pictures."""
    pictures = sum(isinstance(block, Attached) and block.is_picture for block in newest)
    tokens = int(context_tokens * (1 - ANSWER_SHARE) * DOCUMENTS_SHARE) - pictures * TOKENS_PER_IMAGE
    return max(0, tokens * BYTES_PER_TOKEN - len(text_of(newest).encode()))


def fit(messages: Sequence[Message], context_tokens: int) -> list[Message]:
    """Drop the oldest exchanges until the conversation fits; a system message at its head and the newest message stay.

    Raises TooLong where these alone do not fit.
    """
    head, exchanges, newest = _parted(messages)
    room = int(context_tokens * (1 - ANSWER_SHARE)) - sum(map(estimate, [*head, *newest]))
    if room < 0:
        raise TooLong(f"about {sum(map(estimate, newest))} tokens, the model takes {context_tokens} with its answer")
    kept = 0
    for exchange in reversed(exchanges):
        room -= sum(map(estimate, exchange))
        if room < 0:
            break
        kept += 1
    return _joined(head, exchanges[len(exchanges) - kept :], newest)


def shorten(messages: Sequence[Message]) -> list[Message]:
    """Drop the older half of the exchanges, for a service that takes less than it says.

    Raises TooLong if none is left.
    """
    head, exchanges, newest = _parted(messages)
    if not exchanges:
        raise TooLong("the message alone is too long")
    return _joined(head, exchanges[-(-len(exchanges) // 2) :], newest)


def _parted(messages: Sequence[Message]) -> tuple[list[Message], list[list[Message]], Sequence[Message]]:
    """Return a conversation's system message, its exchanges (each begins with a question), its newest question.

    What was called to answer that one belongs to it.
    """
    head = [message for message in messages[:1] if message["role"] == "system"]
    exchanges: list[list[Message]] = []
    newest = _newest(messages)
    for message in messages[len(head) : newest]:
        if message["role"] == "user" or not exchanges:
            exchanges.append([])
        exchanges[-1].append(message)
    return head, exchanges, messages[newest:]


def _newest(messages: Sequence[Message]) -> int:
    """Return where the newest question stands: before the calls that were made for it, else at the end."""
    at = len(messages) - 1
    while at > 0 and is_call(messages[at]):
        at -= 1
    return at


def _question(messages: Sequence[Message]) -> Message:
    return messages[_newest(messages)]


def is_call(message: Message) -> bool:
    """Tell whether a message holds calls, or their results."""
    return any(isinstance(block, ToolCall | ToolResult) for block in content_of(message["content"]))


def _joined(head: list[Message], exchanges: Sequence[list[Message]], newest: Sequence[Message]) -> list[Message]:
    return [*head, *(message for exchange in exchanges for message in exchange), *newest]


def _tokens(block: Block) -> int:
    if isinstance(block, Audio):
        return block.size // BYTES_PER_TOKEN_HEARD
    if isinstance(block, Document):
        return block.tokens
    return TOKENS_PER_IMAGE if isinstance(block, Image) else tokens_in(line_of(block))


def _is_blank(block: Block) -> bool:
    return isinstance(block, Text) and not block.text.strip()
