"""Scenes: who asks what, and what was recorded while it was played."""

import asyncio
import itertools
import random
import time
from collections.abc import Iterable, Iterator
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field

from bench.answer import Answer
from bench.bounds import Lengths
from bench.heartbeat import heartbeat
from bench.stage import OURS, ROUND_TRIP_S, Player, Stage
from bench.streams import durations
from telegram_playground.client import Chat, NothingCame, PlaygroundClient, User
from telegram_playground.protocol.wire import Json

CHARACTERS_PER_DELTA = 5.3  # of answer.py's texts
LEAST, MOST = 20, 20_000  # characters of an answer
PATIENCE_S = 120.0  # for the final text, after the last delta
GREETING_S = 3.5  # for what a bot says in a new group, and for the group's budget to be full again
STAGGER = 0.8  # of the warm-up, over which the chats of a crowd begin
SETTLE_S = 2.0  # after the start, for what bots do then
BREATH_S = 0.3  # after the final text, for what else the bot does


@dataclass(frozen=True, slots=True)
class Scene:
    """Replies of one kind.

    Alone: some bots in parallel, each with one reply at a time, each reply in a new chat, or with `same_chat` in one
    chat. With `chats` it is one bot and so many chats at once, each asking again `pause_s` after an answer, for
    `seconds` after the first `warm_up_s`. `spend`: calls that are made just before each prompt. `refuse_s`: a 429 in
    the middle of each reply.
    """

    title: str
    replies: int = 0
    program: str = OURS
    per_s: float = 60.0
    group: bool = False
    window: bool = False  # the server counts groups in a sliding window
    draft: bool = False
    spend: int = 0
    bots: int = 6
    same_chat: bool = False
    longest_s: float = 45.0
    characters: tuple[int, int] | None = None  # even over the logarithm, instead of the durations' distribution
    chats: int = 0
    seconds: float = 0.0
    warm_up_s: float = 10.0
    pause_s: float = 2.0
    refuse_s: int = 0
    lesson_s: float = 0.0

    def answers(self, numbers: Iterator[int]) -> list[Answer]:
        """Return what will be asked for, the longest first."""
        rng = random.Random(1)
        if self.characters:
            low, high = self.characters
            last = max(1, self.replies - 1)
            sizes = [round(low * (high / low) ** (i / last)) for i in range(self.replies)]
        else:
            lasting = durations(rng, self.replies, Lengths())
            sizes = [self.size(each) for each in lasting]
        return [Answer(next(numbers), size, self.per_s) for size in sorted(sizes, reverse=True)]

    def size(self, lasting_s: float) -> int:
        """Return the characters of an answer that streams for so long."""
        return min(MOST, max(LEAST, round(min(lasting_s, self.longest_s) * self.per_s * CHARACTERS_PER_DELTA)))


@dataclass(slots=True)
class Asked:
    """A prompt that was written, and to whom; `counts`: it is part of the figures; `over`: nobody waits any more."""

    answer: Answer
    chat: Chat
    player: Player
    at: float
    counts: bool = True
    over: bool = False


@dataclass(slots=True)
class Recording:
    """What a scene left: prompts, transcripts by chat, calls by bot, times of deltas by answer, costs."""

    scene: Scene
    asked: list[Asked] = field(default_factory=list)
    seen: dict[str, list[Json]] = field(default_factory=dict)
    calls: dict[int, list[Json]] = field(default_factory=dict)
    times: dict[int, list[float]] = field(default_factory=dict)
    cpu_s: float = 0.0
    began_mb: float = 0.0
    peak_mb: float = 0.0
    late_s: list[float] = field(default_factory=list)  # by how much timers of ours went off too late


async def play(scene: Scene, stage: Stage) -> Recording:
    """Play a scene and record it."""
    recording = Recording(scene)
    environment = {"STREAM_MODE": "draft"} if scene.draft else {}
    async with AsyncExitStack() as stack:
        count = 1 if scene.chats else scene.bots
        starting = (stack.enter_async_context(stage.player(scene.program, **environment)) for _ in range(count))
        players = await asyncio.gather(*starting)
        await asyncio.sleep(SETTLE_S)
        recording.began_mb = max(player.process.memory_mb for player in players)
        recording.cpu_s = -sum(player.process.cpu_s for player in players)
        since = max((call["id"] for call in await stage.people.calls(method="getUpdates")), default=0)
        async with heartbeat() as recording.late_s:
            if scene.chats:
                await _crowd(recording, players[0], stage)
            else:
                await _alone(recording, players, stage)
        for player in players:
            player.process.check()
            recording.cpu_s += player.process.cpu_s
            recording.calls[player.account.id] = await stage.people.calls(since=since, bot=player.account)
        recording.peak_mb = max(player.process.peak_mb for player in players)
        await _collect(recording, stage)
        if not any(recording.times.values()):
            raise RuntimeError(f"no answer in {scene.title}: {players[0].process.said()}")
    return recording


