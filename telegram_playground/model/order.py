"""An order: a prompt that says itself how it is to be answered, for bots that run in processes of their own.

`Tell me a story [model words 80; every 0.05; reset 40]` is answered by 80 words, one each 0.05 s, of which 40 come. The
parts stand in any order:

    say TEXT, words N         the text; without it the prompt is repeated
    size N, every S, first S  characters of a delta; seconds between two, and before the first
    think N                   words of reasoning before the text
    call NAME {…}             ask for a tool, then say the text when its result is there
    status N, retry after S   refuse in the words of a real service
    reset N, hang N, cut N    after N deltas: break off, fall silent, end without an end mark; without a number at once
    finish REASON             `length`, `content_filter` …
    times N                   only the first N times that this prompt is asked is there a fault
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from telegram_playground.model.answer import (
    HEADERS,
    Answer,
    Cut,
    Fault,
    Finish,
    Hang,
    Item,
    Reset,
    Thought,
    ToolCall,
    spoken,
)
from telegram_playground.model.protocol import refusals
from telegram_playground.model.request import Request

PARTS = (
    *("say", "words", "size", "every", "first", "think", "call"),
    *("status", "retry after", "reset", "hang", "cut", "finish", "times"),
)
_ORDER = re.compile(r"\[model ([^\]]*)\]")
_PART = re.compile(rf"({'|'.join(PARTS)})\b\s*(.*)", re.DOTALL)
_FAULTS: dict[str, Fault] = {"reset": Reset(), "hang": Hang(), "cut": Cut()}


def ordered(request: Request) -> Answer | None:
    """Return the answer that a prompt orders, None where it orders none; a wrong order is refused with the reason."""
    match = _ORDER.search(request.prompt)
    if match is None:
        return None
    try:
        return _answer(request, _parts(match[1]))
    except ValueError as error:
        return [refusals.bad_request(str(error))]


def _parts(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in text.split(";"):
        match = _PART.fullmatch(part.strip())
        if match is None:
            raise ValueError(f"no part of an order: {part.strip()!r}")
        parts[match[1]] = match[2].strip()
    return parts


def _answer(request: Request, parts: dict[str, str]) -> Answer:
    is_well = request.attempt > int(parts.get("times") or request.attempt)
    if "status" in parts and not is_well:
        return [_refusal(int(parts["status"]), parts.get("retry after"))]
    if "call" in parts and not request.results:
        tool, _, arguments = parts["call"].partition(" ")
        return [ToolCall(tool, arguments or "{}")]
    items: list[Item] = [Thought(f"thought{place} ") for place in range(int(parts.get("think", "0")))]
    items += spoken(
        _text(request, parts),
        size=int(parts["size"]) if "size" in parts else None,
        every_s=float(parts.get("every", "0")),
        first_s=float(parts.get("first", "0")),
    )
    if "finish" in parts:
        items.append(Finish(parts["finish"]))
    name = next((name for name in _FAULTS if name in parts), None)
    return items if name is None or is_well else _broken(items, _FAULTS[name], parts[name])


def _text(request: Request, parts: dict[str, str]) -> str:
    if "words" in parts:
        return " ".join(f"word{place}" for place in range(int(parts["words"])))
    return parts.get("say") or _ORDER.sub("", request.prompt).strip()


def _refusal(status: int, retry_after: str | None) -> Fault:
    if status not in refusals.BY_STATUS:
        raise ValueError(f"no service is known to answer {status}")
    refusal = refusals.BY_STATUS[status]()
    return refusal if retry_after is None else replace(refusal, headers={"Retry-After": retry_after})


def _broken(items: Sequence[Item], fault: Fault, after: str) -> Answer:
    """Put a fault after so many deltas of text, or instead of all."""
    if not after:
        return [fault]
    left, kept = int(after), [HEADERS, *items]
    for place, item in enumerate(kept):
        if isinstance(item, str):
            left -= 1
        if left < 0:
            return [*kept[:place], fault]
    return [*kept, fault]
