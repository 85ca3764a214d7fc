"""Layout: what the messages of a reply show for a text, growing or final; pure."""

from dataclasses import dataclass

from bot.markdown import Renderer
from bot.rendered import Rendered
from bot.split import MAX_PART, split

CURSOR = " ▌"
PLACEHOLDER = "…"


@dataclass(frozen=True, slots=True)
class Frame:
    """What one message shows; `button` is the callback data of its only button."""

    text: Rendered
    button: str | None = None


class Layout:
    """Lays a turn's text out in frames, one per part.

    While the text grows, its last part ends in the cursor and carries the Stop button; at the end it carries Retry.
    The cuts keep room for the cursor, so that they are the same at the end.
    """

    def __init__(self, turn_id: int) -> None:
        self._turn_id = turn_id
        self._renderer = Renderer()

    def growing(self, text: str, *, plain: bool = False) -> list[Frame]:
        """Return the frames of a text that goes on; none where there is nothing to see yet."""
        texts = self._cut(self._rendered(text, plain=plain, partial=True))
        last = len(texts) - 1
        return [Frame(part) if number < last else self._unfinished(part, number) for number, part in enumerate(texts)]

    def final(self, text: str, *, plain: bool = False) -> list[Frame]:
        """Return the frames of a final text, at least one; a text without anything to see is shown as written."""
        rendered = self._rendered(text, plain=plain, partial=False)
        *full, last = self._cut(rendered) or self._cut(Rendered(text.strip() or PLACEHOLDER))
        return [*map(Frame, full), Frame(last, f"retry:{self._turn_id}")]

    def opening(self, number: int, frame: Frame) -> Frame:
        """Return what a part is opened with on its way to `frame`: never the complete text."""
        return frame if frame.button == self.stop(number) else self._unfinished(frame.text, number)

    def placeholder(self) -> Frame:
        """Return what stands where there is no text yet."""
        return Frame(Rendered(PLACEHOLDER), self.stop(0))

    def stop(self, number: int) -> str:
        """Return the callback data of the Stop button that part `number` is opened with."""
        return f"stop:{self._turn_id}:{number}"

    def _rendered(self, text: str, *, plain: bool, partial: bool) -> Rendered:
        return Rendered(text.strip()) if plain else self._renderer.render(text, partial=partial)

    def _cut(self, rendered: Rendered) -> list[Rendered]:
        return split(rendered, limit=MAX_PART - len(CURSOR))

    def _unfinished(self, text: Rendered, number: int) -> Frame:
        return Frame(Rendered(text.text + CURSOR, text.entities), self.stop(number))
