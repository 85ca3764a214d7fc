from hypothesis import given
from hypothesis import strategies as st

from providers.base import Revised
from providers.wire.cumulative import Snapshots

TEXTS = st.lists(st.text(st.sampled_from("ab \n🦊\ud83e\udd8a"), max_size=6), max_size=12)


def feed(*texts: str) -> list[str | Revised]:
    snapshots = Snapshots()
    return [delta for text in texts for delta in snapshots.feed(text)]


def test_growing_text_becomes_deltas() -> None:
    assert feed("Hel", "Hello", "Hello!") == ["Hel", "lo", "!"]


def test_a_repeated_or_empty_snapshot_says_nothing() -> None:
    assert feed("", "Hel", "Hel", "", "Hello", "Hello") == ["Hel", "lo"]


def test_a_shorter_or_different_snapshot_replaces_the_text() -> None:
    assert feed("Hello wor", "Hello", "Hello there", "Good day") == [
        "Hello wor",
        Revised("Hello"),
        " there",
        Revised("Good day"),
    ]


def test_half_a_character_waits_for_the_next_snapshot() -> None:
    assert feed("a\ud83e", "a🦊", "a🦊b\udd8a") == ["a", "🦊", "b�"]


@given(TEXTS)
def test_the_text_is_always_one_of_the_snapshots_and_at_last_the_last(texts: list[str]) -> None:
    snapshots, shown = Snapshots(), ""
    for text in texts:
        for delta in snapshots.feed(text):
            shown = delta.text if isinstance(delta, Revised) else shown + str(delta)
            assert delta
        assert shown == snapshots.text
    sound = [text for text in texts if text and "\ud83e" not in text and "\udd8a" not in text]
    if sound and texts[-1] == sound[-1]:
        assert shown == texts[-1]
