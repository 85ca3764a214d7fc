"""A provider made of providers: the next one answers where the former failed before its first text.

Configured by a table of providers.toml: `type = "fallback"`, `providers = ["first", "second"]`.
"""

import logging
import math
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from random import Random

from pydantic_settings import SettingsConfigDict

from providers.base import (
    NO_FILES,
    Alive,
    AsyncGeneratorProvider,
    Clock,
    Delta,
    Media,
    Message,
    ProviderModelMixin,
    Revised,
    Usage,
    as_taken,
    content_of,
)
from providers.blocks import Audio, Block, Document, ToolCall
from providers.capabilities import Capabilities
from providers.care.breaker import Breaker
from providers.care.health import Cause, Health, cause_of
from providers.care.patience import Timeouts, patient
from providers.cost import cost_of
from providers.errors import (
    ConfigurationError,
    ModelGone,
    ModelNotSupported,
    NothingToSend,
    NotTaken,
    OnlyThought,
    ProviderError,
    Refused,
    TimedOut,
    TooLong,
)
from providers.settings import ProviderSettings
from providers.wire.http import Http

FIRST_TOKEN_S = 60.0  # the caller's patience where it does not tell it
TOKEN_S = 30.0
OWN_FAULT = (TooLong, Refused, NothingToSend, NotTaken, ModelNotSupported, ModelGone, OnlyThought)  # of the question
UNLIMITED = Timeouts(math.inf, math.inf)  # the last member has the caller's patience

log = logging.getLogger(__name__)


class Settings(ProviderSettings):
    """The ids of the members, in the order in which they are asked."""

    model_config = SettingsConfigDict(env_prefix="FALLBACK_")

    providers: tuple[str, ...] = ()


class Fallback(AsyncGeneratorProvider):
    """Asks its members one after the other until one answers.

    Each answers with its own default model. What would fail everywhere (nothing to send, a refusal for reasons of
    content) is not passed on to the next one. The caller's patience is shared out: each member but the last is left
    after its part of it without a sign of life. One that was silent, refused or failed is left alone for a while, then
    tried by one question (providers.care.breaker). The history must fit into the smallest member. A question with a
    picture is for those alone that see, as long as there are any.
    """

    id = "fallback"
    has_members = True

    def __init__(
        self,
        settings: Settings,
        *,
        http: Http,
        clock: Clock,
        random: Random,
        providers: Mapping[str, AsyncGeneratorProvider],
        health: Health | None = None,
    ) -> None:
        unknown = [name for name in settings.providers if name not in providers]
        if unknown or not settings.providers:
            known = ", ".join(providers) or "no provider is configured"
            told, expected = ", ".join(unknown), f"ids out of: {known}"
            raise ConfigurationError("fallback providers", told, expected=expected, field="providers")
        self._members = [providers[name] for name in settings.providers]
        self._clock = clock
        self._health = health or Health(clock, random)
        self.url = self._members[0].url
        self.supports_system_message = all(member.supports_system_message for member in self._members)
        self.supports_message_history = all(member.supports_message_history for member in self._members)
        self.context_tokens = min(member.context_tokens for member in self._members)

    async def create_async_generator(
        self,
        model: str | None,
        messages: Sequence[Message],
        *,
        proxy: str | None = None,
        timeout: float | None = None,
        files: Mapping[str, bytes] = NO_FILES,
        **options: object,
    ) -> AsyncGenerator[Delta, None]:
        """Stream the answer of the first member that gives one; `model` is ignored.

        Raises the error of a member that failed after its first text; where all failed before it, the error that the
        bot can do most about, with what the others said in its reason.
        """
        members, tried = self._willing(self._able(messages))
        answer = self._first_answer(members, messages, proxy=proxy, timeout=timeout, files=files, options=options)
        try:
            async with aclosing(answer) as deltas:
                async for delta in deltas:
                    yield delta
        finally:
            for breaker in tried:
                breaker.left()

    async def _first_answer(
        self,
        members: Sequence[AsyncGeneratorProvider],
        messages: Sequence[Message],
        *,
        proxy: str | None,
        timeout: float | None,
        files: Mapping[str, bytes],
        options: Mapping[str, object],
    ) -> AsyncGenerator[Delta, None]:
        errors: list[ProviderError] = []
        whole = Timeouts(_seconds(options, "first_token_s", FIRST_TOKEN_S), _seconds(options, "token_s", TOKEN_S))
        for position, member in enumerate(members, start=1):
            began, is_last, breaker = False, position == len(members), self._health.breaker(member.id)
            note, tokens = _Noted(self._health, self._clock, member), 0
            timeouts = UNLIMITED if is_last else whole.shared(len(members))
            talk = as_taken(messages, member.takes(None))
            more = options if ToolCall in member.takes(None) else {**options, "tools": ()}
            answer = member.create_async_generator(None, talk, proxy=proxy, timeout=timeout, files=files, **more)
            answer = patient(answer, timeouts, provider=member.id, until_text=True)
            try:
                async with aclosing(answer):
                    async for delta in answer:
                        if not began and isinstance(delta, (str, Revised, ToolCall, Media)):
                            began = True
                            breaker.answered()
                            note.began()
                            _tell(options, member)
                        tokens = delta.completion_tokens if isinstance(delta, Usage) else tokens
                        yield _priced(delta, member)
                note.ended(tokens=tokens)
                breaker.ended()
                return
            except ProviderError as error:
                if not isinstance(error, OWN_FAULT):
                    note.ended(tokens=tokens, cause=cause_of(error))
                if not began:
                    breaker.failed(error)
                elif not isinstance(error, OWN_FAULT):
                    breaker.broke_off()
                if began or isinstance(error, (NothingToSend, Refused)):
                    raise
                error.provider = error.provider or member.id
                log.warning("provider failed provider=%s error=%s", member.id, error)
                errors.append(error)
                if not is_last:
                    yield Alive()  # the caller's patience begins anew
        raise _summary(errors, {member.id: member.label or member.id for member in members})

    def takes(self, model: str | None) -> frozenset[type[Block]]:
        """Return what the member takes that takes most, and tools where any takes some; `model` is ignored.

        Recordings and PDFs only where each member takes them: for the others they can be put into words.
        """
        taken = [member.takes(None) for member in self._members]
        most = max((kinds - {ToolCall} for kinds in taken), key=len)
        tools = frozenset({ToolCall}).intersection(frozenset().union(*taken))
        return (most - {kind for kind in (Audio, Document) if any(kind not in kinds for kinds in taken)}) | tools

    def capabilities(self, model: str | None) -> Capabilities:
        """Return what is known: that tools are taken, where any member is known to take some."""
        tools = any(member.capabilities(None).tools for member in self._members)
        return replace(super().capabilities(model), tools=tools or None)

    def _able(self, messages: Sequence[Message]) -> list[AsyncGeneratorProvider]:
        """Return the members that take what the newest message holds, as far as any of them does."""
        newest = content_of(messages[-1]["content"]) if messages else ()
        wanted = self.takes(None).intersection(map(type, newest))
        return [member for member in self._members if wanted <= member.takes(None)]

    def room(self, model: str | None) -> int:
        """Return what the smallest member takes."""
        return min(member.room(None) for member in self._members)

    def _willing(self, members: list[AsyncGeneratorProvider]) -> tuple[list[AsyncGeneratorProvider], list[Breaker]]:
        """Return the members in the order in which they are asked, and the breakers of those that are tried.

        One that may be asked again is tried before the others; those that are left alone come last, where nobody else
        answers.
        """
        willing: list[AsyncGeneratorProvider] = []
        tried: list[Breaker] = []
        for member in members:
            breaker = self._health.breaker(member.id)
            if breaker.is_closed:
                willing.append(member)
            elif not willing and breaker.let():
                tried.append(breaker)
                willing.append(member)
        return [*willing, *(member for member in members if member not in willing)], tried

    async def refresh(self) -> None:
        """Refresh the members; raises the first one's error only where all of them fail."""
        errors = []
        for member in self._members:
            try:
                await member.refresh()
            except ProviderError as error:
                errors.append(error)
        if len(errors) == len(self._members):
            raise errors[0]


