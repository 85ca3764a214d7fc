"""Meanwhile: what a reply shows as long as there is no text; pure.

When "…" comes is told by its place (`placeholder_s`), and waited for in `typing.py`.
"""

from collections.abc import Callable

from bot.reply.layout import Frame, Layout, Shot
from bot.reply.markdown.rendered import Rendered
from bot.reply.marks import PLACEHOLDER


class Meanwhile:
    """A tool's line, a picture that is being made, a thought, or a line in the place of "…", the first that there is.

    `changed` is told of each change.
    """

    def __init__(self, layout: Layout, changed: Callable[[], None]) -> None:
        self._layout = layout
        self._changed = changed
        self._placeholder = ""
        self._thought: Callable[[], Rendered] | None = None
        self._takes_thoughts = True
        self.works = ""  # the line that tells what runs; it stands under a growing text too

    def hold_place(self, line: str = PLACEHOLDER) -> None:
        """Show a line; "…" says less than any other."""
        self._placeholder = line if line != PLACEHOLDER else self._placeholder or line
        self._changed()

    def work(self, line: str) -> None:
        """Show a line which tells what runs; "" takes it away."""
        if line != self.works:
            self._placeholder = self._placeholder or PLACEHOLDER
            self.works = line
            self._changed()

    def think(self, newest: Callable[[], Rendered]) -> None:
        """Show what the model thinks; it is asked for when it is laid out."""
        if self._takes_thoughts:
            self._thought = newest
            self._changed()

    def give_up_thoughts(self) -> bool:
        """Show no thought from here on; False where there is none."""
        had_one = self._thought is not None
        if had_one:
            self._thought, self._takes_thoughts = None, False
            self._changed()
        return had_one

    def frames(self, preview: Shot | None) -> list[Frame]:
        """Lay it out; `preview`: what there is of a picture."""
        if self.works:
            return [self._layout.placeholder(self.works)]
        if preview:
            return [self._layout.preview(preview)]
        if self._thought and (thought := self._thought()).text:
            return [self._layout.thinking(thought)]
        return [self._layout.placeholder(self._placeholder)] if self._placeholder else []
