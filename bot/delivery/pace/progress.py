"""Progress: how a reply comes along; the reply alone writes it, delivery reads when its next call is worth one."""

from dataclasses import dataclass, field

from bot.delivery.budget.supply import Supply
from bot.delivery.pace.habits import Habits
from bot.delivery.pace.pace import Outlook
from bot.delivery.pace.prices import Prices
from bot.delivery.pace.rhythm import Rhythm


@dataclass(slots=True, eq=False)
class Progress:
    """Times are `Clock.now`, 0 for none: `begun_at` of the first delta, `called_at` of the last call that showed text,
    `behind_since` of the oldest text that no call has shown, `newer_since` of that which the call under way does not.

    `spare`: calls that must be left to the chat besides the final one. `is_open`: a message of it stands. `is_final`:
    the text is whole, and what waits for it goes first. `has_line`: there is a line to be read, or something of it is
    on the screen already. `has_shown`: that. `not_before`: the next call goes no sooner. `rests`: deltas are not looked
    at for a while, the next one may have been there for long.
    """

    begun_at: float = 0.0
    called_at: float = 0.0
    behind_since: float = 0.0
    newer_since: float = 0.0
    spare: int = 0
    is_open: bool = False
    is_final: bool = False
    has_line: bool = False
    has_shown: bool = False
    not_before: float = 0.0
    rests: bool = False
    rhythm: Rhythm = field(default_factory=Rhythm, repr=False)

    def heard(self, now: float) -> None:
        """Note that a delta came."""
        if not self.begun_at:
            self.begun_at = self.called_at = now
        came = now
        if self.rests:
            self.rests = False
            came = self.rhythm.resume(now)
        else:
            self.rhythm.add(now)
        self.behind_since = self.behind_since or came
        self.newer_since = self.newer_since or came

    def begin_text(self) -> None:
        """Begin anew with the answer's first text: what was shown before were thoughts."""
        self.behind_since = self.newer_since = 0.0
        self.spare = 0
        self.has_line = self.has_shown = False
        self.rhythm = Rhythm()

    def take(self) -> float:
        """Begin a frame of all that has come; return since when it is more than the frame before."""
        newer_since, self.newer_since = self.newer_since, 0.0
        return newer_since

    def leave(self, newer_since: float) -> None:
        """Give back what `take` returned: the frame does not come to its end."""
        self.newer_since = newer_since or self.newer_since

    def shown(self) -> None:
        """Note that the frame stands."""
        self.behind_since = self.newer_since
        self.has_line = self.has_shown = True

    def outlook(
        self,
        supply: Supply,
        now: float,
        *,
        habits: Habits,
        prices: Prices,
        streams: int = 1,
        here: int = 1,
        reserve: float = 0.0,
    ) -> Outlook:
        """Return what is known when the next call is considered."""
        return Outlook(
            supply,
            age_s=now - self.begun_at,
            since_call_s=now - self.called_at,
            lag_s=now - self.behind_since,
            streams=streams,
            reserve=reserve,
            here=max(1, here),
            lengths=habits.lengths,
            gaps=habits.gaps,
            prices=prices,
            rhythm=self.rhythm,
            quiet_s=self.rhythm.since(now),
            is_bare=not self.has_line,
            opens=not self.is_open,
        )
