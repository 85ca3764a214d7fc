"""Frames: what the messages of a reply are to show of its newest text; pure."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import replace

from bot.reply.layout import Frame, Layout, Shot, Versions
from bot.reply.markdown.rendered import Rendered, to_units
from bot.reply.marks import CURSOR, without_line
from bot.reply.meanwhile import Meanwhile
from bot.reply.page import beneath
from bot.reply.thought import answer_in, below
from bot.reply.wording import Wording
from bot.slices import finished
from providers.visible import is_visible

SHORT = 2_000  # characters of Markdown: so few are far from a second part
FAR = 3_500  # UTF-16 units, as a part is measured: of what is shown, and two for each character that came since


class Frames:
    """Lays the newest text out. `grow` and `finish` say what it is, `give_up…` what Telegram does not take of it.

    `meanwhile` is told of what stands where there is none.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._wording = Wording()
        self.meanwhile = Meanwhile(layout, self._note)
        self.is_waiting = True  # nothing of the text is laid out yet
        self._frames: list[Frame] = []
        self._changes = 0  # of what is to be shown
        self._laid_out = 0  # of those, the ones that the frames show
        self._taken = 0  # and the ones that came until they were laid out
        self._read = 0  # characters of the text that the frames show
        self._is_shortened = False
        self.standing: Sequence[Rendered] = ()  # what a former process left to be read, as long as it stands
        self._lengths: Sequence[int] = ()  # of all parts that can be read, in characters
        self.kept: Sequence[Rendered] | None = None  # the parts that the frames show in place of a final text
        self.sentence: str | None = None  # or what they say in place of it

    @property
    def is_final(self) -> bool:
        """Tell whether the text is the last one."""
        return self._wording.is_final

    @property
    def kept_note(self) -> str | None:
        """Return the line that goes under what stands, None where that is not to be read, and to stay."""
        return self._wording.note if self._wording.otherwise is not None and not self._wording.left else None

    def grow(self, newest: Callable[[], str]) -> None:
        """Take word of a text that goes on; it is asked for when it is laid out."""
        if self._wording.newest is newest:
            self._changes += 1
        else:
            self._change(replace(self._wording, newest=newest))

    def finish(
        self,
        text: str,
        note: str = "",
        *,
        otherwise: str | None = None,
        left: Sequence[Rendered] = (),
        of: Versions | None = None,
        is_cut: bool = False,
    ) -> None:
        """Take the final text, and the line under it; `is_cut`: it breaks off.

        With `otherwise` what stands stays in place of a text that is less; where neither is anything, that sentence is
        shown. `left`: what stood, and is shown again. `of`: which of the versions it is.
        """
        if of is not None:
            self._layout.ends_as(of)
        final = replace(self._wording, newest=lambda: text, is_final=True, note=note, is_cut=is_cut)
        self._change(replace(final, otherwise=otherwise, left=left))

    def quote(self, heard: str) -> None:
        """Take what was heard in the question, and is to stand above the text."""
        if heard != self._wording.quote:
            self._change(replace(self._wording, quote=heard))

    def preview(self, shot: Shot) -> None:
        """Show what there is of a picture, until there is text."""
        self._change(replace(self._wording, preview=shot))

    def picture(self, shots: Sequence[Shot]) -> None:
        """Have pictures stand after the final text."""
        self._change(replace(self._wording, shots=shots))

    def leave_out(self) -> None:
        """Say under the final text that there is more, which the place cannot show."""
        self._change(replace(self._wording, has_more=True))

    def give_up_pictures(self, instead: str) -> bool:
        """Show pictures as files, or where that was tried a sentence in their place; False where there are none."""
        without = self._wording.without_pictures(instead)
        if without is not None:
            self._change(without)
        return without is not None

    def stands(self, standing: Sequence[Rendered], lengths: Sequence[int]) -> None:
        """Take what a former process left to be read, and how many characters of it each part shows."""
        self.standing, self._lengths = standing, lengths
        self._changes += 1

    def give_up_looks(self) -> bool:
        """Show the text as it is written from here on; False where that has been tried."""
        was_plain = self._wording.is_plain
        self._change(replace(self._wording, is_plain=True))
        return not was_plain

    def give_up_file(self, instead: str) -> None:
        """Show a sentence from here on where the rest would be a file."""
        self._change(replace(self._wording, instead_of_file=instead))

    def give_up_more(self, parts: int, instead: str) -> bool:
        """Show no more than the parts that stand from here on, and a sentence where the rest would be.

        False where that has been tried.
        """
        was_tried, self._is_shortened = self._is_shortened, True
        if not was_tried:
            self._layout.shorten(parts, instead)
            self._changes += 1
        return not was_tried

    def give_up(self, instead: str) -> bool:
        """Show a sentence at the end, and nothing of the text any more; False where that has been tried."""
        was_tried = self._wording.instead is not None
        self._change(replace(self._wording, instead=instead))
        return not was_tried

    @property
    def only_grow(self) -> bool:
        """Tell whether a text that is shown in one part goes on, and is far from needing another one."""
        is_one = len(self._frames) == 1 and not (self.is_waiting or self.is_final or self._lengths)
        if not is_one or self._taken == self._changes:
            return False
        size = len(self._wording.newest())
        return size < SHORT or len(to_units(self._frames[0].text.text)) + 2 * (size - self._read) < FAR

    def lay_out(self) -> Generator[None, None, None]:
        """Lay out the newest text, in slices of work. Words that come meanwhile are for the next time, unless they are
        the final ones.
        """
        while self._laid_out != self._changes:
            changes, is_final = self._changes, self.is_final
            self._frames = yield from self._laying_out(self._wording)
            self._laid_out = changes
            if is_final is self.is_final:
                break
        self._taken = self._changes

    def wanted(self) -> list[Frame]:
        """Return what the parts are to show; a text that `lay_out` was not asked for is laid out at once."""
        if self._taken != self._changes:
            finished(self.lay_out())
        return self._frames

    def outlasting(self, text: str) -> Generator[None, None, str]:
        """Return what a former process left to be read, if that is more than `text`; else nothing. In slices of work.

        The measure is the one by which a growing text is held back.
        """
        standing = self.standing
        if not any(answer_in(part) for part in standing):
            return ""
        quote = self._wording.quote
        layout = self._layout.anew()
        frames = yield from layout.lay_out(text, is_final=False, plain=self._wording.is_plain, quote=quote)
        if _is_more(frames, [len(answer_in(part)) for part in standing]):
            return ""
        first, *rest = standing
        return "\n\n".join(filter(None, map(answer_in, (beneath(first) if quote else first, *rest))))

    def holds_back(self) -> bool:
        """Tell whether a resumed text is still shorter than what stands: the screen is never rolled back."""
        frames = self.wanted()
        if self.is_final or not self._lengths:
            return False
        if self.is_waiting:
            return any(self._lengths)
        if is_more := _is_more(frames, self._lengths):
            self.standing = self._lengths = ()
        return not is_more

    def _change(self, wording: Wording) -> None:
        self._wording = wording
        self._note()

    def _note(self) -> None:
        """Take note that there is something else to show."""
        self._changes += 1

    def _laying_out(self, wording: Wording) -> Generator[None, None, list[Frame]]:
        self.kept = self.sentence = None
        self.is_waiting = False
        if wording.instead is not None:
            self.sentence = wording.instead
            return self._layout.final(wording.instead, plain=True) if wording.is_final else []
        text, note = wording.newest(), wording.note
        self._read = len(text)
        text = below(text) if wording.is_plain else text
        if wording.left:
            self.kept = wording.left
            return self._layout.kept(wording.left, note)
        if wording.otherwise is not None:
            if (yield from self.outlasting(text)):
                self.kept = self.standing
                return self._layout.kept(self.standing, note)
            if not is_visible(text):
                text, note, self.sentence = wording.otherwise, "", wording.otherwise
        if wording.is_plain and wording.is_final and self.sentence is None:
            layout, quote = self._layout.anew(), wording.quote
            frames = yield from layout.lay_out(text, is_final=True, plain=True, is_cut=wording.is_cut, quote=quote)
            if frames[-1].document is None:
                self.kept = [frame.text for frame in frames]
        shots = wording.shots if wording.is_final and self.sentence is None else ()
        if shots and not is_visible(text):
            return self._layout.pictured([], shots, note)
        frames = yield from self._layout.lay_out(
            text,
            is_final=wording.is_final,
            note=note,
            plain=wording.is_plain,
            is_cut=wording.is_cut,
            quote=wording.quote if self.sentence is None else "",
        )
        if frames and frames[-1].document is not None and wording.instead_of_file is not None:
            frames = [*frames[:-1], replace(frames[-1], text=Rendered(wording.instead_of_file), document=None)]
        if wording.has_more and wording.is_final:
            return self._layout.more([frame.text for frame in frames] if is_visible(text) else [])
        if frames and self.meanwhile.works and not wording.is_final:
            return [*frames[:-1], self._layout.working(frames[-1], self.meanwhile.works)]
        if shown := self._layout.pictured(frames, shots):
            return shown
        self.is_waiting = True
        return self.meanwhile.frames(wording.preview)


def _is_more(growing: Sequence[Frame], lengths: Sequence[int]) -> bool:
    """Tell whether the frames of a growing text show more than parts of these lengths."""
    length = len(without_line(answer_in(growing[-1].text).removesuffix(CURSOR))) if growing else 0
    return (len(growing), length) > (len(lengths), lengths[-1])
