"""Rounds: a model is asked, what it wishes for is called, and it is asked again with the results.

Each round and each call is a row. A call is stored as begun before its first byte leaves, and its result before a model
reads it; so after a kill no round is asked twice and no call is made twice. One of which nobody knows what became of it
is told as that, to the model and to the person.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from bot.clock import Clock
from bot.reply.marks import PLACEHOLDER, WORKS
from bot.storage.answers.calls import Calls, Round, Wished
from bot.storage.answers.ending import Ending
from bot.storage.exchanges.jobs import Job
from bot.storage.tables import Call, CallState, Outcome
from bot.texts import Texts
from bot.tools.offer import Approval, Offer
from bot.tools.wanted import ToolLimits
from bot.work.calls.asking import Asking
from bot.work.calls.making import NO_TOOL, UNKNOWN, Making
from bot.work.fold import Fold
from bot.work.retrying import Retrying
from providers.base import Message, Usage
from providers.blocks import ToolCall, ToolResult, text_of
from providers.care.turns import Turns
from providers.errors import BrokenOff
from providers.tools import arguments_in

log = logging.getLogger(__name__)

DENIED = "The user did not allow this call. Do not repeat it; go on without it."
NO_OBJECT = "The arguments are no JSON object."
TOO_MANY = "No more calls are made for this answer. Answer with what is there."
MAX_HINT = 60  # characters of what a tool is called with, in a line for people


class Withdrawn(Exception):
    """The answer is not being made any more."""


class Works(Protocol):
    """Who shows a line while something runs: `Reply`."""

    def work(self, line: str) -> None:
        """Show it; "" takes it away."""


class Rounds:
    """Brings one answer with calls to its last round; `works` shows a line while something runs."""

    def __init__(
        self,
        job: Job,
        offers: Mapping[str, Offer],
        *,
        calls: Calls,
        asking: Asking,
        clock: Clock,
        limits: ToolLimits,
        words: Texts,
        works: Works,
        has_foreign: bool,
        turns: Turns,
    ) -> None:
        self._job = job
        self._offers = offers
        self._calls = calls
        self._asking = asking
        self._clock = clock
        self._limits = limits
        self._words = words
        self._works = works
        self._has_foreign = has_foreign
        self._rounds: list[Round] = []
        self._making = Making(job, calls, clock, limits, turns)

    async def run(self, retrying: Retrying, messages: Sequence[Message], fold: Fold) -> None:
        """Stream an answer into `fold`, with all that is called for it. Raises ProviderError, Withdrawn."""
        if self._job.attempt > 1:  # else there was no former process
            self._rounds = await self._calls.resume(self._job, self._repeatable)
        for each in self._rounds:
            fold.add(text_of(each.step.content))
            fold.next_round()
            if each.step.prompt_tokens is not None:
                fold.use(Usage(each.step.prompt_tokens, each.step.completion_tokens or 0))
            await self._carry_out(each)
        tools = [offer.tool for offer in self._offers.values()]
        while True:
            talk = [*messages, *(message for each in self._rounds for message in _messages(each))]
            await retrying.ask(talk, fold, tools=tools, may_call=self._has_room)
            if not fold.calls or fold.full:
                return
            if len(self._rounds) > self._limits.rounds:
                raise BrokenOff("it went on calling tools")
            await self._carry_out(await self._begin(fold))
            fold.next_round()

    @property
    def may_read_foreign(self) -> bool:
        """Tell whether others' words may come into what the model reads."""
        return any(offer.is_marked or offer.is_foreign for offer in self._offers.values())

    @property
    def _repeatable(self) -> set[str]:
        return {name for name, offer in self._offers.items() if not offer.changes}

    @property
    def _has_room(self) -> bool:
        made = sum(len(each.calls) for each in self._rounds)
        is_within = made < self._limits.calls and self._making.seconds < self._limits.seconds
        return is_within and len(self._rounds) < self._limits.rounds

    @property
    def done(self) -> list[str]:
        """What was called, a line each, for people."""
        return [self._line(call, wish) for each in self._rounds for call, wish in _pairs(each)]

    async def noted(self, ended: Ending) -> Ending:
        """Return an end with a line for each tool of which nobody knows what it did; nothing is open any more."""
        if not self._rounds:
            return ended
        names = dict.fromkeys(await self._calls.leave(self._job, self._repeatable))
        lines = [self._words.tool_unknown.format(tool=self._label(name)) for name in names]
        if not lines:
            return ended
        if ended.note is None and ended.outcome is not Outcome.ANSWERED:  # a sentence of ours stands alone
            return replace(ended, shown="\n\n".join([ended.shown or "", *lines]))
        return replace(ended, note="\n".join(filter(None, [ended.note, *lines])))

    async def _begin(self, fold: Fold) -> Round:
        """Store a round that was said, with its calls, before any of them is made."""
        made = sum(len(each.calls) for each in self._rounds)
        wished = [self._wished(call, made + place) for place, call in enumerate(fold.calls)]
        used = fold.round_usage
        usage = (used.prompt_tokens, used.completion_tokens) if used else None
        wishes = dict(enumerate(fold.calls))
        begun = await self._calls.begin(
            self._job,
            len(self._rounds),
            tuple(fold.said),
            wished,
            usage=usage,
            asking=lambda call: self._asking.packed(
                self._job, call, self._label(call.name), wishes[call.position].arguments, self._words
            ),
        )
        if begun is None:
            raise Withdrawn
        self._rounds.append(begun)
        for call in begun.calls:
            if call.state is CallState.ASKED:
                self._asking.ask(self._job, call, self._label(call.name), wishes[call.position].arguments, self._words)
        return begun

    def _wished(self, call: ToolCall, number: int) -> Wished:
        """Return how a call begins: whether it may be made, or somebody is to be asked, or why it cannot be made."""
        offer = self._offers.get(call.name)
        if offer is None:
            return Wished(call.name, CallState.FAILED, NO_TOOL)
        if arguments_in(call.arguments) is None:
            return Wished(call.name, CallState.FAILED, NO_OBJECT)
        if number >= self._limits.calls:
            return Wished(call.name, CallState.FAILED, TOO_MANY)
        is_asked = offer.approval is Approval.ASK or (offer.changes and self.holds_foreign)
        if not is_asked:
            return Wished(call.name, CallState.ALLOWED, is_foreign=offer.is_foreign)
        if not self._asking.may_ask(self._job):
            return Wished(call.name, CallState.DENIED, is_foreign=offer.is_foreign)
        until = self._clock.wall() + self._asking.patience_s(self._job)
        return Wished(call.name, CallState.ASKED, is_foreign=offer.is_foreign, asked_until=until)

    @property
    def holds_foreign(self) -> bool:
        """Tell whether others' words stand in what the model has read, and so maybe in what it says."""
        return self._has_foreign or any(_holds_foreign(call) for each in self._rounds for call in each.calls)

    async def _carry_out(self, step: Round) -> None:
        """Make the calls of a round that are open, one after the other."""
        try:
            for call, wish in _pairs(step):
                if call.state is CallState.ASKED:
                    self._works.work(self._words.tool_waits.format(tool=self._label(call.name)))
                    call.state = await self._asking.decision(call)
                if call.state is CallState.ALLOWED:
                    self._works.work(f"{WORKS} {told(self._label(call.name), wish.arguments)} {PLACEHOLDER}")
                    await self._making.make(call, self._offers.get(call.name), wish.arguments)
                elif call.state is CallState.UNKNOWN:
                    log.warning("outcome of a call unknown answer=%s call=%s", self._job.id, call.id)
        finally:
            self._works.work("")

    def _line(self, call: Call, wish: ToolCall) -> str:
        sign = {CallState.DONE: "✓", CallState.UNKNOWN: "⚠️", CallState.DENIED: "🚫"}.get(call.state, "✗")
        return f"{WORKS} {told(self._label(call.name), wish.arguments)} {sign}"

    def _label(self, name: str) -> str:
        offer = self._offers.get(name)
        return offer.label if offer else name[:64]


