"""Effort: how much a model is to think, and whether it tells of it, in the words of its protocol and its family; pure.

| family | words |
|---|---|
| Claude from 4.6 on | `output_config.effort`; `thinking` of the type adaptive, display summarized |
| Claude Opus 4.5 | `output_config.effort` |
| Claude from 3.7 to 4.5 | `thinking` of the type enabled with `budget_tokens`: below `max_tokens`, 1,024 at the least |
| Gemini from 3 on | `thinkingLevel` |
| Gemini 2.5 | `thinkingBudget`; 0 is none, which 2.5 Pro does not know |
| older ones | nothing |

Where the list of Anthropic's models says what one takes, that counts. Sources, looked up 2026-11-22: anthropic 2.12.0
(types/model_capabilities.py) and its migration guides; google-genai 3.4.0 (types.ThinkingLevel), the budgets of
ai.google.dev/gemini-api/docs/openai and …/docs/thinking.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")  # what we call them, the least first
CLAUDE_EFFORTS = ("low", "medium", "high", "xhigh", "max")
LEAST_BUDGET = 1_024

_BUDGETS = {"none": 0, "minimal": 1_024, "low": 2_048, "medium": 8_192, "high": 16_384, "xhigh": 24_576, "max": 31_999}
_GEMINI_BUDGETS = {"none": 0, "minimal": 512, "low": 1_024, "medium": 8_192, "high": 24_576}
_MOST_BUDGET, _PRO_BUDGETS = 24_576, (128, 32_768)  # of Gemini 2.5 Flash; the least and the most of 2.5 Pro
_LEVELS = ("minimal", "low", "medium", "high", "xhigh")
_PRO_LEVELS = ("low", "high")  # of the first Gemini 3 Pro
_CLAUDE = re.compile(r"claude-(?:[a-z]+-)?(\d{1,2})(?:[-.](\d{1,2}))?(?!\d)")
_GEMINI = re.compile(r"gemini-(\d{1,2})(?:\.(\d{1,2}))?-")


@dataclass(frozen=True, slots=True)
class Claude:
    """How a model of Anthropic's thinks: as much as it likes, up to a budget; which efforts it knows."""

    adaptive: bool = False
    budgets: bool = False
    off: bool = False
    efforts: Sequence[str] = CLAUDE_EFFORTS

    def knows(self, effort: str) -> bool:
        """Tell whether there are words for an effort."""
        return bool(self.efforts) or (self.budgets and effort != "none")

    def asked(self, effort: str | None, *, thoughts: bool, max_tokens: int) -> dict[str, object]:
        """Return the fields of a request that say it; `max_tokens` holds what is thought and what is said."""
        found: dict[str, object] = {}
        if thoughts and self.adaptive:
            found["thinking"] = {"type": "adaptive", "display": "summarized"}
        if effort is None:
            return found
        if effort == "none" and self.off:
            return {"thinking": {"type": "disabled"}}
        if self.efforts:
            found["output_config"] = {"effort": _nearest(effort, self.efforts)}
        elif self.budgets and (budget := min(_BUDGETS[effort], max_tokens // 2)) >= LEAST_BUDGET:
            found["thinking"] = {"type": "enabled", "budget_tokens": budget}
        return found


def claude_in(entry: Mapping[str, object]) -> Claude | None:
    """Return what an entry of Anthropic's list of models says; None where it says nothing."""
    able = entry.get("capabilities")
    thinking, effort = (able.get(key) for key in ("thinking", "effort")) if isinstance(able, dict) else (None, None)
    types = thinking.get("types") if isinstance(thinking, dict) else None
    if not isinstance(types, dict) or not isinstance(effort, dict):
        return None
    efforts = [name for name in CLAUDE_EFFORTS if _has(effort, name)] if effort.get("supported") is True else []
    return Claude(_has(types, "adaptive"), _has(types, "enabled"), _has(types, "disabled"), efforts)


def claude_by(name: str) -> Claude:
    """Return what a model's name says; one that says nothing is taken for a new one, and is asked for no thoughts."""
    if not (found := _CLAUDE.search(name)):
        return Claude()
    version = int(found[1]), int(found[2] or 0)
    if version >= (4, 7):
        return Claude(adaptive=True)
    if version >= (4, 6):
        return Claude(adaptive=True, efforts=("low", "medium", "high", "max"))
    if "opus-4-5" in name or "opus-4.5" in name:
        return Claude(efforts=("low", "medium", "high"))
    return Claude(budgets=version >= (3, 7), efforts=())


def gemini_knows(name: str) -> bool:
    """Tell whether there are words for an effort; for a name that says nothing there are."""
    found = _GEMINI.match(name)
    return found is None or (int(found[1]), int(found[2] or 0)) >= (2, 5)


def gemini_asked(name: str, effort: str) -> dict[str, object]:
    """Return the fields of `thinkingConfig` that say an effort."""
    found = _GEMINI.match(name)
    if found and (found[1], found[2]) == ("2", "5"):
        budget = _GEMINI_BUDGETS.get(effort, _PRO_BUDGETS[1])
        if "-pro" in name:
            return {"thinkingBudget": max(budget, _PRO_BUDGETS[0])}
        return {"thinkingBudget": min(budget, _MOST_BUDGET)}
    levels = _PRO_LEVELS if name.startswith("gemini-3-pro") else _LEVELS
    return {"thinkingLevel": _nearest(effort, levels).upper()}


def _nearest(effort: str, known: Sequence[str]) -> str:
    """Return the one that comes nearest among those that are known, of two the lesser."""
    at = EFFORTS.index(effort)
    return min(known, key=lambda name: (abs(EFFORTS.index(name) - at), EFFORTS.index(name)))


def _has(places: Mapping[str, object], name: str) -> bool:
    place = places.get(name)
    return isinstance(place, dict) and place.get("supported") is True
