"""Outbox: takes what a batch came to by one commit; what is said is stored with it, sent, and sent again after a crash.

At least once: who is killed right between Telegram's answer and taking the notice out says it twice.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from aiogram.methods import DeleteMessage, EditMessageText, SendMessage
from pydantic import ValidationError

from bot.intake.batch import Asked, Changed, Entry, Limited, Refused, Tell
from bot.intake.notice import Method, Post
from bot.intake.room import answers, cut
from bot.storage.engine.faults import Lost
from bot.storage.overheard import Heard
from bot.storage.people.usage import Reached
from bot.storage.questions.questions import Verdict
from bot.storage.questions.taking import Hold, Receipt, Taken, Taking
from bot.storage.tables import Held
from bot.storage.telegram.notices import Notices, Packed

log = logging.getLogger(__name__)

KEPT = {method.__api_method__: method for method in (SendMessage, EditMessageText, DeleteMessage)}

Apology = Callable[[Entry], Entry]


class Outbox:
    """Stores what updates came to, and posts what is said.

    `asked`: strangers want to come in. `want` is told of each group whose administrators an update waits for.
    """

    def __init__(self, delivery: Post, taking: Taking, notices: Notices, want: Callable[[int], None]) -> None:
        self._delivery = delivery
        self._taking = taking
        self._notices = notices
        self._want = want
        self._told: set[tuple[int, int]] = set()  # chats and persons that were told that they ask too much
        self._aside: dict[int, int] | None = None  # the groups of the updates that were put aside; None: not yet read
        self.asked = asyncio.Event()

    async def known(self, update_ids: Sequence[int]) -> set[int]:
        """Return those of some updates that were taken before."""
        return await self._taking.known(update_ids)

    async def aside(self) -> set[int]:
        """Return the groups of which an update was put aside."""
        if self._aside is None:
            rows = await self._taking.held()
            if self._aside is None:  # yet: somebody else may have read them meanwhile, and put more aside
                self._aside = {held.update_id: held.telegram_id for held in rows}
        return {*self._aside.values()}

    async def held(self, telegram_id: int) -> list[Held]:
        """Return the updates that were put aside for a group."""
        return await self._taking.held(telegram_id)

    async def release(self, update_id: int) -> None:
        """Note that an update that was put aside is taken, whatever it came to."""
        await self._taking.release(update_id)
        if self._aside is not None:
            self._aside.pop(update_id, None)

    async def ask_again(self) -> None:
        """Have it asked who administers the groups of which a former process put something aside."""
        for telegram_id in await self.aside():
            self._want(telegram_id)

    async def take(self, entries: Sequence[Entry], apology: Apology) -> None:
        """Take some updates; one that cannot be stored for a bug of ours costs the others nothing.

        Where too much waits already, `too_much` is said once in place of all further answers, until there is room.
        """
        if not entries:
            return
        fitting = self._as_there_is_room(entries)
        names = {entry.by: entry.name for entry in fitting if entry.name}
        try:
            receipts = await self._taking.store([_taken(entry) for entry in fitting], held=self._aside, names=names)
        except Lost:
            raise
        except Exception:
            log.exception("cannot be stored updates=%s", [entry.update_id for entry in entries])
            if len(entries) > 1:
                for entry in entries:
                    await self.take([entry], apology)
            elif (sorry := apology(entries[0])) != entries[0]:
                await self.take([sorry], apology)
            return
        for entry, receipt in zip(fitting, receipts, strict=True):
            self._post(entry, receipt)

    def post(
        self,
        methods: Sequence[Method],
        keys: Sequence[int],
        *,
        chat_id: int | None = None,
        by: int = 0,
        last: bool = False,
        openly: Method | None = None,
    ) -> None:
        """Post what was stored under these keys; `chat_id`: where that was asked for, `by`: who asked.

        `openly`: what is said of answers that only one person was to see, and that could not be said so.
        Answers to presses and command menus are not kept: those expire in seconds, these are registered at each start.
        """
        left = iter(keys)
        for method in methods:
            is_asked = getattr(method, "chat_id", None) == chat_id
            key = next(left) if is_kept(method) else None
            self._delivery.post(method, by=(by or chat_id or 0) if is_asked else 0, key=key, last=last, openly=openly)

    async def recall(self) -> None:
        """Post what a former process left, however old: somebody waits for it, or has to know it; strangers last."""
        count = last = 0
        to_strangers = await self._notices.to_strangers()
        while waiting := await self._notices.waiting(last):
            for last, packed in waiting.items():
                try:
                    method = KEPT[packed.method].model_validate_json(packed.body)
                except (KeyError, ValidationError):
                    log.warning("notice cannot be read key=%s method=%s", last, packed.method)
                    await self._notices.drop(last)
                else:
                    self._delivery.post(method, key=last, last=last in to_strangers)
                    count += 1
        if count:
            log.info("notices posted again count=%s", count)

    def _as_there_is_room(self, entries: Sequence[Entry]) -> list[Entry]:
        """Return the entries with what is said where a person has asked, as far as it may wait."""
        told = set[tuple[int, int]]()
        soon: dict[int, list[tuple[int, SendMessage]]] = {}  # what the entries before are to say in a chat
        fitting: list[Entry] = []
        for entry in entries:
            chat_id, by = entry.chat_id, entry.by
            if chat_id is None or entry.too_much is None or not (said := answers(entry, chat_id)):
                fitting.append(entry)
                continue
            before = soon.setdefault(chat_id, [])
            is_told = (chat_id, by) in told
            if not is_told and self._delivery.has_room(chat_id, by, [person for person, _ in before]):
                self._told.discard((chat_id, by))
                if not isinstance(entry.outcome, Asked) and (not before or before[-1][1] != said[-1]):  # equals are one
                    before += [(by, each) for each in said]
                fitting.append(entry)
                continue
            instead = () if is_told or (chat_id, by) in self._told else (entry.too_much,)
            if not isinstance(entry.outcome, Asked):
                told.add((chat_id, by))
                log.info("too much asked at once chat=%s user=%s", chat_id, by)
            fitting.append(replace(entry, outcome=cut(entry.outcome, chat_id, instead)))
        return fitting

    def _post(self, entry: Entry, receipt: Receipt) -> None:
        match entry.outcome, receipt.verdict:
            case Hold(telegram_id=telegram_id), _:
                if self._aside is not None:
                    self._aside[entry.update_id] = telegram_id
                self._want(telegram_id)
            case ((Asked(if_limited=tell) | Limited(if_limited=tell)) as outcome, Verdict.LIMITED):
                toast = (outcome.toast,) if isinstance(outcome, Asked) and outcome.toast else ()
                self._say(entry, (*toast, *(tell(receipt.reached) if tell and receipt.reached else ())), receipt)
            case Asked(if_busy=methods), Verdict.BUSY:
                self._say(entry, methods, receipt)
            case Asked(methods=methods), Verdict.ACCEPTED:
                self._say(entry, methods, receipt)
            case Refused(methods=methods, stranger=stranger), Verdict.ACCEPTED:
                log.info("access refused chat=%s user=%s", stranger.telegram_id, stranger.by)
                self._say(entry, methods, receipt, last=True)
                self.asked.set()
            case ((Asked(methods=methods) | Changed(methods=methods)), Verdict.KNOWN):  # every press is answered
                self._say(entry, [method for method in methods if not is_kept(method)], receipt)
            case Changed(methods=methods), _:
                self._say(entry, methods, receipt)
            case tuple() as methods, _:
                self._say(entry, methods, receipt)

    def _say(self, entry: Entry, methods: Sequence[Method], receipt: Receipt, *, last: bool = False) -> None:
        if entry.chat_id is not None and any(method is entry.too_much for method in methods):
            self._told.add((entry.chat_id, entry.by))
        self.post(methods, receipt.keys, chat_id=entry.chat_id, by=entry.by, last=last, openly=entry.openly)


def is_kept(method: Method) -> bool:
    """Tell whether a call is made again after a kill.

    Not what only one person sees: that is refused after 15 s.
    """
    replied = method.reply_parameters if isinstance(method, SendMessage) else None
    return method.__api_method__ in KEPT and (replied is None or replied.ephemeral_message_id is None)


def packed(methods: Sequence[Method]) -> tuple[Packed, ...]:
    """Pack those methods that are kept, as calls of the Bot API."""
    kept = (method for method in methods if is_kept(method))
    return tuple(Packed(method.__api_method__, method.model_dump_json(exclude_unset=True)) for method in kept)


def _taken(entry: Entry) -> Taken:
    match entry.outcome:
        case Asked(question=question, methods=methods, if_busy=if_busy, if_limited=tell):
            return Taken(entry.update_id, question, packed(methods), packed(if_busy), _packing(tell))
        case Limited(spent=spent, if_limited=tell):
            return Taken(entry.update_id, spent, if_limited=_packing(tell))
        case Changed(change=change, methods=methods):
            return Taken(entry.update_id, change, packed(methods))
        case Refused(stranger=stranger, methods=methods):
            return Taken(entry.update_id, stranger, packed(methods))
        case (Hold() | Heard()) as alone:
            return Taken(entry.update_id, alone)
        case methods:
            return Taken(entry.update_id, None, packed(methods))


def _packing(tell: Tell | None) -> Callable[[Reached], tuple[Packed, ...]] | None:
    return (lambda reached: packed(tell(reached))) if tell else None