def _pairs(step: Round) -> list[tuple[Call, ToolCall]]:
    """Return the calls of a round with what the model wrote for them."""
    wishes = [block for block in step.step.content if isinstance(block, ToolCall)]
    return list(zip(step.calls, wishes, strict=False))


def _messages(step: Round) -> list[Message]:
    """Return a round as a conversation holds it."""
    results = tuple(
        ToolResult(wish.id, wish.name, _result(call), call.state is not CallState.DONE, _holds_foreign(call))
        for call, wish in _pairs(step)
    )
    return [Message(role="assistant", content=step.step.content), Message(role="tool", content=results)]


def _holds_foreign(call: Call) -> bool:
    return call.is_foreign and bool(call.result)


def _result(call: Call) -> str:
    told = {CallState.DENIED: DENIED, CallState.UNKNOWN: UNKNOWN}
    return call.result or told.get(call.state, "nothing")


def told(label: str, arguments: str) -> str:
    """Return a tool as people read it, with what it is called with where that is one short text."""
    given = [each for each in (arguments_in(arguments) or {}).values() if isinstance(each, str | int | float)]
    hint = " ".join(str(given[0]).split()) if given else ""
    return f"{label}: “{hint if len(hint) <= MAX_HINT else f'{hint[: MAX_HINT - 1]}…'}”" if hint else label
