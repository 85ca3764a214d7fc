"""Responder: asks the provider for a turn's answer and has the reply show it."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from typing import cast

from aiogram.methods import SendMessage

from bot.catalog import GUIDE, Catalog
from bot.clock import Clock
from bot.delivery.delivery import Delivery
from bot.delivery.refusal import ChatGone
from bot.reply.draft import Draft
from bot.reply.mending import Undeliverable, Unshowable
from bot.reply.place import InChat, Place
from bot.reply.reply import Reply
from bot.reply.search import Search
from bot.settings import StreamMode
from bot.storage.chats import Chats
from bot.storage.parts import Parts
from bot.storage.tables import Chat, Outcome, State, Turn
from bot.storage.turns import Turns
from bot.texts import Texts, texts
from bot.visible import is_visible
from bot.work.failure import sentence
from bot.work.fold import Fold
from bot.work.stream import CLOSE_S, Timeouts, stream
from bot.work.window import fit, shorten
from providers.base import Alive, AsyncGeneratorProvider, Message, Role
from providers.errors import (
    EmptyAnswer,
    ModelGone,
    ModelNotSupported,
    NothingToSend,
    OnlyThought,
    ProviderError,
    RateLimited,
    Refused,
    TimedOut,
    TooLong,
)

log = logging.getLogger(__name__)

MAX_DEATHS = 10  # of processes in a row in which a turn was under way, in the end alone: then it is given up
RETRIES_S = (0.5, 1.5)  # pauses before an unavailable service is asked again
MAX_REASONING = 3_000  # characters of it, the last ones, so that the answer stays in sight
TOLD_S = 8.0  # after the first failure it is told, so that the user reads it within 10 s
SILENT_WAIT_S = 5.0  # of a Retry-After; a longer one is told

_ONLY_THIS = (
    TooLong,
    Refused,
    NothingToSend,
    ModelNotSupported,
    ModelGone,
    OnlyThought,
)  # the next question may do well


@dataclass(frozen=True, slots=True)
class Ending:
    """How a generation ended: what goes into the history (None: nothing) and what the reader is to see.

    `shown` None: what a former attempt left on the screen stays there. `note`: the line under it, which says why the
    answer is not whole. `is_bare`: no text of an answer came.
    """

    outcome: Outcome
    answer: str | None
    shown: str | None
    note: str | None = None
    is_bare: bool = False


class Responder:
    """Answers turns, one call of `answer` each."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        chats: Chats,
        turns: Turns,
        parts: Parts,
        delivery: Delivery,
        search: Search,
        clock: Clock,
        timeouts: Timeouts,
        system_prompt: str,
        max_answer: int,
        max_parts: int,
        drafts: StreamMode = StreamMode.EDIT,
    ) -> None:
        self._catalog = catalog
        self._chats = chats
        self._turns = turns
        self._parts = parts
        self._delivery = delivery
        self._search = search
        self._clock = clock
        self._timeouts = timeouts
        self._system_prompt = system_prompt
        self._max_answer = max_answer
        self._max_parts = max_parts
        self._drafts = drafts

    async def answer(self, turn: Turn, stopped: asyncio.Event) -> None:
        """Bring a claimed turn to its end: generate, unless that is done, and show the whole of it."""
        if turn.deaths > MAX_DEATHS:
            await self._give_up(turn, texts(turn.language).gave_up)
            return
        started = self._clock.now()
        chat = await self._chats.row(turn.chat_id)
        words = texts(turn.language)
        reply = Reply(
            turn,
            InChat.of(chat),
            words,
            delivery=self._delivery,
            search=self._search,
            parts=self._parts,
            chats=self._chats,
            clock=self._clock,
            max_parts=self._max_parts,
            draft=self._draft(turn, chat),
        )
        undeliverable: Outcome | None = None
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(reply.run())
                if turn.state == State.DELIVERING and turn.deaths >= MAX_DEATHS:
                    reply.finish(words.gave_up)
                elif turn.state == State.DELIVERING:
                    _finish(reply, turn.outcome, turn.shown, turn.note, words)
                else:
                    ending = await self._generate(turn, chat, words, reply, stopped)
                    ending = await self._with_former(turn, reply, ending)
                    await self._turns.answered(
                        turn.id, ending.outcome, answer=ending.answer, shown=ending.shown, note=ending.note
                    )
                    _finish(reply, ending.outcome, ending.shown, ending.note, words)
        except* (ChatGone, Undeliverable) as group_error:
            undeliverable = Outcome.UNDELIVERABLE
            log.info("turn undeliverable turn=%s chat=%s", turn.id, chat.id)
            if group_error.subgroup(ChatGone):
                await self._chats.set_gone(reply.place.telegram_id, gone=True)
            elif group_error.subgroup(Unshowable):
                self._say(reply.place, words.unshowable)
        await self._turns.close(turn.id, undeliverable)
        if undeliverable is None and (former := await self._parts.last_before(turn)) is not None:
            bare = reply.place.edit_keyboard(former)
            self._delivery.tidy(reply.place.key, bare)  # only the last answer of a conversation has a button
        log.info("turn done turn=%s chat=%s seconds=%.1f", turn.id, chat.id, self._clock.now() - started)

    async def apologise(self, turn: Turn) -> Turn | None:
        """Have a turn that met a bug of ours end with the general error; return it to be delivered.

        None where even the delivery met it: then the chat is told by a notice.
        """
        sentence = texts(turn.language).internal
        if await self._turns.answered(turn.id, Outcome.FAILED, answer=None, shown=sentence):
            return await self._turns.get(turn.id)
        await self._give_up(turn, sentence)
        return None

    async def _give_up(self, turn: Turn, sentence: str) -> None:
        """End a turn of which not even a failure can be shown in its reply."""
        chat = await self._chats.row(turn.chat_id)
        await self._turns.close(turn.id, Outcome.FAILED)
        self._say(InChat.of(chat), sentence)

    def _say(self, place: Place, sentence: str) -> None:
        thread_id = place.thread_id or None
        self._delivery.postbox.post(SendMessage(chat_id=place.telegram_id, message_thread_id=thread_id, text=sentence))

    def _draft(self, turn: Turn, chat: Chat) -> Draft | None:
        """Return a draft for the growing text where drafts are wanted and there are any."""
        place = InChat.of(chat)
        wanted = self._drafts is not StreamMode.EDIT and place.has_drafts and chat.streaming
        if not wanted or not self._delivery.aside.has_drafts:
            return None
        is_expected = self._drafts is StreamMode.DRAFT
        return Draft(turn.id, place, delivery=self._delivery, clock=self._clock, is_expected=is_expected)

    async def _generate(self, turn: Turn, chat: Chat, words: Texts, reply: Reply, stopped: asyncio.Event) -> Ending:
        """Ask the provider until there is an answer, a failure or a stop."""
        if turn.deaths >= MAX_DEATHS:
            return Ending(Outcome.FAILED, None, words.gave_up if await reply.standing() == "" else None)
        provider = self._catalog.get(self._catalog.resolve(chat.provider))
        fold = Fold(limit=self._max_answer)
        if stopped.is_set():
            return await _stopped(fold, reply, chat, words)
        model = await self._chats.model(chat.id, provider.id)
        conversation = await self._conversation(turn, chat)

        newest = partial(_told, fold, chat)

        def show() -> None:
            if chat.streaming:
                reply.show(newest)

        def wait() -> None:
            reply.wait(words.loading)

        try:
            messages = fit(conversation, provider.context_tokens)
            if not await _unless(stopped, self._ask(provider, model, messages, fold, show, wait)):
                return await _stopped(fold, reply, chat, words)
            if not is_visible(fold.text):
                raise EmptyAnswer("no text", provider=provider.id)
        except ProviderError as error:
            log.warning("provider failed turn=%s error=%s", turn.id, error)
            self._catalog.note(provider.id, ok=isinstance(error, _ONLY_THIS))
            asked = self._catalog.model(provider.id, model)
            told = sentence(error, words, provider=provider.id, model=asked)
            return self._with_guide(await _failed(fold, reply, told, words), provider.id, words)
        except Exception:
            log.exception("provider bug turn=%s provider=%s", turn.id, provider.id)
            self._catalog.note(provider.id, ok=False)
            return await _failed(fold, reply, words.internal, words)
        self._catalog.note(provider.id, ok=True)
        lines = [*([words.cut] if fold.full else []), *([turn.unread] if turn.unread else [])]
        return Ending(Outcome.ANSWERED, fold.text, _told(fold, chat), note="\n".join(lines) or None)

    def _with_guide(self, ending: Ending, asked: str, words: Texts) -> Ending:
        """Tell how to get the guide, where it is offered beside a provider that fails."""
        if not ending.is_bare or not self._catalog.failing(asked) or GUIDE not in self._catalog.ids or asked == GUIDE:
            return ending
        return replace(ending, shown=f"{ending.shown} {words.guide}")

    async def _with_former(self, turn: Turn, reply: Reply, ending: Ending) -> Ending:
        """Keep the answer that was to be replaced in its own messages, if nothing came in its place."""
        if not ending.is_bare or turn.replaces is None or not await reply.takes_over():
            return ending
        former = await self._turns.get(turn.replaces)
        if former is None or former.shown is None:
            return ending
        note = ending.shown if ending.outcome is Outcome.FAILED else former.note
        return replace(ending, shown=former.shown, note=note)

    async def _conversation(self, turn: Turn, chat: Chat) -> list[Message]:
        """Return all that was said, under the system prompt."""
        prompt = chat.system_prompt or self._system_prompt
        system = [Message(role="system", content=prompt)] if prompt else []
        said = [Message(role=cast("Role", role), content=text) for role, text in await self._turns.history(turn)]
        return [*system, *said]

    async def _ask(
        self,
        provider: AsyncGeneratorProvider,
        model: str | None,
        messages: Sequence[Message],
        fold: Fold,
        show: Callable[[], None],
        wait: Callable[[], None],
    ) -> None:
        """Stream one answer; a service that is unavailable is asked again as long as nothing was shown.

        Raises ProviderError.
        """
        told_at: float | None = None
        is_told = False
        pauses = list(RETRIES_S)
        while True:
            left_s = told_at - self._clock.now() if told_at is not None else None
            try:
                async with (
                    asyncio.timeout(left_s) as patience,
                    aclosing(stream(provider, model, messages, self._timeouts)) as deltas,
                ):
                    async for delta in deltas:
                        patience.reschedule(None)  # it is at work: what it costs is spent
                        if fold.add(delta):
                            show()
                        elif isinstance(delta, Alive) and delta.loading and not is_told:
                            is_told = True
                            wait()
                        if fold.full:
                            return
                return
            except TimeoutError:
                raise TimedOut("no text after a failure", provider=provider.id) from None
            except TooLong:
                if fold.text:
                    raise
                messages = shorten(messages)
            except ProviderError as error:
                told_at = told_at or self._clock.now() + TOLD_S
                pause = _pause(error, pauses)
                if fold.text or pause is None or self._clock.now() + pause >= told_at:
                    raise
                log.warning("asking again provider=%s pause=%s error=%s", provider.id, pause, error)
                await self._clock.sleep(pause)


