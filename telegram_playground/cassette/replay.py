"""A cassette played again: people do what they did, each thing when the bot has said what it said then."""

import base64
import difflib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from telegram_playground.cassette.cast import Cast
from telegram_playground.cassette.script import scene, script
from telegram_playground.cassette.tape import Tape
from telegram_playground.client import PlaygroundClient, PlaygroundError
from telegram_playground.clock import Clock
from telegram_playground.wire import Json

_LOOK_S = 0.05
_SETTLE_S = 0.3  # in which a bot may say more than it did
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
        token: str | None = None,
        patience: Patience | None = None,
        ignore: Sequence[str] = (),
    ) -> None:
        self._tape = tape
        self._people = people
        self._clock = clock
        self._cast = Cast(tape, people, token)
        self._patience = patience or Patience()
        self._ignore = ignore
        self._before = 0  # deeds that made who was there

    async def run(self) -> tuple[Comparison, Tape]:
        """Play it; returns what was seen, and the new cassette. Raises PlaygroundError where nobody can be made."""
        self._before = await self._cast.enter()
        for number, deed in enumerate(self._tape.deeds):
            await self._do(deed)
            await self._listen(number)
        after = await self._now(files=True, calls=True)
        return Comparison(script(self._tape, ignore=self._ignore), script(after, ignore=self._ignore)), after

    async def _do(self, deed: Json) -> None:
        """Have it done; what cannot be done is a deed that was refused, in the new cassette too."""
        calls = "link" in deed["arguments"] or deed["command"] == "choose"
        arguments = self._cast.arguments(deed, await self._now(calls=calls))
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
        """Wait until the bot has said what it said then, and a little longer; or nothing new for a while."""
        deed, wanted = self._tape.deeds[number], scene(self._tape, number, ignore=self._ignore)[1:]
        if not wanted and deed["command"] not in _SPEAKING:
            return
        done_at = (await self._now()).deeds[number]["time"]
        begun = changed = self._clock.now()
        heard: list[str] | None = None
        while self._clock.now() - begun < self._patience.longest_s:
            now = Tape(await self._people.command("cassette", files=False, calls=False, since=done_at))
            lines = scene(now, 0, ignore=self._ignore)[1:]
            if lines != heard:
                heard, changed = lines, self._clock.now()
            silent_s = self._clock.now() - changed
            if silent_s >= (_SETTLE_S if lines == wanted else self._patience.silence_s):
                return
            await self._clock.sleep(_LOOK_S)

    async def _now(self, *, files: bool = False, calls: bool = False) -> Tape:
        """Return the new cassette as far as it goes, from the first deed on that is in the old one."""
        raw = await self._people.command("cassette", files=files, calls=calls)
        return Tape({**raw, "deeds": raw["deeds"][self._before :]})
