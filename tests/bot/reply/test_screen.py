"""What a reader sees of a reply, call by call, whatever the calls answer."""

import itertools
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pytest
from aiogram.types import Chat, Document, Message
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.reply.layout import Frame, Layout
from bot.reply.markdown.rendered import Rendered
from bot.reply.marks import CURSOR
from bot.reply.screen import Screen, Step

LONG = "one two three four five six seven eight nine ten\n\n" * 40  # half a part
WORDS = st.one_of(st.text("ab \n", min_size=1, max_size=30), st.just(LONG), st.integers(1, 900).map("word ".__mul__))
MARKDOWN = st.text("ab *_`[](#>\n", min_size=1, max_size=30)
MOST = 100  # calls that any text here may need
CALLS = ("done", "done", "unchanged", "rejected", "lost", "found")


class Reader:
    """A chat that carries out the steps of a screen as Telegram would."""

    def __init__(self, screen: Screen, standing: Sequence[str] = ()) -> None:
        self.screen = screen
        self.messages = {number: Frame(Rendered(text)) for number, text in enumerate(standing, start=1)}
        self.openings: list[Frame] = []
        self._ids = itertools.count(len(standing) + 1)
        texts = [frame.text for frame in self.messages.values()]
        screen.take_up(list(self.messages), texts, [len(text.text) for text in texts], ())

    def sees(self) -> list[Frame]:
        """Return what stands, from the top down."""
        return [self.messages[message_id] for message_id in sorted(self.messages)]

    def call(self, step: Step, how: str = "done") -> None:
        """Carry out a step; "lost": a send was not carried out, "found": it was, but only a search tells so."""
        message_id = self.screen.message_id(step.number)
        if how == "rejected" and step.frame and self.screen.frames.give_up_looks():
            return
        if step.frame is None:
            del self.messages[message_id or 0]
            self.screen.changed(step)
        elif message_id is None:
            self.openings.append(step.frame)
            if how != "lost":
                self.messages[opened := next(self._ids)] = step.frame
                if how == "found":
                    self.screen.found(step.number, opened)
                else:
                    self.screen.changed(step, message(opened, step.frame))
        else:
            self.messages[message_id] = step.frame
            self.screen.changed(step, None if how == "unchanged" else message(message_id, step.frame))

    def calls(self) -> Iterator[Step]:
        """Carry out all that is needed for the newest text, one call at a time."""
        for _ in range(MOST):
            if (step := self.screen.next()) is None:
                return
            self.call(step)
            yield step
        raise AssertionError("it never ends")


def message(message_id: int, frame: Frame) -> Message:
    document = Document(file_id="f", file_unique_id="f") if frame.document is not None else None
    chat = Chat(id=1, type="private")
    return Message(message_id=message_id, date=datetime.now(UTC), chat=chat, document=document)


def readable(text: str, frames: Sequence[Frame]) -> int:
    """Return how many letters of a plain text can be read from its beginning on, without a gap."""
    starts = itertools.accumulate((letters(frame) for frame in Layout(7, max_parts=99).final(text)), initial=0)
    end = 0
    for start, frame in zip(starts, frames, strict=False):
        end = max(end, start + letters(frame)) if start <= end else end
    return end


def letters(frame: Frame) -> int:
    return len("".join(frame.text.text.removesuffix(CURSOR).split()))


def grow(screen: Screen, text: str) -> None:
    screen.frames.grow(lambda: text)


@given(
    st.lists(st.tuples(st.one_of(WORDS, MARKDOWN), st.lists(st.sampled_from(CALLS), max_size=4)), max_size=10),
    st.integers(1, 4),
)
def test_whatever_calls_answer_the_end_is_exact_and_no_send_was_complete(
    growth: Sequence[tuple[str, Sequence[str]]], max_parts: int
) -> None:
    screen, text = Screen(7, max_parts=max_parts), ""
    reader = Reader(screen)

    for more, calls in growth:
        text += more
        grow(screen, text)
        for how in calls:
            if step := screen.next():
                reader.call(step, how)
    screen.frames.finish(text)
    list(reader.calls())

    exact = Layout(7, max_parts=max_parts)
    assert reader.sees() in (exact.final(text), exact.final(text, plain=True))
    assert all(frame.button and frame.button.startswith("stop:7:") for frame in reader.openings)
    assert all(frame.document or frame.text.text.endswith(CURSOR) for frame in reader.openings)


@settings(max_examples=40)  # each lays out texts of several messages, again and again
@given(st.lists(st.tuples(WORDS, st.integers(0, 3)), min_size=1, max_size=12), st.integers(0, 6_000))
def test_nothing_that_could_be_read_goes(growth: Sequence[tuple[str, int]], standing: int) -> None:
    text = "".join(more for more, _ in growth)
    former = Layout(7, max_parts=99).growing(text[:standing])
    screen = Screen(7, max_parts=99)
    reader = Reader(screen, [frame.text.text.removesuffix(CURSOR) for frame in former])

    seen, grown = [readable(text, reader.sees())], ""
    for more, calls in growth:
        grown += more
        grow(screen, grown)
        seen += [readable(text, reader.sees()) for _ in itertools.islice(reader.calls(), calls)]
    screen.frames.finish(text)
    seen += [readable(text, reader.sees()) for _ in reader.calls()]

    assert seen == sorted(seen)


def test_a_text_that_crosses_the_border_completes_one_part_and_opens_the_other_at_once() -> None:
    screen = Screen(7, max_parts=9)
    reader = Reader(screen)
    grow(screen, LONG)
    list(reader.calls())

    grow(screen, LONG * 3)
    first, second = reader.calls()

    assert (first.number, first.at_once) == (0, False)
    assert (second.number, second.at_once) == (1, True)
    assert [frame.button for frame in reader.sees()] == [None, "stop:7:1"]


