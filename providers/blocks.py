"""Blocks: what the content of a message is made of.

Only the kinds that a wire encodes today are here; a further kind is a class, its line and its case in `notation`, and
its case in each wire that knows it. An image is held by its SHA-256, not by its bytes: a row stays small, a picture
that is sent twice is kept once, and the bytes come beside the messages when a provider is asked.

`is_foreign` says whose words a block holds: True where others wrote them, or may have, and not the person who asks;
also what a model made of such words. The mark is a part of the block and of its row, so that whatever is made of a
content later, by any process, knows it (`holds_foreign`).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

_MAX_NAME = 80  # characters of a file's name that a model reads
_MARKUP = re.compile(r"[\[\]\x00-\x20\x7f-\xa0\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class Text:
    """Words, with their own line breaks."""

    text: str
    is_foreign: bool = False


@dataclass(frozen=True, slots=True)
class Image:
    """A still picture, as every service takes it: image/jpeg or image/png; whoever makes the block sees to that.

    `sha256` (hexadecimal, of the bytes) finds the bytes, `size` is how many there are; `name` as its sender called the
    file, empty where it had no name.
    """

    sha256: str
    media_type: str
    name: str
    size: int
    is_foreign: bool = True


@dataclass(frozen=True, slots=True)
class Audio:
    """A recording as its sender made it, for models that hear; a film too, of which they hear the sound.

    The fields are those of an image.
    """

    sha256: str
    media_type: str
    name: str
    size: int
    is_foreign: bool = True


@dataclass(frozen=True, slots=True)
class Document:
    """A PDF as its sender made it, for models that read one with its pictures and tables.

    `tokens`: about how many of a model's tokens it takes. The other fields are those of an image.
    """

    sha256: str
    media_type: str
    name: str
    size: int
    tokens: int
    is_foreign: bool = True


@dataclass(frozen=True, slots=True)
class Attached:
    """A file as its sender sent it, which lies where the messenger keeps it: `file_id` finds it there.

    A row keeps this one for ever; whoever asks a provider puts what was read of the file in its place. `is_picture`: it
    was sent as one. `name` as its sender called it, `size` in bytes, 0 where nobody said. `media_type` as the messenger
    says it, of what is to be heard; else empty.
    """

    file_id: str
    is_picture: bool
    name: str
    size: int
    media_type: str = ""
    is_foreign: bool = True

    @property
    def is_film(self) -> bool:
        """Tell whether it has pictures that move."""
        return self.media_type.startswith("video/")

    @property
    def is_heard(self) -> bool:
        """Tell whether it is a recording, or a film with sound."""
        return self.is_film or self.media_type.startswith("audio/")

    @property
    def is_spoken(self) -> bool:
        """Tell whether its sender said it into the messenger: then it is a question's words, and no file."""
        return self.is_heard and not self.name


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A model's wish for a tool. `arguments` is what it wrote for them: the JSON of an object, or no JSON at all.

    `id` tells calls of one answer apart; where the service gave none it begins with MADE.
    """

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool gave for the call `id`; `is_error`: why it gave nothing, for the model to read."""

    id: str
    name: str
    text: str
    is_error: bool = False
    is_foreign: bool = False


@dataclass(frozen=True, slots=True)
class Raw:
    """A message with calls as the model's own service has it, which must get it back unchanged: thoughts, signatures.

    It is of no use to another `provider` or `model`. `json` is whatever that provider's wire keeps.
    """

    provider: str
    model: str
    json: str


@dataclass(frozen=True, slots=True)
class Draw:
    """What is before the words of a question that asks for a picture of them."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A block that a newer version wrote: kept as it is, so that the conversation around it can be read.

    `json` is its whole object, as compact JSON.
    """

    kind: str
    json: str


Block = Text | Image | Audio | Document | Attached | Draw | ToolCall | ToolResult | Raw | Unknown
Marked = Text | Image | Audio | Document | Attached | ToolResult  # what says whose words it holds
Content = tuple[Block, ...]  # of one message; pictures before the words about them, as Anthropic and Google advise

MADE = "made_"  # begins the id of a call that its service gave none


def joined(texts: Sequence[Text], between: str) -> Content:
    """Return texts with what stands `between` two of them; those that meet and are of one origin are one text."""
    found: list[Text] = []
    for text in texts:
        if found and found[-1].is_foreign == text.is_foreign:
            found[-1] = replace(text, text=found[-1].text + between + text.text)
        else:
            found[-1:] = [replace(found[-1], text=found[-1].text + between), text] if found else [text]
    return tuple(found)


def text_of(content: Content) -> str:
    """Return the words of a content, and nothing for what is not words."""
    return "".join(block.text for block in content if isinstance(block, Text))


def holds_foreign(content: Content) -> bool:
    """Tell whether others' words are in a content: here alone that is decided, by what its blocks say."""
    return any(block.is_foreign if isinstance(block, Marked) else isinstance(block, Unknown) for block in content)


def as_foreign(content: Content) -> Content:
    """Return a content as others' words."""
    return tuple(replace(block, is_foreign=True) if isinstance(block, Marked) else block for block in content)


def sendable(content: Content, is_taken: Callable[[Block], bool]) -> Content:
    """Return a content as it can be sent: what is not taken as a line of its own, words that meet as one text.

    Beside other blocks blank texts are left out, which some services refuse.
    """
    blocks: list[Block] = []
    words, is_line = "", False  # of the text that grows at the end, and whether a line stands at its end
    grown: list[Block] = []  # what that text is made of
    for block in content:
        if not isinstance(block, Text) and is_taken(block):
            blocks += [Text(words, holds_foreign(tuple(grown)))] * bool(words.strip()) + [block]
            words, is_line, grown = "", False, []
        elif said := line_of(block):
            is_own = not isinstance(block, Text)
            meets = bool(words) and (is_own or is_line) and not words.endswith("\n") and not said.startswith("\n")
            words += "\n" * meets + said
            is_line = is_own
            grown.append(block)
    if words.strip() or (words and not blocks):
        blocks.append(Text(words, holds_foreign(tuple(grown))))
    return tuple(blocks)


def line_of(block: Block) -> str:
    """Return the words that stand for a block where it cannot be sent, in English as models are told."""
    match block:
        case Text(text):
            return text
        case Image(name=name):
            return _labelled("image", name)
        case Audio(name=name):
            return _labelled("audio", name)
        case Document(name=name):
            return _labelled("file", name)
        case Attached(name=name) if block.is_heard:
            return _labelled("video" if block.is_film else "audio", name)
        case Attached(is_picture=is_picture, name=name):
            return _labelled("image" if is_picture else "file", name)
        case ToolCall(name=name, arguments=arguments):
            return f"[called {name} with {arguments}]"
        case ToolResult(name=name, text=text, is_error=is_error):
            return f"[{'error' if is_error else 'result'} of {name}: {text}]"
        case Raw() | Draw():
            return ""
        case Unknown(kind):
            return f"[{_MARKUP.sub(' ', kind).strip()[:_MAX_NAME]}]"


def label(name: str) -> str:
    """Return a file's name as a model, or a person, reads it in a line: a stranger chose it."""
    return _MARKUP.sub(" ", name).strip()[:_MAX_NAME]


def _labelled(kind: str, name: str) -> str:
    return f"[{kind}: {label(name)}]" if label(name) else f"[{kind}]"
