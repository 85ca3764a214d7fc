"""Blocks: what the content of a message is made of, as values and as JSON for a database row.

Only the kinds that a wire encodes today are here; a further kind is a class, its line in `_NAMES`, its case in `_block`
and in each wire that knows it. An image is held by its SHA-256, not by its bytes: a row stays small, a picture that
is sent twice is kept once, and the bytes come beside the messages when a provider is asked.

The JSON of a content is a list of objects, each with its `type` first and then the fields of its class:

    [{"type":"text","text":"Hi"},{"type":"image","sha256":"9f…","media_type":"image/jpeg","name":"","size":5120}]

It is text that a database can search: nothing is escaped but what must be.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

_MAX_NAME = 80  # characters of a file's name that a model reads
_HALVES = re.compile(r"[\ud800-\udfff]")
_MARKUP = re.compile(r"[\[\]\x00-\x20\x7f-\xa0\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")


@dataclass(frozen=True, slots=True)
class Text:
    """Words, with their own line breaks."""

    text: str


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


@dataclass(frozen=True, slots=True)
class Audio:
    """A recording as its sender made it, for models that hear; a film too, of which they hear the sound.

    The fields are those of an image.
    """

    sha256: str
    media_type: str
    name: str
    size: int


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
Content = tuple[Block, ...]  # of one message; pictures before the words about them, as Anthropic and Google advise

MADE = "made_"  # begins the id of a call that its service gave none

_NAMES: Mapping[type[Block], str] = {
    Text: "text",
    Image: "image",
    Audio: "audio",
    Document: "document",
    Attached: "attached",
    Draw: "draw",
    ToolCall: "tool_call",
    ToolResult: "tool_result",
    Raw: "raw",
}


def to_json(content: Content) -> str:
    """Return the JSON of a content, the same for the same content; any text is taken.

    Two lone surrogates that make one character come back as that character; others come back as they were.
    """
    text = f"[{','.join(map(_object, content))}]"
    return _HALVES.sub(lambda half: f"\\u{ord(half[0]):04x}", text)


def from_json(value: str) -> Content:
    """Read what `to_json` wrote; fields that are not known are left out. Raises ValueError, which quotes nothing."""
    try:
        items = json.loads(value)
    except (ValueError, RecursionError):
        raise ValueError("a content that is no JSON") from None
    if not isinstance(items, list):
        raise ValueError("a content that is no list of blocks")
    return tuple(map(_block, items))


def text_of(content: Content) -> str:
    """Return the words of a content, and nothing for what is not words."""
    return "".join(block.text for block in content if isinstance(block, Text))


def sendable(content: Content, is_taken: Callable[[Block], bool]) -> Content:
    """Return a content as it can be sent: what is not taken as a line of its own, words that meet as one text.

    Beside other blocks blank texts are left out, which some services refuse.
    """
    blocks: list[Block] = []
    words, is_line = "", False  # of the text that grows at the end, and whether a line stands at its end
    for block in content:
        if not isinstance(block, Text) and is_taken(block):
            blocks += [Text(words)] * bool(words.strip()) + [block]
            words, is_line = "", False
        elif said := line_of(block):
            is_own = not isinstance(block, Text)
            meets = bool(words) and (is_own or is_line) and not words.endswith("\n") and not said.startswith("\n")
            words += "\n" * meets + said
            is_line = is_own
    if words.strip() or (words and not blocks):
        blocks.append(Text(words))
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


def _object(block: Block) -> str:
    if isinstance(block, Unknown):
        return block.json
    return _compact({"type": _NAMES[type(block)], **asdict(block)})


def _block(item: object) -> Block:
    match item:
        case {"type": "text", "text": str(text)}:
            return Text(text)
        case {"type": "draw"}:
            return Draw()
        case {
            "type": "image" | "audio" as kind,
            "sha256": str(sha256),
            "media_type": str(media_type),
            "name": str(name),
            "size": int(size),
        }:
            return (Image if kind == "image" else Audio)(sha256, media_type, name, size)
        case {
            "type": "document",
            "sha256": str(sha256),
            "media_type": str(media_type),
            "name": str(name),
            "size": int(size),
            "tokens": int(tokens),
        }:
            return Document(sha256, media_type, name, size, tokens)
        case {
            "type": "attached",
            "file_id": str(file_id),
            "is_picture": bool(is_picture),
            "name": str(name),
            "size": int(size),
        }:
            heard = item.get("media_type") if isinstance(item, dict) else ""  # older rows have none
            return Attached(file_id, is_picture, name, size, heard if isinstance(heard, str) else "")
        case {"type": "tool_call", "id": str(id_), "name": str(name), "arguments": str(arguments)}:
            return ToolCall(id_, name, arguments)
        case {
            "type": "tool_result",
            "id": str(id_),
            "name": str(name),
            "text": str(text),
            "is_error": bool(is_error),
        }:
            return ToolResult(id_, name, text, is_error)
        case {"type": "raw", "provider": str(provider), "model": str(model), "json": str(raw)}:
            return Raw(provider, model, raw)
        case {"type": str(kind)} if kind not in _NAMES.values():
            return Unknown(kind, _compact(item))
        case {"type": str(kind)}:
            raise ValueError(f"a block of type {kind} without one of its fields")
    raise ValueError("a block without a type")


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
