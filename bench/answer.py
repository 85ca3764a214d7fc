"""The answers that are streamed: made up from their number, so that every process knows their text.

Only letters and digits are compared between what a model said and what a reader sees, because Markdown comes out as
formatting: so there is nothing in these texts whose letters are hidden, such as links or a code block's language.
"""

import random
import re
from dataclasses import dataclass
from functools import cached_property

VOCABULARY = (
    "a of the and to in is it that for on with as are this when where which each while under over between after "
    "call chat text server answer budget second message window bucket token letter screen reader moment interval "
    "small early steady quickly exactly possible different everything information"
)
BLOCKS = ("paragraph", "paragraph", "paragraph", "list", "heading", "code")
ORDER = re.compile(r"tell (\d+) (\d+) (\d+(?:\.\d+)?)")
TOKEN = re.compile(r"\s*\S{1,7}|\s+")


@dataclass(frozen=True)
class Answer:
    """An answer of about so many characters, as Markdown, streamed at `per_s` deltas a second."""

    number: int
    characters: int
    per_s: float

    @property
    def prompt(self) -> str:
        """What is written to the bot to get it."""
        return f"tell {self.number} {self.characters} {self.per_s:g}"

    @property
    def ending(self) -> str:
        """The last word of the text, which no other answer has."""
        return f"end{self.number}"

    @cached_property
    def text(self) -> str:
        """All of it."""
        rng = random.Random(self.number)
        blocks = [f"Answer {self.number}:"]
        while (room := self.characters - sum(len(block) + 2 for block in blocks) - len(self.ending)) > 0:
            blocks.append(_block(rng, rng.choice(BLOCKS) if room > 100 else "paragraph", min(room, 400)))
        return "\n\n".join([*blocks, self.ending]) if self.characters > len(blocks[0]) + 10 else self.ending

    @cached_property
    def deltas(self) -> list[str]:
        """The text as it is streamed."""
        return TOKEN.findall(self.text)

    @cached_property
    def sizes(self) -> list[int]:
        """How many letters and digits have come with each delta."""
        sizes, size = [], 0
        for delta in self.deltas:
            size += len(letters(delta))
            sizes.append(size)
        return sizes


def ordered(prompt: str) -> Answer | None:
    """Return the answer that a prompt asks for."""
    found = ORDER.findall(prompt)
    if not found:
        return None
    number, characters, per_s = found[-1]
    return Answer(int(number), int(characters), float(per_s))


def letters(text: str) -> str:
    """Return what formatting leaves as it is."""
    return "".join(filter(str.isalnum, text))


def _block(rng: random.Random, kind: str, room: int) -> str:
    if kind == "heading":
        return f"## {_words(rng, 24)}"
    if kind == "list":
        return "\n".join(f"- {_words(rng, 40)}" for _ in range(max(1, min(4, room // 45))))
    if kind == "code":
        return f"```\n{_words(rng, 30)}\n{_words(rng, 30)}\n```"
    words = _words(rng, room).split()
    marked = rng.randrange(len(words))
    words[marked] = rng.choice(("**{}**", "`{}`", "*{}*", "{}")).format(words[marked])
    return " ".join(words)


def _words(rng: random.Random, room: int) -> str:
    vocabulary = VOCABULARY.split()
    words = [rng.choice(vocabulary)]
    while sum(map(len, words)) + len(words) < room - 8:
        words.append(rng.choice(vocabulary))
    return " ".join(words)