async def _alone(recording: Recording, players: Iterable[Player], stage: Stage) -> None:
    """Let the bots share the answers out."""
    waiting = iter(recording.scene.answers(stage.numbers))
    async with asyncio.TaskGroup() as group:
        for player in players:
            group.create_task(_one_by_one(recording, player, waiting, stage))


async def _one_by_one(recording: Recording, player: Player, answers: Iterable[Answer], stage: Stage) -> None:
    """Ask for one answer after the other."""
    scene = recording.scene
    place = await _place(stage, player, scene)
    if scene.lesson_s:
        lesson = Answer(next(stage.numbers), scene.size(scene.lesson_s), scene.per_s)
        await _answered(await _ask(recording, lesson, place, player, stage, counts=False), stage)
    for number, answer in enumerate(answers):
        if number and not scene.same_chat:
            place = await _place(stage, player, scene)
        for _ in range(scene.spend):
            await _spend(stage.people, place, player)
        asked = await _ask(recording, answer, place, player, stage)
        await _answered(asked, stage, refuse_s=scene.refuse_s)
        await asyncio.sleep(scene.pause_s if scene.same_chat else 0.0)


async def _crowd(recording: Recording, player: Player, stage: Stage) -> None:
    """Let all chats ask again and again, until those answers that count are there."""
    scene = recording.scene
    places = [await _place(stage, player, scene) for _ in range(scene.chats)]
    starts = time.monotonic() + scene.warm_up_s
    ends = starts + scene.seconds
    is_over = asyncio.Event()

    async def talk(place: tuple[Chat, User], rng: random.Random) -> None:
        await asyncio.sleep(rng.uniform(0, STAGGER * scene.warm_up_s))
        lasting = itertools.chain.from_iterable(durations(rng, 20, Lengths()) for _ in itertools.count())
        for seconds in lasting:
            answer = Answer(next(stage.numbers), scene.size(seconds), scene.per_s)
            counts = starts <= time.monotonic() < ends
            asked = await _ask(recording, answer, place, player, stage, counts=counts)
            await _answered(asked, stage)
            if time.monotonic() > ends and all(each.over for each in recording.asked if each.counts):
                is_over.set()
            await asyncio.sleep(scene.pause_s)

    talks = [asyncio.ensure_future(talk(place, random.Random(i))) for i, place in enumerate(places)]
    finished = asyncio.ensure_future(is_over.wait())
    try:
        await asyncio.wait({finished, *talks}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (finished, *talks):
            task.cancel()
        ended = await asyncio.gather(finished, *talks, return_exceptions=True)
    for error in ended:
        if isinstance(error, Exception):
            raise error


async def _place(stage: Stage, player: Player, scene: Scene) -> tuple[Chat, User]:
    """Return a new chat with somebody in it."""
    user = await stage.people.add_user("Ann", language="en")
    if scene.group:
        group = await stage.people.add_group("Club", members=[user], bots=[player.account])
        await asyncio.sleep(GREETING_S)
        return group, user
    return await stage.people.private(user, player.account), user


async def _spend(people: PlaygroundClient, place: tuple[Chat, User], player: Player) -> None:
    """Have the bot make one call."""
    chat, user = place
    written = await people.write(chat, user, f"/help@{player.account.username}")
    await people.wait(chat, after=written.message_id, timeout=PATIENCE_S)
    await asyncio.sleep(ROUND_TRIP_S)  # for its answer to come back


async def _ask(
    recording: Recording,
    answer: Answer,
    place: tuple[Chat, User],
    player: Player,
    stage: Stage,
    *,
    counts: bool = True,
) -> Asked:
    chat, user = place
    address = f"@{player.account.username} " if recording.scene.group else ""
    asked = Asked(answer, chat, player, time.monotonic(), counts)
    recording.asked.append(asked)
    await stage.people.write(chat, user, address + answer.prompt)
    return asked


async def _answered(asked: Asked, stage: Stage, *, refuse_s: int = 0) -> None:
    """Wait until the answer stands."""
    lasts_s = len(asked.answer.deltas) / asked.answer.per_s
    people = stage.people
    if refuse_s:
        await asyncio.sleep(lasts_s / 2)
        how = {"chat": asked.chat.id, "bot": asked.player.account.id, "seconds": refuse_s}
        await people.fault("editMessageText", "flood", **how)
    with suppress(NothingCame):
        await people.wait(
            asked.chat,
            text=f"{asked.answer.ending}$",
            complete=True,
            by=asked.player.account,
            timeout=min(300, lasts_s + refuse_s + PATIENCE_S),
        )
    asked.over = True
    await asyncio.sleep(BREATH_S)


async def _collect(recording: Recording, stage: Stage) -> None:
    since = min(asked.at for asked in recording.asked)
    for chat in {asked.chat.key: asked.chat for asked in recording.asked}.values():
        recording.seen[chat.key] = await stage.people.transcript(chat, since=since)
    for asked in recording.asked:
        if asked.counts:
            recording.times[asked.answer.number] = await stage.log(asked.answer.prompt)