async def _unless(stopped: asyncio.Event, work: Coroutine[None, None, None]) -> bool:
    """Do `work` unless `stopped` is set before it ends; tell whether it ended by itself."""
    task = asyncio.ensure_future(work)
    stop = asyncio.ensure_future(stopped.wait())
    try:
        await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stop.cancel()
        ended = task.done()
        if not ended:
            task.cancel()
            await asyncio.wait({task}, timeout=CLOSE_S)
    if ended:
        await task
    return ended


def _pause(error: ProviderError, pauses: list[float]) -> float | None:
    """Return how long to wait before the service is asked again, None where that is no use."""
    if isinstance(error, RateLimited) and error.retry_after_s is not None and error.retry_after_s <= SILENT_WAIT_S:
        return max(error.retry_after_s, pauses.pop(0)) if pauses else None
    return pauses.pop(0) if error.retryable and pauses else None


def _told(fold: Fold, chat: Chat) -> str:
    """Return what the reader is shown of an answer: its text, under its reasoning where the chat wants that."""
    reasoning = fold.reasoning.strip()[-MAX_REASONING:]
    if not chat.reasoning or not is_visible(reasoning) or not is_visible(fold.text):
        return fold.text
    return "".join(f"> {line}\n" for line in reasoning.splitlines()) + f"\n{fold.text}"


