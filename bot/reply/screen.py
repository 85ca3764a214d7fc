"""Screen: what the messages of a reply show, what they are to show, and the call that brings them nearer; pure."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

from aiogram.types import Message

from bot.reply.layout import PLACEHOLDER, Frame, Layout
from bot.reply.markdown.rendered import Rendered
from bot.reply.page import CURSOR
from bot.slices import finished


@dataclass(slots=True)
class Shown:
    """A part as it stands: its message (None: still to be opened), what that shows and whether it is a file (None: not
    known), and how many characters of text there are at least.
    """

    message_id: int | None = None
    frame: Frame | None = None
    is_file: bool | None = None
    length: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """The next call that brings the screen nearer to the text: `frame` None deletes part `number`.

    `at_once`: it does not wait until progress is worth a call, because it is the first text, or the second of the two
    calls that take a text over the border of two parts.
    """

    number: int
    frame: Frame | None
    at_once: bool = False


class Screen:
    """The parts of one turn.

    `grow` and `finish` say what is to be shown, `next` names the call that is needed, and `changed` and the methods
    after it take what came of that. Of a growing text nothing goes that could be read: where it crosses the border of
    two parts, the first is completed and the second opened; or the other way round, if the first shows too much.
    """

    def __init__(self, turn_id: int, *, max_parts: int, replaces: bool = False) -> None:
        self._layout = Layout(turn_id, max_parts=max_parts)
        self._replaces = replaces
        self._newest: Callable[[], str] = str
        self._frames: list[Frame] = []
        self._changes = 0  # of what is to be shown
        self._laid_out = 0  # of those, the ones that the frames show
        self._taken = 0  # and the ones that came until they were laid out
        self._is_final = False
        self._is_plain = False
        self._placeholder = ""
        self._instead: str | None = None  # of the text, which Telegram does not take
        self._instead_of_file: str | None = None
        self._reopened: set[int] = set()  # parts that were deleted and sent anew
        self._note = ""  # the line under the final text, or under what stands
        self._keeps = False  # what stands, instead of showing the final text
        self.parts: list[Shown] = []
        self.standing: Sequence[Rendered] = ()  # what a former process left to be read, as long as it stands

    @property
    def is_final(self) -> bool:
        """Tell whether the text is the last one."""
        return self._is_final

    @property
    def is_blank(self) -> bool:
        """Tell whether no call has shown anything yet."""
        return not any(part.frame for part in self.parts)

    def grow(self, newest: Callable[[], str]) -> None:
        """Take word of a text that goes on; it is asked for when it is laid out."""
        self._newest = newest
        self._changes += 1

    def finish(self, text: str, note: str = "", *, keeps: bool = False) -> None:
        """Take the final text, and the line under it; `keeps`: the line goes under what stands, if anything does."""
        self._is_final, self._note, self._keeps = True, note, keeps
        self.grow(lambda: text)

    def hold_place(self, line: str = PLACEHOLDER) -> None:
        """Show a line until there is text; "…" says less than any other."""
        self._placeholder = line if line != PLACEHOLDER else self._placeholder or line
        self._changes += 1

    def give_up_looks(self) -> bool:
        """Show the text as it is written from here on; False where that has been tried."""
        was_plain, self._is_plain = self._is_plain, True
        self._changes += 1
        return not was_plain

    def give_up_file(self, instead: str) -> None:
        """Show a sentence from here on where the rest would be a file."""
        self._instead_of_file = instead
        self._changes += 1

    def give_up(self, instead: str) -> bool:
        """Show a sentence at the end, and nothing of the text any more; False where that has been tried."""
        was_tried, self._instead = self._instead is not None, instead
        self._changes += 1
        return not was_tried

    @property
    def kept_note(self) -> str | None:
        """Return the line that goes under what stands, None where that is not to stay."""
        return self._note if self._keeps else None

    def take_up(self, message_ids: Sequence[int | None], standing: Sequence[Rendered]) -> None:
        """Begin with the messages of a former process, or of the answer that is replaced."""
        self.parts = [Shown(message_id) for message_id in message_ids]
        for part, text in zip(self.parts, standing, strict=False):
            part.length = len(text.text)
        self.standing = standing
        self._changes += 1

    def lay_out(self) -> Generator[None, None, None]:
        """Lay out the newest text, in slices of work. Words that come meanwhile are for the next time, unless they are
        the final ones.
        """
        while self._laid_out != self._changes:
            changes, is_final = self._changes, self._is_final
            self._frames = yield from self._laying_out()
            self._laid_out = changes
            if is_final is self._is_final:
                break
        self._taken = self._changes

    def wanted(self) -> list[Frame]:
        """Return what the parts are to show; a text that `lay_out` was not asked for is laid out at once."""
        if self._taken != self._changes:
            finished(self.lay_out())
        return self._frames

    def next(self) -> Step | None:
        """Return the call that is needed next, None where all of the newest text stands."""
        frames = self.wanted()
        if self._holds_back(frames):
            return None
        last = len(frames) - 1
        for number, frame in enumerate(frames):
            if self.message_id(number) is None:
                too_much = number > 0 and self._surplus(number - 1, frames[number - 1]) > 0
                return Step(number, self._layout.opening(number, frame), at_once=not too_much)
            if number < last and self._surplus(number, frame) < 0:
                return self._change(number, frame)
        for number, frame in enumerate(frames):
            if self.parts[number].frame != frame:
                return self._change(number, frame, at_once=number < last and self._surplus(number, frame) > 0)
        return self._delete_last() if self._is_final and len(self.parts) > len(frames) else None

    @property
    def is_draftable(self) -> bool:
        """Tell whether a native draft can show all there is."""
        return not self._is_final and not self.parts and len(self.wanted()) < 2

    def drafted(self) -> Rendered:
        """Return what a native draft is to show: the first part without its cursor."""
        text = self.wanted()[0].text if self.wanted() else Rendered("")
        return Rendered(text.text.removesuffix(CURSOR), text.entities)

    def message_id(self, number: int) -> int | None:
        """Return the message of a part, None where it is still to be opened."""
        return self.parts[number].message_id if number < len(self.parts) else None

    def changed(self, step: Step, message: Message | None = None) -> None:
        """Note that a call has made its change; `message`: what came back, if anything did."""
        if step.frame is None:
            del self.parts[step.number]
            return
        if step.number == len(self.parts):
            self.parts.append(Shown())
        part = self.parts[step.number]
        part.frame, part.length = step.frame, _length(step.frame)
        if message is None:
            return
        part.message_id = part.message_id or message.message_id
        part.is_file = message.document is not None
        if part.is_file != (step.frame.document is not None):
            part.frame = None

    def found(self, number: int, message_id: int) -> None:
        """Note the message of a part whose opening was not answered."""
        self.parts[number : number + 1] = [Shown(message_id)]

    def shows_file(self, number: int) -> None:
        """Note that a part's message shows a file, which no edit turns into a text."""
        self.parts[number].is_file = True

    def gone(self, number: int) -> bool:
        """Note that somebody deleted a part; tell whether to open it anew: once, as moderation bots delete for ever."""
        self.parts[number] = Shown()
        is_first = number not in self._reopened
        self._reopened.add(number)
        return is_first

    def clear(self) -> None:
        """Leave all messages behind: the chat goes on elsewhere."""
        self.take_up((), ())

    def _laying_out(self) -> Generator[None, None, list[Frame]]:
        if self._instead is not None:
            return self._layout.final(self._instead, plain=True) if self._is_final else []
        if self._keeps and any(part.text for part in self.standing):
            return self._layout.kept(self.standing, self._note)
        note = "" if self._keeps else self._note
        work = self._layout.lay_out(self._newest(), is_final=self._is_final, note=note, plain=self._is_plain)
        frames = yield from work
        if frames and frames[-1].document is not None and self._instead_of_file is not None:
            return [*frames[:-1], Frame(Rendered(self._instead_of_file), frames[-1].button)]
        return frames or ([self._layout.placeholder(self._placeholder)] if self._placeholder else [])

    def _holds_back(self, frames: Sequence[Frame]) -> bool:
        """Tell whether a resumed text is still shorter than what stands: the screen is never rolled back."""
        if self._is_final or not self.standing:
            return False
        length = len(frames[-1].text.text) - len(CURSOR) if frames else 0
        is_longer = (len(frames), length) > (len(self.standing), len(self.standing[-1].text))
        if is_longer:
            self.standing = ()
        return not is_longer

    def _surplus(self, number: int, frame: Frame) -> int:
        """Return how many characters more than `frame` a part shows, as far as is known."""
        return self.parts[number].length - _length(frame)

    def _change(self, number: int, frame: Frame, *, at_once: bool = False) -> Step:
        """Have a part show `frame`; a message that cannot become that goes first."""
        return self._delete_last() if self._must_go(self.parts[number], frame) else Step(number, frame, at_once)

    def _delete_last(self) -> Step:
        return Step(len(self.parts) - 1, None)

    def _must_go(self, part: Shown, frame: Frame) -> bool:
        """Tell whether a message cannot become what is wanted: a text no file, and no file another one."""
        if frame.document is None:
            return part.is_file is True
        is_former = self._replaces if part.frame is None else part.frame.document != frame.document
        return part.is_file is False or is_former


def _length(frame: Frame) -> int:
    return len(frame.text.text.removesuffix(CURSOR))
