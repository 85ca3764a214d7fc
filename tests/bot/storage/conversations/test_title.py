"""What a conversation is called."""

from bot.storage.conversations.title import title, title_of
from providers.blocks import Text


def test_a_conversation_is_called_by_the_first_line_of_its_first_question() -> None:
    assert title_of([(Text("\n\n  How do   dogs see?\nAnd cats?"),)]) == "How do dogs see?"


def test_a_quoted_message_is_no_title_where_there_are_own_words() -> None:
    assert title_of([(Text("> Ann: Dogs bark\n\nWhy?"),)]) == "Why?"
    assert title_of([(Text("> only that"),)]) == "> only that"


def test_a_question_without_words_gives_no_title() -> None:
    assert title_of([()]) == title_of([(Text(" \n "),)]) == ""


def test_a_long_title_ends_with_dots_and_no_sign_is_cut_in_two() -> None:
    family = "👩‍👩‍👧"

    short = title_of([(Text(family * 30),)])

    assert len(short) <= 60
    assert short == f"{family * (short.count(family))}…"


def test_what_a_reader_does_not_see_is_not_in_a_title() -> None:
    assert title("a\u202eb\x00c\u2066d\ud800e\nf") == "a b c d e f"
