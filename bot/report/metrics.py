"""Metrics: the tally in Prometheus' text format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats); pure.

Written by hand: it is four kinds of lines, the client library would have every bot count twice, and a tally that knows
no format is imported without cost.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from bot.catalog.catalog import Fares
from bot.members.figures import Figures
from bot.report.standing import Told
from bot.storage.people.usage import PICODOLLARS
from bot.tally import BOUNDS_S, Spread, Tally

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Labels = Mapping[str, str]

_SAMPLE = re.compile(r"(\w+)(\{.*\})? (\S+)", re.DOTALL)

_RECENT: Sequence[tuple[str, str, Callable[[Fares], float | None]]] = (
    ("answers", "How many of its last answers are known, 20 at the most.", lambda fares: fares.answers),
    ("failures", "How many of them failed.", lambda fares: fares.failed),
    ("first_text_seconds", "Their mean time to the first text.", lambda fares: fares.first_s),
    ("tokens_per_second", "Their mean speed.", lambda fares: fares.tokens_per_s),
)


def metrics(bots: Sequence[Told], member: Figures | None = None) -> str:
    """Write everything that is counted; of several bots each sample has the name of its own."""
    families: dict[str, tuple[list[str], list[str]]] = {}
    for bot in bots:
        head: list[str] = []
        samples: list[str] = []
        for line in (*_now(bot), *_counted(bot.tally)):
            if line.startswith("# HELP "):
                head, samples = families.setdefault(line.split()[2], ([], []))
                head[:] = [line]
            elif line.startswith("# TYPE "):
                head.append(line)
            else:
                samples.append(_of_bot(line, bot.name))
    of_process = "".join(f"{line}\n" for line in (of_member(member) if member else ()))
    return of_process + "".join(f"{line}\n" for head, samples in families.values() for line in (*head, *samples))


def _of_bot(sample: str, name: str) -> str:
    """Return a sample with the name of its bot among its labels."""
    if not name:
        return sample
    metric, labels, rest = _SAMPLE.fullmatch(sample).groups()  # type: ignore[union-attr]  # as `_family` writes it
    return f'{metric}{{bot="{_escaped(name)}"{"," + labels[1:] if labels else "}"} {rest}'


def of_member(figures: Figures) -> Iterator[str]:
    """Write how a process fares among several."""
    yield from _gauge("deltagram_members", "Processes that share the database.", figures.live)
    yield from _gauge("deltagram_bots_held", "Bots that this process serves.", len(figures.bots))
    yield from _gauge("deltagram_lease_seconds", "For how long it surely does.", figures.left_s)
    counts = {
        "bots_taken": ("Bots that this process began to serve.", figures.taken),
        "bots_lost": ("Bots that others took from it.", figures.lost),
        "failovers": ("Other processes that it found to be gone.", figures.failovers),
        "late_calls": ("Calls that it confessed to have made too late.", figures.confessed),
    }
    for name, (help_, count) in counts.items():
        yield from _family(f"deltagram_{name}_total", "counter", help_, [({}, count)])


def _now(bot: Told) -> Iterator[str]:
    if bot.report and bot.report.member:
        yield from of_member(bot.report.member)
    yield from _gauge("deltagram_ready", "Whether people who write now are served.", int(bot.is_ready))
    if (report := bot.report) is None:
        return
    yield from _gauge("deltagram_uptime_seconds", "Seconds since the start.", report.seconds)
    yield from _gauge("deltagram_lag_seconds", "How late the event loop was, last second.", report.lag_s)
    yield from _gauge("deltagram_lag_worst_seconds", "The same, at worst of late.", report.worst_lag_s)
    if report.updates_s is not None:
        help_ = "Seconds since updates were asked for, or the webhook was seen to stand."
        yield from _gauge("deltagram_updates_age_seconds", help_, report.updates_s)
    if report.pending is not None:
        yield from _gauge("deltagram_webhook_pending", "Updates that wait at Telegram.", report.pending)
    if rows := report.waiting:
        counts = {"queued": rows.queued, "generating": rows.generating, "unshown": rows.unshown, "unsaid": rows.unsaid}
        samples = [({"state": state}, count) for state, count in counts.items()]
        yield from _family("deltagram_queue", "gauge", "Answers and notices by what is left to do.", samples)
    yield from _gauge("deltagram_database_up", "Whether the database answers.", int(report.waiting is not None))
    if (size := report.disk.database) is not None:
        yield from _gauge("deltagram_database_bytes", "What the database takes of the disk.", size)
    if sizes := report.sizes:
        yield from _gauge("deltagram_database_unused_bytes", "What of it is free and used again.", sizes.unused)
        yield from _gauge("deltagram_files_bytes", "What people sent, in files beside it.", sizes.files)
    if report.disk.free is not None:
        yield from _gauge("deltagram_disk_free_bytes", "What is left of the disk.", report.disk.free)
    yield from _gauge("deltagram_calls_waiting", "Calls to Telegram that wait for a slot.", report.calls_waiting)
    yield from _gauge("deltagram_budget_calls_per_second", "What Telegram allows the bot, as learned.", report.bot_rate)
    providers = [({"provider": id_}, int(ok)) for id_, ok in report.providers.items()]
    yield from _family("deltagram_provider_up", "gauge", "Whether a provider's last call went well.", providers)
    alone = [({"provider": id_}, int(id_ in report.left_alone)) for id_ in report.providers]
    yield from _family("deltagram_provider_left_alone", "gauge", "Whether fallbacks do not ask it now.", alone)
    for name, help_, of in _RECENT:
        known: list[tuple[Labels, float]] = []
        known += [({"provider": id_}, told) for id_, fares in report.fares.items() if (told := of(fares)) is not None]
        yield from _family(f"deltagram_provider_recent_{name}", "gauge", help_, known)


def _counted(tally: Tally) -> Iterator[str]:
    calls = _counts(tally.calls, "method", "outcome")
    yield from _family("deltagram_telegram_calls_total", "counter", "Calls to Telegram.", calls)
    help_ = "How long calls to Telegram took, getUpdates apart."
    yield from _histograms("deltagram_telegram_call_seconds", help_, [({}, tally.call_s)])
    updates = [({"by": by}, count) for by, count in tally.updates.items()]
    yield from _family("deltagram_updates_total", "counter", "Updates that came.", updates)
    posts = [({"status": str(int(status))}, count) for status, count in tally.posts.items()]
    yield from _family("deltagram_webhook_posts_total", "counter", "Posts to the webhook, by our answer.", posts)
    answers = _counts(tally.answers, "provider", "outcome")
    yield from _family("deltagram_answers_total", "counter", "Answers by provider and outcome.", answers)
    failures = _counts(tally.failures, "provider", "error")
    yield from _family("deltagram_provider_failures_total", "counter", "Failures by their kind.", failures)
    tokens = _counts(tally.tokens, "provider", "kind")
    yield from _family("deltagram_tokens_total", "counter", "Tokens, as told or estimated.", tokens)
    costs = [({"provider": id_}, cost / PICODOLLARS) for id_, cost in tally.costs.items()]
    yield from _family("deltagram_cost_dollars_total", "counter", "What answers cost, told or by prices.", costs)
    first = [({"provider": id_}, spread) for id_, spread in tally.first_s.items()]
    yield from _histograms("deltagram_first_text_seconds", "From asking a provider to its first text.", first)
    finish = [({"provider": id_}, spread) for id_, spread in tally.finish_s.items()]
    yield from _histograms("deltagram_provider_seconds", "From asking a provider to its end.", finish)


def _counts(counter: Mapping[tuple[str, str], int], *names: str) -> list[tuple[Labels, int]]:
    return [(dict(zip(names, values, strict=True)), count) for values, count in counter.items()]


def _gauge(name: str, help_: str, value: float) -> Iterator[str]:
    return _family(name, "gauge", help_, [({}, value)])


def _family(name: str, kind: str, help_: str, samples: Iterable[tuple[Labels, float]]) -> Iterator[str]:
    yield f"# HELP {name} {help_}"
    yield f"# TYPE {name} {kind}"
    for labels, value in samples:
        yield f"{name}{_labels(labels)} {_number(value)}"


def _histograms(name: str, help_: str, spreads: Iterable[tuple[Labels, Spread]]) -> Iterator[str]:
    yield f"# HELP {name} {help_}"
    yield f"# TYPE {name} histogram"
    for labels, spread in spreads:
        so_far = 0
        for bound, count in zip([*map(_number, BOUNDS_S), "+Inf"], spread.counts, strict=True):
            so_far += count
            yield f"{name}_bucket{_labels({**labels, 'le': bound})} {so_far}"
        yield f"{name}_sum{_labels(labels)} {_number(spread.seconds)}"
        yield f"{name}_count{_labels(labels)} {so_far}"


def _labels(labels: Labels) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else repr(float(value))
