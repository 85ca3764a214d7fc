"""Wording: the text of a reply, and how much of it Telegram takes; pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Self

from bot.reply.layout import Shot
from bot.reply.markdown.rendered import Rendered


@dataclass(frozen=True, slots=True)
class Wording:
    """A text, and how much of it Telegram takes.

    `note`: the line under the final text, or with `otherwise` under what stands, where that is more; where neither is
    anything, that sentence is shown. `left`: what stood, shown again. `is_cut`: the final text breaks off. `is_plain`:
    it is shown as it is written.
    `quote`: what stands above it, folded, but for a sentence of ours.
    `shots`: pictures after the final text, `preview`: of one that is being made, until there is text. `has_more`: there
    is more than the place can show.
    `instead`: a sentence in place of it all, `instead_of_file`: of the rest that would be a file.
    """

    newest: Callable[[], str] = str
    is_final: bool = False
    note: str = ""
    is_cut: bool = False
    otherwise: str | None = None
    left: Sequence[Rendered] = ()
    is_plain: bool = False
    quote: str = ""
    instead: str | None = None
    instead_of_file: str | None = None
    shots: Sequence[Shot] = ()
    preview: Shot | None = None
    has_more: bool = False

    def without_pictures(self, instead: str) -> Self | None:
        """Return it with pictures as files, or where that was tried a sentence; None where there are none."""
        if not (self.shots or self.preview):
            return None
        if self.shots and not self.shots[0].as_file:
            return replace(self, preview=None, shots=[replace(shot, as_file=True) for shot in self.shots])
        text = self.newest()
        words = (lambda: f"{text}\n\n{instead}".strip()) if self.shots else self.newest
        return replace(self, shots=(), preview=None, newest=words)
