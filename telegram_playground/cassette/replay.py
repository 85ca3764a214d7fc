"""A cassette played again: people do what they did, each thing when the bot has said what it said then."""

import base64
import difflib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from telegram_playground.cassette.cast import Cast
from telegram_playground.cassette.script import Scene, aligned, has_grown, scenes
from telegram_playground.cassette.tape import Tape
from telegram_playground.client import PlaygroundClient, PlaygroundError
from telegram_playground.process.clock import Clock
from telegram_playground.protocol.wire import Json

_LOOK_S = 0.05
_SETTLE_S = 0.3  # in which a bot may say more than it did
_BACK = 3  # deeds whose answers may have come early
_WAITING = frozenset({"inline", "stop_draft"})  # what is chosen or stopped next must have come
_SPEAKING = frozenset({"write", "press", "send_file", "send_album", "edit", "forward", "guest", "share", "vote"})


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the bot may take for what it said then, and to say nothing more."""

    silence_s: float = 3.0
    longest_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was seen then and now."""

    before: list[str]
    after: list[str]

    @property
    def is_same(self) -> bool:
        """Whether people saw the same."""
        return self.before == self.after

    def in_words(self) -> str:
        """Return the difference as `diff -u` shows it."""
        lines = difflib.unified_diff(self.before, self.after, "then", "now", lineterm="", n=4)
        return "\n".join(lines)


class Replay:
    """One cassette and one server, on which there is nobody yet but the bot."""

    def __init__(
        self,
        tape: Tape,
        people: PlaygroundClient,
        *,
        clock: Clock,
        tokens: Mapping[int, str] | None = None,
        patience: Patience | None = None,
        ignore: Sequence[str] = (),
    ) -> None:
        self._tape = tape
        self._people = people
        self._clock = clock
        self._cast = Cast(tape, people, tokens or {})
        self._patience = patience or Patience()
        self._ignore = ignore
        self._before = 0  # deeds that made who was there
        self._scenes = scenes(tape, ignore=ignore)
        self._times: list[float] = []  # of the server's clock, when each deed was done now

    async def run(self) -> tuple[Comparison, Tape]:
        """Play it; returns what was seen, and the new cassette. Raises PlaygroundError where nobody can be made."""
        self._before = await self._cast.enter()
        for number, deed in enumerate(self._tape.deeds):
            await self._do(deed)
            await self._listen(number)
        after = await self._now(files=True, calls=True)
        then, now = self._scenes, aligned(self._scenes, scenes(after, ignore=self._ignore))
        return Comparison(*([line for each in one for line in each.lines()] for one in (then, now))), after

    async def _do(self, deed: Json) -> None:
        """Have it done; what cannot be done is a deed that was refused, in the new cassette too."""
        calls = "link" in deed["arguments"] or deed["command"] == "choose"
        now = await self._now(calls=calls)
        for _ in range(int(self._patience.silence_s / _LOOK_S)):
            if not calls or not self._cast.lacks(deed, now):
                break
            await self._clock.sleep(_LOOK_S)
            now = await self._now(calls=True)
        arguments = self._cast.arguments(deed, now)
        if deed["command"] in _WAITING:
            arguments.setdefault("wait", self._patience.silence_s)
        with suppress(PlaygroundError):
            self._cast.met(deed, await self._sent(deed, arguments))

    async def _sent(self, deed: Json, arguments: Json) -> Any:
        if "files" not in deed:
            return await self._people.command(deed["command"], **arguments)
        files = [(each["name"], each["mime"], base64.b64decode(each["data"])) for each in deed["files"]]
        return await self._people.upload(deed["command"], files, **arguments)

    async def _listen(self, number: int) -> None:
        """Wait until people have seen what they had seen when the next thing was done; or nothing new for a while."""
        deed, wanted = self._tape.deeds[number], self._scenes[number].seen
        self._times.append((await self._now()).deeds[number]["time"])
        if not wanted and deed["command"] not in _SPEAKING:
            return
        pause_s = min(self._rest_s(number), _SETTLE_S if wanted else self._patience.silence_s)
        begun = changed = self._clock.now()
        heard: list[Scene] | None = None
        while self._clock.now() - begun < self._patience.longest_s:
            first = max(number - _BACK, 0)
            raw = await self._people.command("cassette", files=False, calls=False, since=self._times[first])
            now = scenes(Tape(raw), ignore=self._ignore)
            if now != heard:
                heard, changed = now, self._clock.now()
            silent_s = self._clock.now() - changed
            if silent_s >= (pause_s if self._is_seen(first, number, now) else self._patience.silence_s):
                return
            await self._clock.sleep(_LOOK_S)

    def _is_seen(self, first: int, number: int, now: Sequence[Scene]) -> bool:
        """Tell whether what was seen by the end of a scene is there, wherever it has come since the first one."""
        there = [each for scene in now for each in scene.seen]
        for scene in self._scenes[first : number + 1]:
            lacking = False
            for each in scene.seen:
                found = next((one for one in there if one == each), None)
                found = found or next((one for one in there if has_grown(each, one)), None)
                if found is None:
                    lacking = True
                else:
                    there.remove(found)
        return not lacking

    def _rest_s(self, number: int) -> float:
        """Return how long nothing happened then before the next deed."""
        if number + 1 == len(self._tape.deeds):
            return self._patience.longest_s
        last = max((entry["time"] for _, entry in self._tape.entries(number)), default=0)
        rest_s: float = max(0.0, self._tape.deeds[number + 1]["time"] - max(last, self._tape.deeds[number]["time"]))
        return rest_s

    async def _now(self, *, files: bool = False, calls: bool = False) -> Tape:
        """Return the new cassette as far as it goes, from the first deed on that is in the old one."""
        raw = await self._people.command("cassette", files=files, calls=calls)
        return Tape({**raw, "deeds": raw["deeds"][self._before :]})
