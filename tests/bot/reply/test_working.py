"""The line that tells which tool runs: under the text, in its place where there is none, and never part of it."""

from bot.reply.frames import Frames
from bot.reply.layout import Layout
from bot.reply.markdown.rendered import Rendered
from bot.reply.marks import CURSOR, is_placeholder, without_line
from bot.reply.split import MAX_PART

LINE = "🔧 notes · add: “milk” …"


def shown(frames: Frames) -> list[str]:
    return [frame.text.text for frame in frames.wanted()]


def fresh() -> Frames:
    return Frames(Layout(7, max_parts=5))


def test_it_stands_in_the_place_of_a_text_and_leaves_its_place_kept() -> None:
    frames = fresh()

    frames.meanwhile.work(LINE)
    assert shown(frames) == [LINE]
    assert is_placeholder(LINE)

    frames.meanwhile.work("")
    assert shown(frames) == ["…"]


def test_it_stands_under_the_text_and_is_gone_with_the_next_words() -> None:
    frames = fresh()
    frames.grow(lambda: "Let me **see**.")

    frames.meanwhile.work(LINE)
    assert shown(frames) == [f"Let me see.\n\n{LINE}{CURSOR}"]
    frames.meanwhile.work("")
    frames.grow(lambda: "Let me **see**.\n\nIt is done.")

    assert shown(frames) == [f"Let me see.\n\nIt is done.{CURSOR}"]


def test_it_is_no_part_of_a_final_text() -> None:
    frames = fresh()
    frames.meanwhile.work(LINE)

    frames.finish("It is done.")

    assert shown(frames) == ["It is done."]


def test_where_there_is_no_room_it_is_left_out() -> None:
    frames = fresh()
    text = "x" * (MAX_PART - len(CURSOR) - 5)
    frames.grow(lambda: text)

    frames.meanwhile.work(LINE)

    assert shown(frames) == [f"{text}{CURSOR}"]


def test_what_is_read_back_is_the_text_alone() -> None:
    assert without_line(f"Let me see.\n\n{LINE}") == "Let me see."
    assert without_line("Let me see.\n\n🔧 is a wrench.") == "Let me see.\n\n🔧 is a wrench."
    assert without_line("Let me see.") == "Let me see."


def test_a_text_of_a_former_process_is_not_rolled_back_for_it() -> None:
    frames = fresh()
    frames.stands([Rendered("Let me see what")], [15])
    frames.grow(lambda: "Let me")
    frames.meanwhile.work(LINE)

    assert frames.holds_back()

    frames.grow(lambda: "Let me see what is there")
    assert not frames.holds_back()
