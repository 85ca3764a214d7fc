"""What the model says: the answers of answer.py, on schedule."""

from bench.answer import ordered
from telegram_playground.model import Answer, Item, Request, refusals


def script(request: Request) -> Answer:
    """Return the answer that a prompt orders."""
    answer = ordered(request.prompt)
    if answer is None:
        return [refusals.bad_request("nothing ordered")]
    gap_s = 1 / answer.per_s
    items: list[Item] = []
    for delta in answer.deltas:
        items += (delta, gap_s)
    return items[:-1]