def test_a_part_that_shows_too_much_is_cut_only_when_the_next_one_has_it() -> None:
    before, sentence = LONG + LONG[:490], "and so on. "
    screen = Screen(7, max_parts=9)
    reader = Reader(screen)
    grow(screen, before + sentence * 140)
    list(reader.calls())

    grow(screen, before + sentence * 250)  # the paragraph does not fit and moves to the next part
    first, second = reader.calls()

    assert (first.number, first.at_once) == (1, False)
    assert (second.number, second.at_once) == (0, True)


def test_the_text_is_asked_for_only_when_a_frame_is_made_of_it() -> None:
    asked = []
    screen = Screen(7, max_parts=9)

    for number in range(1_000):
        screen.frames.grow(lambda number=number: asked.append(number) or f"word {number}")  # type: ignore[misc, func-returns-value]

    assert asked == []
    assert (step := screen.next())
    assert step.frame
    assert step.frame.text.text == f"word 999{CURSOR}"
    assert asked == [999]


def test_a_message_of_the_former_answer_becomes_no_file() -> None:
    screen = Screen(7, max_parts=1, replaces=True)
    reader = Reader(screen, ["the former answer", "its second part"])
    screen.frames.finish(LONG * 4)

    steps = list(reader.calls())

    assert [(step.number, step.frame is None) for step in steps] == [(0, False), (1, True), (1, False), (1, False)]
    assert [frame.document is not None for frame in reader.sees()] == [False, True]


@pytest.mark.parametrize(("own", "sent"), [([True, True], 0), ([True, False], 1)], ids=["its own", "the former one's"])
def test_a_file_that_a_former_process_sent_of_this_answer_stays(own: list[bool], sent: int) -> None:
    screen = Screen(7, max_parts=1, replaces=True)
    screen.take_up([1, 2], (), (), own)
    screen.frames.finish(LONG * 4)

    sends = 0
    while step := screen.next():
        if step.frame is None:
            screen.changed(step)
        elif (message_id := screen.message_id(step.number)) is None:
            sends += 1
            screen.changed(step, message(3, step.frame))
        else:
            screen.changed(step, message(message_id, step.frame))

    assert sends == sent


def test_a_part_that_is_deleted_is_opened_anew_once() -> None:
    screen = Screen(7, max_parts=9)
    reader = Reader(screen)
    screen.frames.finish("word")
    list(reader.calls())

    assert screen.gone(0)
    reader.messages.clear()
    list(reader.calls())

    assert [frame.text.text for frame in reader.sees()] == ["word"]
    assert not screen.gone(0)


@pytest.mark.parametrize("came", ["", "as far as", "**as far as it came**"], ids=["nothing", "less", "as much"])
def test_what_stands_is_kept_with_a_note_under_it_where_no_more_came(came: str) -> None:
    screen = Screen(7, max_parts=9)
    reader = Reader(screen, ["as far as it came"])
    grow(screen, came)
    list(reader.calls())
    screen.frames.finish(came, "Incomplete.", otherwise="It failed.")

    list(reader.calls())

    assert [frame.text.text for frame in reader.sees()] == ["as far as it came\n\nIncomplete."]


@pytest.mark.parametrize("is_seen_growing", [False, True])
@pytest.mark.parametrize("standing", [[], [""], ["as far as it came"]], ids=["nothing", "a placeholder", "less"])
def test_what_came_is_shown_with_a_note_under_it_where_it_is_more_than_what_stands(
    standing: Sequence[str], is_seen_growing: bool
) -> None:
    screen = Screen(7, max_parts=9)
    reader = Reader(screen, standing)
    if is_seen_growing:
        grow(screen, "as far as it came the second time")
        list(reader.calls())
    screen.frames.finish("as far as it came the second time", "Incomplete.", otherwise="It failed.")

    list(reader.calls())

    assert [frame.text.text for frame in reader.sees()] == ["as far as it came the second time\n\nIncomplete."]


@pytest.mark.parametrize("standing", [[], [""]], ids=["nothing", "a placeholder"])
def test_a_sentence_is_shown_without_the_note_where_nothing_stands_and_nothing_came(standing: Sequence[str]) -> None:
    screen = Screen(7, max_parts=9)
    reader = Reader(screen, standing)
    screen.frames.finish("", "Incomplete.", otherwise="It failed.")

    list(reader.calls())

    assert [frame.text.text for frame in reader.sees()] == ["It failed."]


def test_a_second_message_is_not_rolled_back_where_the_first_one_was_not_completed() -> None:
    screen = Screen(7, max_parts=9)
    text = LONG * 3
    first, second = Layout(7, max_parts=9).growing(text)
    screen.take_up([1, 2], [first.text], [len(first.text.text), len(second.text.text)], ())

    grow(screen, text[:-20])

    assert screen.next() is None
    grow(screen, text + " more")
    assert screen.next() is not None


@pytest.mark.parametrize(
    ("word", "size", "more", "only_grows"),
    [
        ("word ", 500, 900, True),
        ("word ", 2_400, 400, True),
        ("word ", 3_300, 200, False),
        ("\N{GRINNING FACE}" * 5, 1_990, 300, False),  # two UTF-16 units each: another part is needed
    ],
)
def test_a_text_that_is_far_from_a_second_part_need_not_be_laid_out_for_the_next_call(
    word: str, size: int, more: int, only_grows: bool
) -> None:
    text = word * (size // 5)
    screen = Screen(1, max_parts=5)
    reader = Reader(screen)
    screen.frames.grow(newest := lambda: text)
    assert [step.number for step in reader.calls()] == [0]

    text += word * (more // 5)
    screen.frames.grow(newest)

    assert screen.only_grows is only_grows