def _priced(delta: Delta, member: AsyncGeneratorProvider) -> Delta:
    """Say of an answer's tokens what the member that was asked takes for them."""
    if not isinstance(delta, Usage):
        return delta
    return replace(delta, cost=cost_of(delta, member.capabilities(None)))


class _Noted:
    """Notes how a member's answer goes; one that is a fallback itself does so for its own members."""

    def __init__(self, health: Health, clock: Clock, member: AsyncGeneratorProvider) -> None:
        self._health = health
        self._clock = clock
        self._member = member
        self._asked_at = clock.now()
        self._first_s: float | None = None

    def began(self) -> None:
        """Note the first text."""
        self._first_s = self._clock.now() - self._asked_at

    def ended(self, *, tokens: int, cause: Cause | None = None) -> None:
        """Note the end."""
        seconds = self._clock.now() - self._asked_at
        self._health.note(
            self._member.id, model_of(self._member), first_s=self._first_s, seconds=seconds, tokens=tokens, cause=cause
        )


def _tell(options: Mapping[str, object], member: AsyncGeneratorProvider) -> None:
    """Tell the caller who answers, where he wants to know: by the option `answering`, a function of id and model."""
    tell = options.get("answering")
    if callable(tell) and not isinstance(member, Fallback):
        tell(member.id, model_of(member))


def model_of(provider: AsyncGeneratorProvider) -> str:
    """Return the model that answers where none is named, "" where the service has its own way."""
    return provider.default() if isinstance(provider, ProviderModelMixin) else ""


def _seconds(options: Mapping[str, object], name: str, otherwise_s: float) -> float:
    value = options.get(name)
    return value if isinstance(value, int | float) else otherwise_s


def _summary(errors: Sequence[ProviderError], names: Mapping[str, str]) -> ProviderError:
    """Return the error to tell: a question that is too long can be cut; one that somebody has is not asked again.

    `names`: what people call the members.
    """

    def use(error: ProviderError) -> tuple[bool, bool, bool]:
        is_asked = isinstance(error, TimedOut) and not error.retryable
        return not isinstance(error, TooLong), not is_asked, not error.retryable

    chosen = min(errors, key=use)
    others = (f"{names.get(error.provider, error.provider)}: {error.reason}" for error in errors if error is not chosen)
    chosen.said = "; ".join(filter(None, [chosen.said, *others]))
    return chosen
