"""Intake: each update goes to the handlers; what some of them come to is stored before the next."""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Sequence
from functools import partial

from aiogram import Bot, Dispatcher
from aiogram.dispatcher.middlewares.user_context import UserContextMiddleware
from aiogram.exceptions import AiogramError
from aiogram.methods import GetMe
from aiogram.types import Update, User

from bot.clock import Clock, Seldom
from bot.intake.batch import Asked, Batch, Entry, batch_of, chat_of, people_of
from bot.intake.elsewhere.offers import spot_of, told
from bot.intake.message.mention import GROUPS
from bot.intake.notice import Method, letter, toast
from bot.intake.outbox import Outbox
from bot.intake.people.membership import joined
from bot.intake.updates.reading import Reading, read, update_id
from bot.intake.updates.risks import Risks
from bot.process.trail import about
from bot.settings import AccessMode, Settings
from bot.storage.engine.faults import Lost
from bot.storage.engine.turns import first
from bot.storage.people.access import Accesses
from bot.storage.tables import Rule
from bot.texts import texts

log = logging.getLogger(__name__)

CROWD = 8  # updates at once; of fewer, strangers go in their order, and those of one chat with the others'
ASK_S = 3  # for getMe when the bot comes into a group: others wait behind it


class Intake:
    """Hands updates to the handlers, in order."""

    def __init__(
        self,
        bot: Bot,
        dispatcher: Dispatcher,
        outbox: Outbox,
        settings: Settings,
        risks: Risks,
        clock: Clock,
    ) -> None:
        self._bot = bot
        self._dispatcher = dispatcher
        self._outbox = outbox
        self._settings = settings
        self._risks = risks
        self._clock = clock
        self._has_survived = False  # the first updates: those of which the process before may have died
        self._seldom = Seldom(clock)
        self._resuming = asyncio.Lock()

    async def receive(self, *raws: object) -> None:
        """Handle some updates in their order until they are stored, before all other work on the rows.

        However long that takes. Raises DatabaseDamaged.
        """
        with first():
            await self._receive_first(raws)

    async def _receive_first(self, raws: Sequence[object]) -> None:
        fresh = await self._fresh(raws)
        if self._has_survived or not fresh:
            await self._receive(list(fresh.values()))
            return
        deaths = await self._risks.taken(list(fresh))
        if deaths:
            for known, raw in fresh.items():
                if not await self._passes_over(raw, known, deaths.get(known, 0)):
                    await self._receive([raw])
                await self._risks.survived([known])  # at once: of the next one the process may die
        else:
            await self._receive(list(fresh.values()))
            await self._risks.survived(list(fresh))
        self._has_survived = True

    async def _receive(self, raws: Sequence[object]) -> None:
        readings = [reading for raw in raws if (reading := self._read(raw))]
        if any(_is_arrival(reading.update) for reading in readings):
            await self._ask_who_we_are()
        for some in await self._strangers_last(readings):
            for few in _busy_last(some):
                await self._handle_all(few)

    async def resume(self, telegram_id: int | None) -> None:
        """Handle what was put aside until it is known who administers a group; None: have that asked of all of them.

        Raises DatabaseDamaged.
        """
        if telegram_id is None:
            await self._outbox.ask_again()
            return
        async with self._resuming:  # two answers about a group at once would handle it twice
            for held in await self._outbox.held(telegram_id):
                raw = json.loads(held.body)
                deaths = (await self._risks.taken([held.update_id])).get(held.update_id, 0)
                is_passed_over = await self._passes_over(raw, held.update_id, deaths)
                reading = None if is_passed_over else self._read(raw)
                if reading:
                    await self._handle_all([reading], are_rights_asked=True)
                await self._outbox.release(held.update_id)  # also what came to nothing, as for who was denied meanwhile
                await self._risks.survived([held.update_id])

    async def _passes_over(self, raw: object, known: int, deaths: int) -> bool:
        """Tell whether an update is passed over because processes died of it again and again."""
        entry = await self._risks.passed_over(raw, known, deaths, self._dispatcher["me"])
        if entry:
            await self._outbox.take([entry], self._sorry)
        return entry is not None

    async def _strangers_last(self, readings: Sequence[Reading]) -> list[Sequence[Reading]]:
        """Part what people do who were let in from what strangers do: a crowd of those is to hold nobody up."""
        if self._settings.access is AccessMode.OPEN or len(readings) < CROWD:
            return [readings]
        people = [people_of(reading.update) for reading in readings]
        accesses: Accesses = self._dispatcher["accesses"]
        rules = await accesses.rules(*{each for some in people for each in some})
        known = {each for each, rule in rules.items() if rule in (Rule.OWNER, Rule.ALLOW)}
        known |= self._settings.listed
        parts: list[Sequence[Reading]] = [
            [reading for reading, some in zip(readings, people, strict=True) if known.isdisjoint(some) is are_strangers]
            for are_strangers in (False, True)
        ]
        return [part for part in parts if part]

    async def _ask_who_we_are(self) -> None:
        """Ask Telegram anew what the bot may see: privacy mode is switched at @BotFather while the bot runs.

        Where no answer comes, what was known before counts.
        """
        try:
            me = await self._bot(GetMe(), request_timeout=ASK_S)
        except (AiogramError, OSError) as error:
            log.info("not known who we are now error=%s", type(error).__name__)
            return
        if isinstance(me, User):
            self._dispatcher["me"] = me

    async def _fresh(self, raws: Sequence[object]) -> dict[int, object]:
        """Return those updates that were not taken before, each once, by their ids."""
        by_id: dict[int, object] = {}
        for raw in raws:
            known = update_id(raw)
            if known is not None:
                by_id.setdefault(known, raw)
            elif self._seldom.due("no update"):
                log.warning("no update, passed over type=%s", type(raw).__name__)
        taken = await self._outbox.known(list(by_id)) if by_id else set()
        return {known: raw for known, raw in by_id.items() if known not in taken}

    def _read(self, raw: object) -> Reading | None:
        try:
            reading = read(raw, self._bot)
        except Exception:
            log.exception("reading bug update=%s", update_id(raw))
            return None
        if reading is None and self._seldom.due("unread"):
            log.warning("update cannot be read id=%s", update_id(raw))
        elif reading and reading.left_out and self._seldom.due("left out"):
            log.warning("update read in part id=%s left_out=%s", update_id(raw), ",".join(sorted(reading.left_out)))
        return reading

    async def _handle_all(self, readings: Sequence[Reading], *, are_rights_asked: bool = False) -> None:
        """Handle some updates; what they come to is stored at the end, or before one of the same chat changes a row."""
        batch = batch_of([reading.update for reading in readings], await self._outbox.aside())
        for reading in readings:
            await self._handle(reading, batch, are_rights_asked=are_rights_asked)
            await self._clock.sleep(0)  # others have their turn: a post to the webhook waits for an answer
        await self._settle(batch)

    async def _settle(self, batch: Batch) -> None:
        """Store what a batch holds."""
        await self._outbox.take(batch.emptied(), self._sorry)

    async def _handle(self, reading: Reading, batch: Batch, *, are_rights_asked: bool) -> None:
        """Give an update to the handlers; a bug in one of them is told in the chat, and the update counts as taken."""
        update = reading.update
        beside = {"batch": batch, "content": reading.content, "left_out": reading.left_out}
        beside["settle"] = partial(self._settle, batch)
        try:
            with about(update=update.update_id):
                await self._dispatcher.feed_update(self._bot, update, **beside, are_rights_asked=are_rights_asked)
        except Lost:
            raise
        except Exception:
            log.exception("handler bug update=%s", update.update_id)
            batch.entries.append(self._apology(update))

    def _apology(self, update: Update) -> Entry:
        context = UserContextMiddleware.resolve_event_context(update)
        words = texts(self._settings.language, context.user.language_code if context.user else None)
        said: tuple[Method, ...] = ()
        if update.callback_query:
            said = (toast(update.callback_query, words.internal),)
        elif update.message:
            said = (letter(update.message.chat.id, words.internal),)
        elif spot := spot_of(update):
            said = (told(spot, words.internal),)
        return Entry(update.update_id, said, chat_of(update), context.user.id if context.user else 0)

    def _sorry(self, entry: Entry) -> Entry:
        """Return what is said in place of what could not be stored."""
        words = texts(self._settings.language)
        asked = entry.outcome.question if isinstance(entry.outcome, Asked) else None
        said: tuple[Method, ...] = ()
        if asked and asked.spot:
            said = (told(asked.spot, words.internal),)
        elif asked and entry.chat_id is not None:
            said = (letter(entry.chat_id, words.internal),)
        return Entry(entry.update_id, said, entry.chat_id, entry.by)


def _is_arrival(update: Update) -> bool:
    """Tell whether the bot came into a group."""
    change = update.my_chat_member
    return change is not None and change.chat.type in GROUPS and joined(change)


def _busy_last(readings: Sequence[Reading]) -> list[list[Reading]]:
    """Part what happened in chats where little did from where much did: each part is stored by itself, in this order.

    Those of a chat stay in their order, so nobody waits for a hundred commands that somebody else sent in one go.
    """
    chats = [chat_of(reading.update) for reading in readings]
    counts = Counter(chats)
    parts = [
        [reading for reading, chat in zip(readings, chats, strict=True) if (counts[chat] >= CROWD) is are_many]
        for are_many in (False, True)
    ]
    return [part for part in parts if part]
