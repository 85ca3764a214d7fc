"""Serving: what people want of an answer beside its text is made and sent, beside all else.

An order is a row until it was sent. One that is killed right between Telegram's answer and taking the row out is sent
twice, as a notice is.
"""

import asyncio
import logging
import math
from collections import Counter
from collections.abc import Callable

from aiogram.methods import SendDocument, SendVoice
from aiogram.types import Message

from bot.clock import Clock, Lull
from bot.delivery.delivery import Delivery
from bot.delivery.priority import Priority
from bot.delivery.refusal import ChatGone, DeliveryError, Migrated, Rejected, Unanswered
from bot.delivery.wish import Wish, always
from bot.reply.markdown.rendered import Rendered
from bot.reply.place import InChat
from bot.storage.answers.orders import Open, Orders
from bot.storage.chats import Chats
from bot.storage.engine.faults import Lost
from bot.storage.signals import Signals
from bot.storage.telegram.notices import Packed
from bot.texts import texts
from bot.work.extras.handouts import handouts
from bot.work.extras.voice import VOICE, Voice
from bot.work.failure import sentence
from providers.blocks import text_of
from providers.errors import ProviderError
from providers.media.speech import ID

log = logging.getLogger(__name__)

FORBIDDEN = "voice_messages_forbidden"
LOOK_S = 60.0
SELDOM_S = 900.0  # where nothing has happened since
MOST = 200  # in our hands at once, each with its answer
MOST_SENDS = 2  # each may have been carried out, though it had no answer
MAX_ATTEMPTS = 5  # of processes that died meanwhile


class Serving:
    """Serves the orders of all chats while `run` runs; `label`: what a provider is called."""

    def __init__(
        self,
        orders: Orders,
        chats: Chats,
        delivery: Delivery,
        voice: Voice,
        label: Callable[[str], str],
        signals: Signals,
        clock: Clock,
        lull: Lull | None = None,
    ) -> None:
        self._orders = orders
        self._voice = voice
        self._label = label
        self._chats = chats
        self._delivery = delivery
        self._signals = signals
        self._clock = clock
        self._lull = lull or Lull(clock, math.inf)
        self._held: set[int] = set()
        self._silences = Counter[int]()  # sends without an answer, by order

    async def run(self) -> None:
        """Serve what is ordered, for ever. Raises DatabaseDamaged."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._signals.orders.clear()
                while len(self._held) < MOST and (begun := await self._orders.begin(self._held)):
                    self._held |= {order.id for order in begun}
                    for order in begun:
                        group.create_task(self._serve(order))
                await self._lull.wait(self._signals.orders, LOOK_S, SELDOM_S)

    async def _serve(self, order: Open) -> None:
        place = InChat.of(order.chat)
        try:
            if order.attempts > MAX_ATTEMPTS or (method := await self._made(order, place)) is None:
                await self._fail(order, place)
            else:
                await self._send(order, place, method)
        except Migrated as error:
            await self._chats.migrate(place.telegram_id, error.chat_id)
        except Unanswered:
            log.warning("order without an answer order=%s", order.id)
            self._silences[order.id] += 1
            if self._silences[order.id] == MOST_SENDS:
                await self._fail(order, place)
        except ProviderError as error:
            log.warning("order not made order=%s error=%s", order.id, error)
            words = texts(order.language)
            reader = self._label(error.provider) if error.provider not in ("", ID) else "🔊"
            await self._fail(order, place, sentence(error, words, provider=reader, model=None))
        except ChatGone:
            await self._chats.set_gone(place.telegram_id, gone=True)
            await self._orders.done(order.id)
        except DeliveryError as error:
            log.warning("order refused order=%s error=%s", order.id, error)
            await self._fail(order, place)
        except Lost:
            raise
        except Exception:
            log.exception("order broke order=%s", order.id)
            await self._fail(order, place)
        finally:
            self._held.discard(order.id)
        self._signals.orders.set()

    async def _made(self, order: Open, place: InChat) -> SendDocument | SendVoice | None:
        """Make what is ordered; None where that cannot be. Raises ProviderError."""
        if order.data.startswith(VOICE):
            payer, text = (order.user_id, place.telegram_id), text_of(order.content)
            data, is_cut = await self._voice.of(order.answer_id, order.prompt_id, text, payer=payer)
            words = texts(order.language)
            caption = words.voice_cut if is_cut else ""
            return place.send_voice(data, Rendered(caption), reply_to=order.message_id)
        number = int(order.data.rpartition(":")[2])
        found = await asyncio.to_thread(handouts, text_of(order.content))
        if number >= len(found):  # another version of this program has offered it
            return None
        text = await asyncio.to_thread(lambda: found[number].text)
        return place.send_file(text, found[number].name, Rendered(""), reply_to=order.message_id)

    async def _send(self, order: Open, place: InChat, method: SendDocument | SendVoice) -> None:
        """Send it. Raises DeliveryError."""

        async def landed(result: object) -> None:
            message = result if isinstance(result, Message) else None
            await self._orders.done(order.id, sent=(place.telegram_id, message.message_id) if message else None)

        try:
            await self._delivery.call(Wish(place.key, always(method, landed)), Priority.FINAL)
        except Rejected as error:
            if not isinstance(method, SendVoice) or FORBIDDEN not in str(error):
                raise
            audio = place.as_audio(method)  # the person wants no voice messages, and has asked for this one
            await self._delivery.call(Wish(place.key, always(audio, landed)), Priority.FINAL)
        log.info("order served order=%s answer=%s", order.id, order.answer_id)

    async def _fail(self, order: Open, place: InChat, why: str = "") -> None:
        """Say that it cannot be had; the button stays."""
        words = texts(order.language)
        told = place.send(Rendered(why or words.order_failed), reply_to=order.message_id)
        packed = Packed(told.__api_method__, told.model_dump_json(exclude_unset=True))
        key = await self._orders.failed(order.id, packed)
        if key is not None:
            self._delivery.postbox.post(told, by=order.user_id, key=key)
