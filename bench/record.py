"""One reply as it was recorded, and its figures: what visible lag, first and finish mean is in docs/performance.md."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from bench.answer import letters
from bench.bounds import Trace, mean_lag
from bench.ledger import COSTLY
from bench.scene import Asked, Recording
from playground.wire import Json

SAMPLE_S = 0.02
MESSAGES = COSTLY | {"sendMessageDraft"}


@dataclass(frozen=True, slots=True)
class Frame:
    """What a reader saw from a moment on: `visible` letters of the answer, and all of the texts with their looks."""

    at: float
    visible: int
    look: str


@dataclass(frozen=True, slots=True)
class Reply:
    """The figures of one reply, in seconds. None: it never came so far.

    `finish_s` counts from the last delta; `after_s` is the longest that a call needed after the last delta took, once
    nothing was in its way: no call in flight in its chat, and the budget allowing it. `past`: ages, not above 0, of the
    chat's earlier calls that may still count, `past_drafts` of its drafts and chat actions.
    """

    chat: str
    trace: Trace
    lag_s: float
    p95_s: float
    first_s: float | None
    finish_s: float | None
    after_s: float
    calls: int
    refused: int
    held: int
    right: bool
    parts: int
    past: Sequence[float]
    past_drafts: Sequence[float]


def replies(recording: Recording, soonest: dict[int, float]) -> list[Reply]:
    """Return the replies that count; `soonest` is when each call might have been made."""
    nexts: dict[str, list[float]] = {}
    for asked in recording.asked:
        nexts.setdefault(asked.chat.key, []).append(asked.at)
    found = []
    for asked in recording.asked:
        times = recording.times.get(asked.answer.number)
        if not asked.counts or not times:
            continue
        later = nexts[asked.chat.key]
        until = min((at for at in later if at > asked.at), default=float("inf"))
        entries = [entry for entry in recording.seen[asked.chat.key] if asked.at < entry["time"] < until]
        calls = [
            call for call in recording.calls[asked.player.account.id] if call["chat"] == asked.chat.key and call["finished"]
        ]
        found.append(_reply(asked, times, entries, calls, until, soonest))
    return found


def _reply(
    asked: Asked, times: Sequence[float], entries: Sequence[Json], calls: list[Json], until: float, soonest: dict[int, float]
) -> Reply:
    answer, bot = asked.answer, asked.player.account.id
    begun, ended = times[0], times[-1]
    shown = frames([entry for entry in entries if entry["by"] == bot], letters(answer.text))
    trace = Trace(list(zip(times, answer.sizes, strict=False)), [(frame.at, frame.visible) for frame in shown])
    own = [call for call in calls if asked.at < call["started"] < until]
    final = shown[-1].look if shown else ""
    whole = bool(shown) and shown[-1].visible == answer.sizes[-1] and letters(final) == letters(answer.text)
    first = next((frame.at for frame in shown if frame.visible), None)
    finished = _since(shown) if whole else None
    return Reply(
        asked.chat.key,
        trace,
        lag_s=mean_lag(trace),
        p95_s=percentile(lags(trace), 0.95),
        first_s=None if first is None else first - begun,
        finish_s=None if finished is None else finished - ended,
        after_s=_after_s(own, ended, soonest),
        calls=sum(call["method"] in MESSAGES for call in own),
        refused=sum(call.get("error_code") == 429 for call in own),
        held=sum(call["waited_s"] > 0 for call in own),
        right=whole and len(times) == len(answer.deltas),
        parts=len({entry["message_id"] for entry in entries if entry["kind"] == "send" and entry["by"] == bot}),
        past=[call["finished"] - begun for call in calls if call["method"] in COSTLY and call["finished"] < begun],
        past_drafts=[call["finished"] - begun for call in calls if call["method"] not in COSTLY and call["finished"] < begun],
    )


def frames(entries: Sequence[Json], wanted: str) -> list[Frame]:
    """Return what a reader saw, entry by entry: the messages of a reply, and the draft that is not yet one."""
    messages: dict[int, str] = {}
    looks: dict[int, str] = {}
    drafts: dict[int, str] = {}
    shown = []
    for entry in entries:
        match entry["kind"]:
            case "send" | "edit" if entry["kind"] == "send" or entry["message_id"] in messages:
                messages[entry["message_id"]] = entry["text"]
                looks[entry["message_id"]] = f"{entry['text']} {entry['entities']}"
            case "delete":
                messages.pop(entry["message_id"], None)
            case "draft":
                drafts[entry["draft_id"]] = entry["text"]
            case "clear":
                drafts.pop(entry["draft_id"], None)
            case _:
                continue
        text = "".join(messages[number] for number in sorted(messages)) + "".join(drafts.values())
        shown.append(Frame(entry["time"], _common(letters(text), wanted), text))
    return shown


def lags(trace: Trace) -> list[float]:
    """Return the age of the oldest letter that is not on the screen, sampled from the first delta to the last."""
    arrived, sizes = [at for at, _ in trace.arrivals], [size for _, size in trace.arrivals]
    at = [when for when, _ in trace.shown]
    samples = []
    for i in range(int((arrived[-1] - arrived[0]) / SAMPLE_S) + 1):
        now = arrived[0] + i * SAMPLE_S
        place = bisect_right(at, now)
        missing = bisect_right(sizes, trace.shown[place - 1][1] if place else 0)
        samples.append(max(0.0, now - arrived[missing]) if missing < len(arrived) else 0.0)
    return samples


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that so many of them do not exceed; 0 of none."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else 0.0


def _since(shown: Sequence[Frame]) -> float:
    """Return since when the screen is as it is at the end."""
    since = shown[-1].at
    for before, frame in pairwise(reversed([*shown])):
        if frame.look != shown[-1].look:
            return before.at
        since = frame.at
    return since


def _after_s(calls: Sequence[Json], ended: float, soonest: dict[int, float]) -> float:
    """Return the most that a call took that was begun after the last delta, from the moment that it was possible."""
    former, longest = 0.0, 0.0
    for call in calls:
        if call["method"] in COSTLY and call["executed"] is not None:
            if call["started"] > ended:
                longest = max(longest, call["executed"] - max(ended, former, soonest.get(call["id"], 0.0)))
            former = call["finished"]
    return longest


def _common(text: str, wanted: str) -> int:
    """Return how many letters two texts have in common at their beginning."""
    if wanted.startswith(text):
        return len(text)
    return next((i for i, (have, want) in enumerate(zip(text, wanted, strict=False)) if have != want), len(wanted))
