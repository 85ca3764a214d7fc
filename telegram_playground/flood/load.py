"""The load: people who all ask at once, a model that answers at a steady pace, and what became of it."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from statistics import fmean

from telegram_playground.client import Chat, PlaygroundClient
from telegram_playground.flood.figures import LATE_S, Reply, least_lag_s, shown
from telegram_playground.limits.flood_limits import Limits
from telegram_playground.model import Answer, Model, Request, spoken
from telegram_playground.options import Options
from telegram_playground.protocol.wire import Json

_DELTA = 4  # characters
_NAME = re.compile(r"flood-(\d+)")
_LOOK_S = 0.25
_WORD = "word{:03d} "  # so that no part of an answer is like another one


@dataclass(frozen=True, slots=True)
class Load:
    """How many ask, within how many seconds, and how an answer grows."""

    chats: int = 20
    seconds: float = 10.0  # an answer grows
    characters: int = 800  # of an answer
    within_s: float = 1.0  # all have asked
    patience_s: float = 60.0  # after the last delta

    @property
    def answer(self) -> str:
        """What the model says to each."""
        words = "".join(_WORD.format(number) for number in range(self.characters // len(_WORD.format(0)) + 1))
        return words[: self.characters].rstrip()

    def script(self, request: Request) -> Answer | None:
        """Answer those who take part."""
        if not _NAME.search(request.prompt):
            return None
        deltas = -(-len(self.answer) // _DELTA)
        return spoken(self.answer, size=_DELTA, every_s=self.seconds / deltas)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a load: a reply per chat whose bot asked the model, and the calls that the server refused."""

    load: Load
    limits: Limits
    way_s: float
    replies: Sequence[Reply]
    refused: int
    waited_s: float
    calls: int

    @property
    def lag_s(self) -> float:
        """The mean lag of all replies."""
        return fmean(reply.lag_s for reply in self.replies)

    @property
    def least_s(self) -> float:
        """The mean lag that the best sender could reach."""
        return least_lag_s(self.limits, chats=self.load.chats, seconds=self.load.seconds, way_s=self.way_s)

    @property
    def complete(self) -> int:
        """How many answers were shown to their end."""
        return sum(reply.is_complete for reply in self.replies)

    @property
    def is_well(self) -> bool:
        """Whether everybody got the whole answer, and nothing was refused."""
        return self.complete == self.load.chats and not self.refused

    def in_words(self) -> str:
        """Return ten lines at the most."""
        load = self.load
        if not self.replies:
            return "the bot asked the model nothing: it must use the addresses above"
        lags = sorted(reply.lag_s for reply in self.replies)
        firsts = [reply.first_s for reply in self.replies if reply.first_s is not None]
        finals = [reply.final_s for reply in self.replies if reply.final_s is not None]
        late = sum(final > LATE_S for final in finals) + load.chats - len(finals)
        limits = "Telegram's limits" if self.limits.enabled else "no limits"
        return "\n".join(
            (
                f"{load.chats} chats, answers of {len(load.answer)} characters in {load.seconds:g} s, {limits}",
                f"lag of the text   {self.lag_s:6.2f} s mean {lags[int(len(lags) * 0.95)]:6.2f} s p95",
                f"  bound           {self.least_s:6.2f} s: the bot has {self.lag_s / self.least_s:.2f} times that",
                f"first text        {_two(firsts)}",
                f"final text        {_two(finals)}; {late} of {load.chats} over {LATE_S:g} s late",
                f"frames            {fmean(len(reply.frames) for reply in self.replies):6.1f} a reply",
                f"refused (429)     {self.refused:6d} of {self.calls} calls; made to wait {self.waited_s:.1f} s in all",
                f"complete          {self.complete:6d} of {load.chats}",
            )
        )


async def flood(people: PlaygroundClient, model: Model, token: str, load: Load) -> Outcome:
    """Have all people ask, wait until the bot has answered or patience ends, and return what became of it.

    The model has to have `load.script`; the server and it must share one clock.
    """
    bot = await people.bot(token)
    asked: dict[int, tuple[Chat, float]] = {}
    since = max((call["id"] for call in await people.calls()), default=0)
    for number in range(load.chats):
        person = await people.add_user(f"Person {number}", language="en")
        asked[number] = (await people.private(person, bot), 0.0)
    for number, (chat, _) in asked.items():
        user = next(member["user"] for member in chat.raw["members"] if member["user"] != bot.id)
        await people.command("write", chat=chat.key, user=user, text=f"flood-{number}: tell me a story")
        asked[number] = (chat, asyncio.get_running_loop().time())
        await asyncio.sleep(load.within_s / load.chats)
    end = asyncio.get_running_loop().time() + load.seconds + load.patience_s
    while asyncio.get_running_loop().time() < end:
        replies = await _replies(people, model, load, asked)
        if len(replies) == load.chats and all(reply.is_complete for reply in replies):
            break
        await asyncio.sleep(_LOOK_S)
    options: Json = await people.set()
    calls = await people.calls(since=since)
    return Outcome(
        load,
        Options().changed({"limits": options["limits"]}).limits,
        options["latency_s"] / 2,
        await _replies(people, model, load, asked),
        sum(call.get("error_code") == 429 for call in calls),
        sum(call["waited_s"] for call in calls),
        sum(call["method"] != "getUpdates" for call in calls),
    )


async def _replies(
    people: PlaygroundClient, model: Model, load: Load, asked: dict[int, tuple[Chat, float]]
) -> list[Reply]:
    requests = {int(found[1]): request for request in model.requests if (found := _NAME.search(request.prompt))}
    replies: list[Reply] = []
    for number, (chat, at) in asked.items():
        request = requests.get(number)
        if request is None or not request.deltas:
            continue
        lengths = [min(length, len(load.answer)) for length in accumulate([_DELTA] * len(request.deltas))]
        if request.ended_at is None:  # not all has been said yet
            lengths.append(len(load.answer))
        deltas = [*zip([*request.deltas, request.deltas[-1]], lengths, strict=False)]
        entries = await people.transcript(chat)
        frames = [
            (entry["time"], shown(entry["text"], load.answer))
            for entry in entries
            if entry["kind"] in ("send", "edit", "draft") and "flood-" not in entry.get("text", "")
        ]
        replies.append(Reply(at, deltas, frames))
    return replies


def _two(values: Sequence[float]) -> str:
    return f"{fmean(values):6.2f} s mean {max(values):6.2f} s worst" if values else "  none"
