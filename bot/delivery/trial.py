"""Trial: how it has gone with a wish so far, and whether its call fails for what it says."""

from dataclasses import dataclass

from aiogram.exceptions import TelegramEntityTooLarge

from bot.delivery.backoff import backoff_s
from bot.delivery.refusal import Failure, Rejected, TooLarge, weights, words_of

ENOUGH = 30


@dataclass(slots=True)
class Trial:
    """How often a wish has failed, and the evidence that it is refused for itself, while the server is itself.

    A 413 is about the call: three of them are enough, if getMe is answered meanwhile. A 400 or 403 with words that are
    not known, and a server without `sendDocument`: three, if calls of others pass in between, else fifteen, which is a
    minute. All else may be the weather: thirty, and each time another call must have passed in between.
    """

    not_before: float = 0.0  # `Clock.now` at which it may be made again
    _failures: int = 0  # in a row
    _evidence: int = 0
    _passed: int | None = None  # calls that had passed at the last failure

    def passed(self) -> None:
        """Begin anew: the call was carried out."""
        self._failures, self._evidence, self._passed = 0, 0, None

    def refused(self) -> None:
        """Note a clear refusal: the server is there."""
        self._failures = 0

    def failed(self, now: float) -> None:
        """Note that nobody has carried the call out or refused it: it pauses, longer each time."""
        self.not_before = now + backoff_s(self._failures)
        self._failures += 1

    def asks_for_proof(self, error: Failure, passed: int) -> bool:
        """Tell whether it matters now that getMe is answered."""
        return weights(error)[1] > 0 and not self._was_overtaken(passed)

    def blame(self, error: Failure, passed: int, *, is_itself: bool) -> Rejected | None:
        """Weigh a failure; return the refusal where there is evidence enough.

        `passed`: how many calls have been carried out so far; `is_itself`: getMe was answered just now.
        """
        by_others, by_proof = weights(error)
        self._evidence += by_others if self._was_overtaken(passed) else by_proof if is_itself else 0
        self._passed = passed
        if self._evidence < ENOUGH:
            return None
        self._evidence = 0
        return TooLarge(words_of(error)) if isinstance(error, TelegramEntityTooLarge) else Rejected(words_of(error))

    def _was_overtaken(self, passed: int) -> bool:
        return self._passed is not None and passed > self._passed
