"""Status: what the terminal shows of a report; pure."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bot.members.figures import Figures
from bot.report.disk import size_of
from bot.report.report import Report
from bot.report.standing import Told
from bot.tally import Tally

SHOWN = 10  # last errors
NAME = 10  # columns
LISTED = 5  # bots of another process


def status(report: Report, tally: Tally, errors: list[str]) -> dict[str, object]:
    """Return what is sent to the terminal: values, so that another version may read them."""
    calls = {outcome: 0 for _, outcome in tally.calls}
    for (_, outcome), count in tally.calls.items():
        calls[outcome] += count
    answers: dict[str, dict[str, int]] = {}
    for (provider, outcome), count in tally.answers.items():
        answers.setdefault(provider, {})[outcome] = count
    said = {**asdict(report), "ready": report.ready}
    said["fares"] = {provider: str(fares) for provider, fares in report.fares.items()}
    return {**said, "calls": calls, "answers": answers, "errors": errors[-SHOWN:]}


def status_of(
    bots: Sequence[Told], errors: list[str], member: Callable[[], Figures] | None = None
) -> dict[str, object]:
    """Return the same of several bots, by their names; one that does not run has its trouble alone."""
    said = {bot.name: status(bot.report, bot.tally, []) if bot.report else {"trouble": bot.trouble} for bot in bots}
    return {"pid": os.getpid(), "bots": said, "errors": errors[-SHOWN:], "member": asdict(member()) if member else None}


def lines_of(said: Mapping[str, Any]) -> Iterator[str]:
    """Return what is shown of several bots. Raises as `lines`."""
    if member := said.get("member"):
        yield _line("process", str(said["pid"]))
        yield from _of_member(member)
        yield ""
    for name, bot in said["bots"].items():
        yield f"[{name}]"
        if "trouble" in bot:
            yield _line("state", "NOT RUNNING")
            yield _line("", bot["trouble"])
        else:
            yield from (line for line in lines(bot) if not line.startswith("errors "))
        yield ""
    yield from _errors(said["errors"])


def lines(said: Mapping[str, Any]) -> Iterator[str]:
    """Return what is shown. Raises KeyError, TypeError, AttributeError where another version has said it."""
    yield _line("bot", f"{said['bot'] or 'not known yet'}, process {said['pid']}, since {_long(said['seconds'])}")
    yield _line("state", "ready" if said["ready"] else "NOT READY")
    for fault in said["faults"]:
        yield _line("", fault)
    if member := said.get("member"):
        yield from _of_member(member)
    age = "not yet answered" if said["updates_s"] is None else f"well {_long(said['updates_s'])} ago"
    pending = "" if said["pending"] is None else f", {said['pending']} wait at Telegram"
    yield _line("updates", f"{said['intake']}, {age}{pending}")
    rows = said["waiting"]
    calls = f"{said['calls_waiting']} calls wait for Telegram"
    if rows:
        counts = f"{rows['queued']} questions wait, {rows['generating']} are answered, {rows['unshown']} to be shown"
        yield _line("queue", f"{counts}, {rows['unsaid']} notices to be said; {calls}")
    else:
        yield _line("queue", f"the database does not answer; {calls}")
    disk = said["disk"]
    sizes = [f"the database takes {size_of(disk['database'])}"] if disk["database"] is not None else []
    sizes += [f"{size_of(disk['free'])} are free"] if disk["free"] is not None else []
    yield _line("disk", ", ".join(sizes) or "not known")
    yield _line("lag", f"{said['lag_s'] * 1000:.0f} ms now, {said['worst_lag_s'] * 1000:.0f} ms at worst of late")
    kinds = said["calls"]
    names = {
        "ok": "carried out",
        "flood": "refused for a while",
        "refused": "refused",
        "unanswered": "without an answer",
    }
    made = ", ".join(f"{kinds.get(kind, 0)} {name}" for kind, name in names.items())
    yield _line("calls", made)
    for number, (provider, is_well) in enumerate(said["providers"].items()):
        counts = ", ".join(f"{count} {outcome}" for outcome, count in said["answers"].get(provider, {}).items())
        fails = said["failing"].get(provider)
        why = f" since {_long(fails['seconds'])} ({fails['cause']})" if fails else ""
        state = "well" if is_well else f"FAILS{why}"
        state = f"{state}, left alone" if provider in said["left_alone"] else state
        told = "; ".join(filter(None, [state, counts, said["fares"].get(provider, "")]))
        yield _line("" if number else "providers", f"{provider}: {told}")
    yield from _errors(said["errors"])


def _errors(errors: Sequence[str]) -> Iterator[str]:
    if not errors:
        yield _line("errors", "none")
    for number, error in enumerate(errors):
        yield _line("" if number else "errors", error)


def _line(name: str, detail: str) -> str:
    return f"{name:<{NAME}} {detail}"


def _long(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _of_member(member: Mapping[str, Any]) -> Iterator[str]:
    held = f"{len(member['bots'])} bots, surely for {member['left_s']:.1f} s"
    yield _line("members", f"{member['live']} live; this one is {member['name']} and has {held}")
    counts = f"{member['failovers']} others found gone, {member['lost']} bots lost to others"
    yield _line("", f"{member['taken']} bots taken, {counts}, {member['confessed']} late calls confessed")
    for name, bots in member["others"].items():
        shown = ", ".join(map(str, bots[:LISTED])) + (f" and {len(bots) - LISTED} more" if len(bots) > LISTED else "")
        yield _line("", f"{name} has {shown}" if bots else f"{name} stands by")
