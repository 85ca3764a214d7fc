"""What of a text can be searched."""

import random

import pytest

from bot.storage.exchanges.words import terms, words

SIGNS = "абёйї'xYzé́̆ʼ天気ไท한हि🎉👩‍👧ẞΣς\u200b-_«»—\x00\ud800\U000e0001ﬁⅣ١שׁم"


def found(query: str, text: str) -> bool:
    """Tell whether an index that splits at what is no word finds a query in a text."""
    here = [word for term in terms(text.replace(" ", "\n")) for word in term]
    return all(any(here[at : at + len(term)] == term for at in range(len(here))) for term in terms(query))


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("ПРИВЕТ", "привет, мир"),
        ("елка", "Ёлка стоит"),
        ("ёлка", "елка стоит"),
        ("йод", "Йод и «край» — über alles"),  # decomposed beside what is not
        ("край", "Йод и «край» — über alles"),
        ("замок", "за́мок"),
        ("cafe", "Café"),
        ("STRASSE", "Straße"),
        ("σισυφος", "ΣΊΣΥΦΟΣ"),
        ("天气", "今天天气很好"),
        ("ครับ", "สวัสดีครับ"),
        ("नमस्ते", "नमस्ते।"),
        ("שלום", "(שלום)"),
        ("🎉", "party🎉"),
        ("abc", "ＡＢＣ"),
        ("c++", "in C or C++"),
        ("foo_bar", "call foo_bar()"),
        ("it's", "It's"),
    ],
)
def test_a_word_is_found_whatever_its_case_accents_and_script(query: str, text: str) -> None:
    assert terms(query)
    assert found(query, text)


def test_a_word_is_written_alike_whatever_stands_around_it() -> None:
    rng = random.Random(14)

    for _ in range(3_000):
        pieces = ["".join(rng.choices(SIGNS, k=rng.randint(1, 6))) for _ in range(4)]
        whole = words(" ".join(pieces))
        assert all(
            words(piece).split() == [] or " ".join(words(piece).split()) in " ".join(whole.split()) for piece in pieces
        )


@pytest.mark.parametrize("query", ["", "   ", "?! … «»", "\x00", '"', "* ^ : ( )"])
def test_what_holds_no_word_is_no_search(query: str) -> None:
    assert terms(query) == []


@pytest.mark.parametrize("query", ['a" OR "b', "NEAR(a b)", "chat : 1", "a* NOT b", "{x} -y"])
def test_no_sign_of_a_search_language_goes_through(query: str) -> None:
    assert all(word.isalnum() for term in terms(query) for word in term)


def test_a_search_is_bounded() -> None:
    assert len(terms("a " * 1_000)) <= 10
