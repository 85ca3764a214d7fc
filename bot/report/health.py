"""Health: what /healthz tells programs that watch over the process; pure. Its address and status: `server.py`.

Of several bots it is enough that one serves: who is told "not ready" begins the process anew, or sends nobody there,
and one bot's trouble would come to all others. A process that has none stands by for others.
"""

from collections.abc import Sequence

from bot.report.report import Report
from bot.report.standing import Told


def health_of(bots: Sequence[Told]) -> dict[str, object]:
    """Return the value; `bots` are in it where they have names; none: other processes have them."""
    if not bots:
        return {"live": True, "ready": True, "standing_by": True, "faults": []}
    faults = [fault for bot in bots for fault in bot.faults]
    if len(bots) == 1 and not bots[0].name and bots[0].report:
        return {"live": True, "ready": bots[0].is_ready, **_figures(bots[0].report), "faults": faults}
    each = {
        bot.name: {"ready": bot.is_ready, **(_figures(bot.report) if bot.report else {}), "faults": _own(bot)}
        for bot in bots
    }
    return {"live": True, "ready": any(bot.is_ready for bot in bots), "faults": faults, "bots": each}


def _own(bot: Told) -> list[str]:
    return [*bot.report.faults] if bot.report else [bot.trouble]


def _figures(report: Report) -> dict[str, object]:
    return {
        "updates_age_s": None if report.updates_s is None else round(report.updates_s, 1),
        "database": report.waiting is not None,
        "delivery_failing_s": None if report.failing_s is None else round(report.failing_s, 1),
    }
