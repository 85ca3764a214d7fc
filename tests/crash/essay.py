"""Essays: what the provider answers, in words that say of which question, which generation and which place they are."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

PICTURE = "[picture]"  # stands for one in what the provider was told
THOUGHT = "hm "  # none of the words of an answer
DOCUMENTS = 10  # of one question, the most that are read
PASTED = "word " * 1_000  # more than a message holds
SPOKEN = b"OggS"  # begins a voice message, in which a question is said as it would be written
BOLD_EVERY = 11  # one word in so many is bold, so that the formatting has to arrive too


class Kind(StrEnum):
    """What is asked for."""

    SHORT = "short"
    MEDIUM = "medium"
    LONG = "long"  # several messages
    HUGE = "huge"  # more messages than there may be, so a file
    LATE = "late"  # nothing at first
    THINKING = "thinking"  # thoughts at first
    VARYING = "varying"  # of several messages, asked again of one
    FAILING = "failing"  # an error and no text
    CALLING = "calling"  # a tool is called before it is answered
    BREAKING = "breaking"  # text, and then the connection breaks


@dataclass(frozen=True, slots=True)
class Essay:
    """How an answer is streamed: so many words, so many at a time, with pauses between."""

    words: int
    at_once: int
    pause_s: float
    silence_s: float = 0.0
    thoughts: int = 0


@dataclass(frozen=True, slots=True)
class Word:
    """One word of an answer; `place` counts from 0, the last word has None."""

    question: int
    generation: int
    place: int | None


_ESSAYS = {
    Kind.SHORT: Essay(12, 3, 0.05),
    Kind.MEDIUM: Essay(80, 4, 0.08),
    Kind.LONG: Essay(1000, 20, 0.06),
    Kind.HUGE: Essay(1600, 40, 0.05),
    Kind.LATE: Essay(40, 4, 0.05, silence_s=3.5),
    Kind.THINKING: Essay(60, 4, 0.08, thoughts=40),
    Kind.VARYING: Essay(700, 20, 0.05),
    Kind.FAILING: Essay(0, 1, 0.0),
    Kind.CALLING: Essay(60, 4, 0.05),
    Kind.BREAKING: Essay(60, 4, 0.08),
}
_SECOND_THOUGHT = Essay(50, 4, 0.05)

_QUESTION = re.compile(r"Question (\d+), (\w+), please")
_HEARD = re.compile(r"^\s*Question \d+, \w+, please\s*")  # stands above the answer
_THOUGHTS = re.compile(r"^💭[^\n]*\n*")
_UNKNOWN = re.compile(r"\n*⚠️ It is not known whether [^\n]*")  # what became of a call
_SUMMED = re.compile(r"\n*ℹ️ The conversation is long[^\n]*")
_WORD = re.compile(r"q(\d+)g(\d+)(?:w(\d+)|end)")


def question(number: int, kind: Kind) -> str:
    """Return the text of a question."""
    return f"Question {number}, {kind}, please"


def asked(text: str) -> tuple[int, Kind] | None:
    """Return which question a text asks, None for another text."""
    match = _QUESTION.search(text)
    return (int(match[1]), Kind(match[2])) if match else None


def essay(kind: Kind, generation: int) -> Essay:
    """Return how a question is answered the first, second … time that the provider is asked it."""
    return _SECOND_THOUGHT if kind is Kind.VARYING and generation > 1 else _ESSAYS[kind]


def words(number: int, generation: int, count: int) -> list[str]:
    """Return the words of an answer as Markdown, the last one of which says that it is the last."""
    plain = [f"q{number}g{generation}w{place}" for place in range(count)]
    marked = [f"**{word}**" if place % BOLD_EVERY == 0 else word for place, word in enumerate(plain)]
    return [*marked, f"q{number}g{generation}end"]


def paper(number: int, place: int) -> str:
    """Return what stands in a document that is sent with a question."""
    return f"paper {number} of place {place}."


def spoken(number: int, kind: Kind) -> bytes:
    """Return a voice message that asks a question."""
    return SPOKEN + question(number, kind).encode()


def heard(recording: bytes) -> str:
    """Return what is said in a voice message."""
    return recording.removeprefix(SPOKEN).decode()


def without_thoughts(text: str) -> str:
    """Return what a message shows beside what the model thinks."""
    return _THOUGHTS.sub("", text)


def without_heard(text: str) -> str:
    """Return what a message shows beside the question that was heard in a voice message."""
    return _HEARD.sub("", text)


def without_unknown(text: str) -> str:
    """Return what a message shows beside the word that nobody knows what became of a call."""
    return _UNKNOWN.sub("", text)


def without_summed(text: str) -> str:
    """Return what a message shows beside the word that the conversation was summed up."""
    return _SUMMED.sub("", text)


def unmarked(markdown: str) -> str:
    """Return the text that Markdown shows."""
    return markdown.replace("**", "")


def read(text: str) -> list[Word] | None:
    """Return the words of a text; None where there is anything else in it."""
    found = [_WORD.fullmatch(piece) for piece in text.split()]
    return [_word(match) for match in found if match] if all(found) else None


def mentioned(text: str) -> list[Word]:
    """Return the words in a text, whatever else there is."""
    return [_word(match) for match in _WORD.finditer(text)]


def is_whole(answer: Sequence[Word]) -> bool:
    """Tell whether words are one answer of one generation, from the first word to the last."""
    if not answer or answer[-1].place is not None:
        return False
    places = [word.place for word in answer[:-1]]
    return places == list(range(len(places))) and len({(word.question, word.generation) for word in answer}) == 1


def _word(match: re.Match[str]) -> Word:
    return Word(int(match[1]), int(match[2]), int(match[3]) if match[3] is not None else None)