def _finish(reply: Reply, outcome: Outcome | None, shown: str | None, note: str | None, words: Texts) -> None:
    """Have the reply show how its generation ended."""
    if shown is not None:
        reply.finish(shown, note or "")
    elif outcome is Outcome.STOPPED:
        reply.keep(note or words.stopped_mark, otherwise=words.stopped)
    else:
        reply.keep(note or words.incomplete, otherwise=words.gave_up)


async def _stopped(fold: Fold, reply: Reply, chat: Chat, words: Texts) -> Ending:
    """Keep what stands; where that is nothing, say so."""
    standing = await reply.standing()
    if standing != "":
        return Ending(Outcome.STOPPED, standing, None, note=words.stopped_mark)
    if not is_visible(fold.text):
        return Ending(Outcome.STOPPED, None, words.stopped, is_bare=True)
    return Ending(Outcome.STOPPED, fold.text, _told(fold, chat), note=words.stopped_mark)


async def _failed(fold: Fold, reply: Reply, told: str, words: Texts) -> Ending:
    """End with the sentence that tells a failure; where there is text, before it or on the screen, as incomplete."""
    if await reply.standing() != "":
        return Ending(Outcome.FAILED, None, None, note=words.incomplete)
    if is_visible(text := fold.text.strip()):
        return Ending(Outcome.FAILED, None, text, note=words.incomplete)
    return Ending(Outcome.FAILED, None, told, is_bare=True)
