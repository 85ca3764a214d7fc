"""One reply as it was recorded, and its figures: what visible lag, first and finish mean is in docs/delivery.md."""

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from bench.answer import letters
from bench.bounds import Trace, mean_lag
from bench.ledger import COSTLY, DRAFTS, spends
from bench.scene import Asked, Recording
from telegram_playground.protocol.wire import Json

SAMPLE_S = 0.02
MESSAGES = COSTLY | {"sendMessageDraft"}


@dataclass(frozen=True, slots=True)
class Frame:
    """What a reader saw from a moment on: `visible` letters of the answer, the text, and its look."""

    at: float
    visible: int
    text: str
    look: str


@dataclass(frozen=True, slots=True)
class Reply:
    """The figures of one reply, in seconds. None: it never came so far.

    `finish_s` counts from the last delta; `after_s` is the longest that a call needed after the last delta took, once
    nothing was in its way: no call in flight in its chat, and the budget allowing it. `past`: ages, not above 0, of the
    chat's earlier calls; `past_drafts`, of its drafts and chat actions. `early`: calls before a refusal was over;
    `back_s`: from the end of the last refusal to the next text. `borders`: ages at which the text outgrew a message.
    """

    chat: str
    trace: Trace
    frames: Sequence[Frame]
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
    borders: Sequence[float]
    past: Sequence[float]
    past_drafts: Sequence[float]
    early: int
    back_s: float | None


def replies(recording: Recording, soonest: Mapping[int, float]) -> list[Reply]:
    """Return the replies that count; `soonest` is when each call might have been made."""
    calls: defaultdict[str, list[Json]] = defaultdict(list)
    for call in (call for made in recording.calls.values() for call in made):
        if call["chat"] and call["finished"]:
            calls[call["chat"]].append(call)
    prompts: defaultdict[str, list[float]] = defaultdict(list)
    for asked in recording.asked:
        prompts[asked.chat.key].append(asked.at)
    found = []
    for asked in recording.asked:
        if asked.counts and (times := recording.times.get(asked.answer.number)):
            key = asked.chat.key
            until = min((at for at in prompts[key] if at > asked.at), default=float("inf"))
            entries = [entry for entry in recording.seen[key] if asked.at < entry["time"] < until]
            own = [entry for entry in entries if entry.get("by") == asked.player.account.id or entry["kind"] == "clear"]
            found.append(_reply(asked, times, own, [call for call in calls[key] if call["started"] < until], soonest))
    return found


def frames(entries: Sequence[Json], wanted: str) -> list[Frame]:
    """Return what a reader saw, entry by entry: the messages of a reply, and the draft that is not yet one."""
    messages: dict[int, Json] = {}
    drafts: dict[int, Json] = {}
    shown = []
    for entry in entries:
        match entry["kind"]:
            case "send":
                messages[entry["message_id"]] = entry
            case "edit" if entry["message_id"] in messages:
                messages[entry["message_id"]] = entry
            case "delete":
                messages.pop(entry["message_id"], None)
            case "draft":
                drafts[entry["draft_id"]] = entry
            case "clear":
                drafts.pop(entry["draft_id"], None)
            case _:
                continue
        standing = [*(messages[number] for number in sorted(messages)), *drafts.values()]
        text = "".join(entry["text"] for entry in standing)
        look = text + "".join(str(entry["entities"]) for entry in standing)
        shown.append(Frame(entry["time"], _common(letters(text), wanted), text, look))
    return shown


def lags(trace: Trace) -> list[float]:
    """Return the age of the oldest letter that is not on the screen, sampled from the first delta to the last."""
    arrived, sizes = [at for at, _ in trace.arrivals], [size for _, size in trace.arrivals]
    changes = [at for at, _ in trace.shown]
    samples = []
    for i in range(int(trace.duration_s / SAMPLE_S) + 1):
        now = arrived[0] + i * SAMPLE_S
        place = bisect_right(changes, now)
        missing = bisect_right(sizes, trace.shown[place - 1][1] if place else 0)
        samples.append(max(0.0, now - arrived[missing]) if missing < len(arrived) else 0.0)
    return samples


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that so many of them do not exceed; 0 of none."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else 0.0


def _reply(
    asked: Asked, times: Sequence[float], entries: Sequence[Json], calls: Sequence[Json], soonest: Mapping[int, float]
) -> Reply:
    """Work out the figures of one reply, from its chat's calls until the next prompt."""
    answer, (begun, ended) = asked.answer, (times[0], times[-1])
    wanted = letters(answer.text)
    shown = frames(entries, wanted)
    trace = Trace(list(zip(times, answer.sizes, strict=False)), [(frame.at, frame.visible) for frame in shown])
    own = [call for call in calls if call["started"] > asked.at]
    right = bool(shown) and letters(shown[-1].text) == wanted and len(times) == len(answer.deltas)
    first = next((frame.at for frame in shown if frame.visible), None)
    past = [call for call in calls if call["finished"] < begun]
    refusals = [call for call in own if call.get("error_code") == 429]
    pauses = [(call["finished"], call["finished"] + call["retry_after"]) for call in refusals]
    last = max((over for _, over in pauses), default=math.inf)
    return Reply(
        asked.chat.key,
        trace,
        shown,
        lag_s=mean_lag(trace),
        p95_s=percentile(lags(trace), 0.95),
        first_s=None if first is None else first - begun,
        finish_s=_stands_since(shown) - ended if right else None,
        after_s=_after_s(own, ended, soonest),
        calls=sum(call["method"] in MESSAGES for call in own),
        refused=len(refusals),
        held=sum(call["waited_s"] > 0 for call in own),
        right=right,
        parts=sum(entry["kind"] == "send" for entry in entries),
        borders=[at - begun for at in _borders(trace, entries)],
        past=[call["finished"] - begun for call in past if spends(call)],
        past_drafts=[call["finished"] - begun for call in past if call["method"] in DRAFTS],
        early=sum(any(refused < call["started"] < over for refused, over in pauses) for call in own),
        back_s=min((call["executed"] - last for call in filter(spends, own) if call["started"] > last), default=None),
    )


def _borders(trace: Trace, entries: Sequence[Json]) -> list[float]:
    """Return when the text outgrew each message but the last; edits of older messages are none of its own."""
    texts = {entry["message_id"]: entry["text"] for entry in entries if entry["kind"] in ("send", "edit")}
    sent = sorted(entry["message_id"] for entry in entries if entry["kind"] == "send")
    ends = list(accumulate(len(letters(texts[number])) for number in sent))[:-1]
    return [next((at for at, size in trace.arrivals if size > end), trace.arrivals[-1][0]) for end in ends]


def _stands_since(shown: Sequence[Frame]) -> float:
    """Return since when the screen looks as it does at the end."""
    since = shown[-1].at
    for frame in reversed(shown):
        if frame.look != shown[-1].look:
            break
        since = frame.at
    return since


def _after_s(calls: Sequence[Json], ended: float, soonest: Mapping[int, float]) -> float:
    """Return the most that a call took that was begun after the last delta, from the moment that it was possible."""
    former, longest = 0.0, 0.0
    for call in filter(spends, calls):
        if call["started"] > ended:
            longest = max(longest, call["executed"] - max(ended, former, soonest[call["id"]]))
        former = call["finished"]
    return longest


def _common(text: str, wanted: str) -> int:
    """Return how many letters two texts have in common at their beginning."""
    if wanted.startswith(text):
        return len(text)
    differing = (i for i, (have, want) in enumerate(zip(text, wanted, strict=False)) if have != want)
    return next(differing, len(wanted))
