"""Incidents: what the log tells of calls that the server refuses for a while or does not answer."""

import logging

from aiogram.exceptions import TelegramAPIError, TelegramRetryAfter

from bot.clock import Clock, Seldom
from bot.delivery.budget.allowance import LONGEST_S
from bot.delivery.refusal import Failure
from bot.delivery.wish import Method

log = logging.getLogger(__name__)

MAX_WORDS = 100  # characters of what a server says


class Incidents:
    """Tells each flood, and an outage as a chat meets it once a minute."""

    def __init__(self, clock: Clock) -> None:
        self._seldom = Seldom(clock)

    def flood(self, error: TelegramRetryAfter, chat_id: int) -> None:
        """Tell for how long a chat is refused, and when it is asked about if that is before."""
        asked = "" if error.retry_after <= LONGEST_S else f" asking again in {LONGEST_S:.0f} s"
        name = error.method.__api_method__
        log.warning("flood chat=%s retry_after=%s method=%s%s", chat_id, error.retry_after, name, asked)

    def outage(self, error: Failure, method: Method, chat_id: int | None) -> None:
        """Tell that nobody has carried a call out or refused it."""
        if self._seldom.due(chat_id):
            name, kind = method.__api_method__, type(error).__name__
            words = error.message[:MAX_WORDS] if isinstance(error, TelegramAPIError) else ""
            log.warning("no answer chat=%s method=%s error=%s, trying again: %s", chat_id, name, kind, words)

    def no_drafts(self, error: Failure, chat_id: int) -> None:
        """Tell why a chat gets edits."""
        log.info("no drafts, editing instead chat=%s error=%s", chat_id, error)
