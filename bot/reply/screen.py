"""Screen: what the messages of a reply show, and the call that brings them nearer to what they are to show; pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiogram.types import Message

from bot.reply.frames import Frames
from bot.reply.layout import Frame, Layout
from bot.reply.markdown.rendered import Rendered
from bot.reply.marks import CURSOR, is_placeholder
from bot.reply.thought import answer_in


@dataclass(slots=True)
class Shown:
    """A part as it stands: its message (None: still to be opened), what that shows and whether it is a file or a
    picture (None: not known), and how many characters of text there are at least.
    """

    message_id: int | None = None
    frame: Frame | None = None
    is_file: bool | None = None
    length: int = 0
    is_own: bool = False  # a former process has shown it, and not the answer that is replaced


@dataclass(frozen=True, slots=True)
class Step:
    """The next call that brings the screen nearer to the text: `frame` None deletes part `number`.

    `at_once`: it does not wait until progress is worth a call, because it holds the place of a text, or is the second
    of the two calls that take a text over the border of two parts.
    """

    number: int
    frame: Frame | None
    at_once: bool = False


class Screen:
    """The parts of one reply; `frames` are what they are to show.

    `next` names the call that is needed, and `changed` and the methods after it take what came of that. Of a growing
    text nothing goes that could be read: where it crosses the border of two parts, the first is completed and the
    second opened; or the other way round, if the first shows too much.
    """

    def __init__(
        self,
        answer_id: int,
        *,
        max_parts: int,
        replaces: bool = False,
        room_utf16: int | None = None,
        more: str | None = None,
    ) -> None:
        self._layout = Layout(answer_id, max_parts=max_parts, room_utf16=room_utf16, more=more)
        self._replaces = replaces
        self._reopened: set[int] = set()  # parts that were deleted and sent anew
        self.frames = Frames(self._layout)
        self.parts: list[Shown] = []
        self.shows_former = False  # nothing of this answer stands, all of a former one does

    @property
    def is_blank(self) -> bool:
        """Tell whether no call has shown anything yet."""
        return not any(part.frame for part in self.parts)

    def take_up(
        self,
        message_ids: Sequence[int | None],
        standing: Sequence[Rendered],
        lengths: Sequence[int],
        own: Sequence[bool],
    ) -> None:
        """Begin with the messages of a former process, or of the answer that is replaced.

        `standing` is the text that can be kept, `lengths` how many characters there are to be read, part by part; `own`
        tells those that this answer has shown already.
        """
        self.parts = [Shown(message_id) for message_id in message_ids]
        for part, length in zip(self.parts, lengths, strict=False):
            part.length = length
        for part, is_own in zip(self.parts, own, strict=False):
            part.is_own = is_own
        self.frames.stands(standing, lengths)

    def next(self) -> Step | None:
        """Return the call that is needed next, None where all of the newest text stands."""
        frames = self.frames.wanted()
        if self.frames.holds_back() or (self.shows_former and self.frames.is_waiting):
            return None
        last = len(frames) - 1
        for number, frame in enumerate(frames):
            if self.message_id(number) is None:
                too_much = number > 0 and self._surplus(number - 1, frames[number - 1]) > 0
                at_once = not too_much if number else is_placeholder(frame.text.text)
                return Step(number, self._layout.opening(number, frame), at_once=at_once)
            if number < last and self._surplus(number, frame) < 0:
                return self._change(number, frame)
        for number, frame in enumerate(frames):
            if self.parts[number].frame != frame:
                return self._change(number, frame, at_once=number < last and self._surplus(number, frame) > 0)
        return self._delete_last() if self.frames.is_final and len(self.parts) > len(frames) else None

    @property
    def only_grows(self) -> bool:
        """Tell whether the next call edits the only part, whatever has come: so nobody need lay it out to know that."""
        stands = len(self.parts) == 1 and self.parts[0].message_id is not None and self.parts[0].frame is not None
        return stands and not self.shows_former and self.frames.only_grow

    @property
    def is_draftable(self) -> bool:
        """Tell whether a native draft can show all there is."""
        return not self.frames.is_final and not self.parts and len(self.frames.wanted()) < 2

    def drafted(self) -> Rendered:
        """Return what a native draft is to show: the first part without its cursor."""
        frames = self.frames.wanted()
        text = frames[0].text if frames else Rendered("")
        return Rendered(text.text.removesuffix(CURSOR), text.entities)

    def message_id(self, number: int) -> int | None:
        """Return the message of a part, None where it is still to be opened."""
        return self.parts[number].message_id if number < len(self.parts) else None

    def shown(self, number: int) -> Frame | None:
        """Return what a part shows, None where that is not known."""
        return self.parts[number].frame if number < len(self.parts) else None

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
        part.is_file = message.document is not None or bool(message.photo)
        if part.is_file != step.frame.is_media:
            part.frame = None

    def became(self, number: int, message_id: int) -> None:
        """Note which message a part has become by a call that does not tell."""
        self.parts[number].message_id = message_id

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
        self.take_up((), (), (), ())

    def _surplus(self, number: int, frame: Frame) -> int:
        """Return how many characters more than `frame` a part shows, as far as is known."""
        return self.parts[number].length - _length(frame)

    def _change(self, number: int, frame: Frame, *, at_once: bool = False) -> Step:
        """Have a part show `frame`; a message that cannot become that goes first."""
        return self._delete_last() if self._must_go(self.parts[number], frame) else Step(number, frame, at_once)

    def _delete_last(self) -> Step:
        return Step(len(self.parts) - 1, None)

    def _must_go(self, part: Shown, frame: Frame) -> bool:
        """Tell whether a message cannot become what is wanted: a file no text, and no file another one.

        Any message can become a picture.
        """
        if frame.picture is not None:
            return False
        if frame.document is None:
            return part.is_file is True
        is_former = self._replaces and not part.is_own if part.frame is None else part.frame.document != frame.document
        return part.is_file is False or is_former


def _length(frame: Frame) -> int:
    return len(answer_in(frame.text).removesuffix(CURSOR))
