"""Aside: the calls that take no slot: chat actions, native drafts, answers to presses of buttons."""

from aiogram import Bot
from aiogram.exceptions import ClientDecodeError, TelegramAPIError, TelegramRetryAfter
from aiogram.methods import SendChatAction, SendMessageDraft

from bot.clock import Clock
from bot.delivery.backoff import CALL_TIMEOUT_S, backoff_s
from bot.delivery.budget.allowance import LONGEST_S
from bot.delivery.budget.budget import Budget
from bot.delivery.pace.pace import wait_s
from bot.delivery.pace.progress import Progress
from bot.delivery.pace.streams import Streams
from bot.delivery.refusal import Failure, is_outage, lacks_method
from bot.delivery.server.incidents import Incidents
from bot.delivery.tasks import Tasks
from bot.delivery.wish import Method

TYPING_TIMEOUT_S = 3
ANSWER_S = 10.0  # a press of a button is answered so late at the most: the answer expires in seconds
DRAFT_BACKOFF_S = 1.0


class Aside:
    """Makes them as their own windows allow; what is refused is skipped, because the next one says more."""

    def __init__(
        self, bot: Bot, budget: Budget, streams: Streams, incidents: Incidents, tasks: Tasks, clock: Clock
    ) -> None:
        self._bot = bot
        self._budget = budget
        self._streams = streams
        self._incidents = incidents
        self._tasks = tasks
        self._clock = clock
        self._has_drafts = True

    def type(self, action: SendChatAction) -> None:
        """Show that the bot is at work, if the budget of chat actions allows; not waited for."""
        chat_id, now = int(action.chat_id), self._clock.now()
        if not self._budget.drafts.ready_in(chat_id, now) and not self._budget.paused_in(chat_id, now):
            self._tasks.spawn(self._type(action, chat_id))

    async def _type(self, action: SendChatAction, chat_id: int) -> None:
        if error := await self._call(action, chat_id, TYPING_TIMEOUT_S):
            self._judge(error, action, chat_id)

    @property
    def has_drafts(self) -> bool:
        """Tell whether the server knows native drafts, as far as has been tried."""
        return self._has_drafts

    def draft_wait(self, chat_id: int, progress: Progress, *, is_first: bool = False) -> float:
        """Return the seconds until the next frame of a draft is worth a call, for the first one only
        where few are left; 0 = now."""
        drafts, now = self._budget.drafts, self._clock.now()
        allowed_s = drafts.ready_in(chat_id, now)
        supply = drafts.supply(chat_id, now)
        if is_first and supply.tokens > supply.burst / 2:
            return allowed_s
        habits, prices = self._streams.habits(chat_id), self._streams.prices(chat_id, supply)
        return max(wait_s(progress.outlook(supply, now, habits=habits, prices=prices)), allowed_s)

    async def draft(self, method: SendMessageDraft) -> bool:
        """Send a draft; False if there are none here. A refused frame is skipped: the next one shows more."""
        chat_id = int(method.chat_id)
        if self._budget.drafts.ready_in(chat_id, self._clock.now()):
            return True
        error = await self._call(method, chat_id, CALL_TIMEOUT_S)
        if error is None or self._judge(error, method, chat_id) or not method.text:
            return True
        self._incidents.no_drafts(error, chat_id)
        self._has_drafts = self._has_drafts and not lacks_method(error)
        return False

    async def answer(self, method: Method) -> None:
        """Answer a press, again and again as long as somebody waits for it."""
        until, tries = self._clock.now() + ANSWER_S, 0
        while True:
            try:
                await self._bot(method, request_timeout=CALL_TIMEOUT_S)
                return
            except (TelegramAPIError, ClientDecodeError) as error:
                pause_s = backoff_s(tries)
                if isinstance(error, TelegramRetryAfter):
                    pause_s = min(error.retry_after, LONGEST_S)
                elif not is_outage(error):
                    return
                if self._clock.now() + pause_s > until:
                    self._incidents.outage(error, method, None)
                    return
            await self._clock.sleep(pause_s)
            tries += 1

    async def _call(self, method: Method, chat_id: int, timeout_s: int) -> Failure | None:
        """Make a call out of the windows of chat actions and drafts; return what came in place of its result."""
        self._budget.drafts.spend(chat_id, self._clock.now())
        try:
            await self._bot(method, request_timeout=timeout_s)
        except (TelegramAPIError, ClientDecodeError) as error:
            return error
        finally:
            self._budget.drafts.ended(chat_id, self._clock.now())
        return None

    def _judge(self, error: Failure, method: Method, chat_id: int) -> bool:
        """Tell whether a failure passes, and pause until it may have."""
        if isinstance(error, TelegramRetryAfter):
            self._incidents.flood(error, chat_id)
            self._budget.drafts.refused(chat_id, error.retry_after, self._clock.now())
            return True
        if not is_outage(error):
            return False
        self._incidents.outage(error, method, chat_id)
        self._budget.drafts.refused(chat_id, DRAFT_BACKOFF_S, self._clock.now())
        return True
