from hypothesis import given
from hypothesis import strategies as st

from providers.surrogates import HalfCharacter, whole_characters


def test_surrogates_that_belong_together_are_joined() -> None:
    assert whole_characters("a\ud83e\udd8ab") == "a🦊b"


def test_lone_surrogates_are_replaced() -> None:
    assert whole_characters("\udd8aa\ud83e") == "�a�"


def test_a_half_waits_for_the_next_delta_and_is_replaced_at_the_end() -> None:
    half = HalfCharacter()

    assert [half.feed("a\ud83e"), half.feed(""), half.feed("\udd8ab"), half.feed("\ud83e"), half.end()] == [
        "a",
        "",
        "🦊b",
        "",
        "�",
    ]
    assert HalfCharacter().end() == ""


@given(st.text(st.characters() | st.sampled_from("\ud83e\udd8a\ud800\udfff")), st.integers(0, 50))
def test_any_text_cut_anywhere_becomes_the_same_sound_text(text: str, cut: int) -> None:
    half = HalfCharacter()

    pieces = half.feed(text[:cut]) + half.feed(text[cut:]) + half.end()

    assert pieces == whole_characters(text)
    pieces.encode()
