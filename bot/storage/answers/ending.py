"""Ending: how a generation ended, as it is stored."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.storage.tables import (
    Outcome,
)
from providers.blocks import Content


@dataclass(frozen=True, slots=True)
class Ending:
    """How a generation ended: what goes into the history (None: nothing) and what the reader is to see.

    `shown`: Markdown, None where it is what was said. `keeps`: what a former process left on the screen stays there
    where that is more; `otherwise` is told where there is neither. `note`: the line under it, which says why the answer
    is not whole. `is_bare`: no text of an answer came, so the former answer, where the reply still shows one, is to
    stay; of a failure `shown` is told under it. `offered`: further buttons, (label, data). `cost`: in
    10^-12 of a dollar, None where that is not known. `is_void`: nobody here can do what was asked, now or a second
    later, so it counts for no limit, and no button asks again. `tells`: the answer up to which there is a summary that
    a line under this one tells of.
    """

    outcome: Outcome
    said: Content | None
    shown: str | None = None
    note: str | None = None
    keeps: bool = False
    otherwise: str = ""
    is_bare: bool = False
    is_void: bool = False
    offered: Sequence[tuple[str, str]] = ()
    provider: str | None = None
    model: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    is_estimated: bool = False
    cached_tokens: int | None = None
    cost: int | None = None
    tells: int | None = None
