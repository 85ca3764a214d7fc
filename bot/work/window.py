"""Window: as much of a conversation as a provider takes."""

from collections.abc import Sequence

from providers.base import Message, content_text
from providers.errors import TooLong

ANSWER_SHARE = 0.25  # of the context is left to the answer
BYTES_PER_TOKEN = 4  # of UTF-8: a fair guess for English, on the safe side for other writing
TOKENS_PER_MESSAGE = 4


def estimate(message: Message) -> int:
    """Return about how many of a model's tokens a message takes."""
    return len(content_text(message["content"]).encode()) // BYTES_PER_TOKEN + TOKENS_PER_MESSAGE


def fit(messages: Sequence[Message], context_tokens: int) -> list[Message]:
    """Drop the oldest pairs until the conversation fits; a system message at its head and the newest message stay.

    Raises TooLong where these alone do not fit.
    """
    room = int(context_tokens * (1 - ANSWER_SHARE))
    head = [message for message in messages[:1] if message["role"] == "system"]
    newest = messages[-1]
    room -= sum(map(estimate, head)) + estimate(newest)
    if room < 0:
        raise TooLong(f"about {estimate(newest)} tokens, the model takes {context_tokens} with its answer")
    kept: list[Message] = []
    earlier = messages[len(head) : -1]
    for end in range(len(earlier), 1, -2):
        pair = earlier[end - 2 : end]
        room -= sum(map(estimate, pair))
        if room < 0:
            break
        kept = [*pair, *kept]
    return [*head, *kept, newest]


def shorten(messages: Sequence[Message]) -> list[Message]:
    """Drop the older half of the pairs, for a service that takes less than it says. Raises TooLong if none is left."""
    head = [message for message in messages[:1] if message["role"] == "system"]
    pairs = (len(messages) - len(head) - 1) // 2
    if not pairs:
        raise TooLong("the message alone is too long")
    return [*head, *messages[len(head) + 2 * -(-pairs // 2) :]]
