"""Figures: what the bot's admins are told of a report, in their language; pure, but for the look."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from bot.catalog.catalog import Cause
from bot.report.report import FAILING_S, Report, Reporter
from bot.texts import Texts

BYTES = 1_000_000

Label = Callable[[str], str]


async def tell(reporter: Reporter, words: Texts) -> str:
    """Look now, and say what there is; what `python -m bot status` says, without the log's errors."""
    report = await reporter.report()
    calls = Counter[str]()
    for (_, outcome), count in reporter.tally.calls.items():
        calls[outcome] += count
    return figures(report, calls, words, reporter.label)


def figures(report: Report, calls: Mapping[str, int], words: Texts, label: Label) -> str:
    """Say it; `calls`: how many by their outcome, since the start. `label`: what a provider is called."""
    if report.ready:
        state = [words.health_ready]
    else:
        state = [words.health_not_ready, *(f"· {fault}" for fault in _faults(report, words))]
    return "\n".join([*state, "", *_counts(report, calls, words), "", *_providers(report, words, label)])


def _faults(report: Report, words: Texts) -> Iterator[str]:
    """Say what keeps the bot from serving, as `Report.faults` does for the log."""
    if report.updates_s is None or report.updates_s > report.stale_s:
        yield _updates(report, words)
    if report.waiting is None:
        yield words.health_no_database
    if report.failing_s is not None and report.failing_s > FAILING_S:
        yield words.health_silent.format(time=_time(report.failing_s, words))


def _counts(report: Report, calls: Mapping[str, int], words: Texts) -> Iterator[str]:
    yield words.health_since.format(time=_time(report.seconds, words))
    yield _updates(report, words)
    if report.pending is not None:
        yield words.health_pending.format(count=report.pending)
    if rows := report.waiting:
        yield words.health_queue.format(
            queued=rows.queued,
            generating=rows.generating,
            unshown=rows.unshown,
            unsaid=rows.unsaid,
            calls=report.calls_waiting,
        )
    if report.disk.database is not None:
        yield words.health_database.format(size=round(report.disk.database / BYTES))
    if report.disk.free is not None:
        yield words.health_free.format(size=round(report.disk.free / BYTES))
    outcomes = ("ok", "flood", "refused", "unanswered")
    yield words.health_calls.format(**{outcome: calls.get(outcome, 0) for outcome in outcomes})
    yield words.health_late.format(now=round(report.lag_s * 1000), worst=round(report.worst_lag_s * 1000))


def _updates(report: Report, words: Texts) -> str:
    if report.updates_s is None:
        return words.health_no_updates
    template = words.health_webhook if report.intake == "webhook" else words.health_polling
    return template.format(time=_time(report.updates_s, words))


def _providers(report: Report, words: Texts, label: Label) -> Iterator[str]:
    causes = causes_in(words)
    for id_, failing in report.failing.items():
        time = _time(failing.seconds, words)
        yield words.health_provider.format(provider=label(id_), cause=causes[failing.cause], time=time)
    if not report.failing:
        yield words.admin_well


def causes_in(words: Texts) -> Mapping[Cause, str]:
    """Return why providers fail, in a language."""
    return {
        Cause.KEY: words.cause_key,
        Cause.CREDIT: words.cause_credit,
        Cause.LIMIT: words.cause_limit,
        Cause.BLOCKED: words.cause_blocked,
        Cause.SLOW: words.cause_slow,
        Cause.UNREACHABLE: words.cause_unreachable,
        Cause.FAILING: words.cause_failing,
    }


def _time(seconds: float, words: Texts) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, left = divmod(minutes, 60)
    if hours:
        return words.hours.format(hours=hours, minutes=left)
    return words.minutes.format(minutes=minutes) if minutes else words.provider_seconds.format(seconds=rest)
