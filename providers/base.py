"""The contract between the bot and a provider.

A provider is an instance with its own address, credentials and locks. It turns a conversation into a stream of deltas:

    async for delta in provider.create_async_generator(model, messages):
        ...  # str: new text · Revised: the whole text so far, anew · Reasoning · Usage · Alive: nothing to show yet
         # · ToolCall: a wish for a tool, whole, at the end · Raw: what the service must get back with it

The content of a message is a string for every provider that does not say (`takes`) that it takes more than text.

The public names are those that the seed services' ecosystem knows (AsyncGeneratorProvider, ProviderModelMixin,
create_async_generator, format_prompt).
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import ClassVar, Literal, NotRequired, Protocol, TypedDict

from providers.blocks import Audio, Block, Content, Document, Image, Raw, Text, ToolCall, ToolResult, sendable, text_of
from providers.capabilities import Capabilities
from providers.errors import ModelNotSupported, NothingToSend

NO_FILES: Mapping[str, bytes] = MappingProxyType({})

Role = Literal["system", "user", "assistant", "tool"]

_OF_CALLS: Mapping[Role, set[type[Block]]] = {"assistant": {ToolCall, Raw}, "tool": {ToolResult}}


class ContentPart(TypedDict):
    """One part of a content as other callers than the bot write it; parts of another type than text are ignored."""

    type: str
    text: NotRequired[str]


class Message(TypedDict):
    """One message of a conversation, oldest first.

    One of the assistant that ended in calls holds ToolCall and Raw beside its words, and is followed by one of the role
    `tool` with a ToolResult for each of the calls.
    """

    role: Role
    content: str | Sequence[Block | ContentPart] | None


@dataclass(frozen=True, slots=True)
class Revised:
    """The whole text so far, where a service takes back what it said before."""

    text: str


@dataclass(frozen=True, slots=True)
class Reasoning:
    """A piece of the model's reasoning; never part of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What the service counted, in the model's tokens; `cached_tokens` are those of the prompt that it held in a cache.

    `cost`: dollars, where it told them.
    """

    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0
    cost: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Media:
    """A picture that the model made; one that is not `final` is what there is of it so far."""

    media_type: str
    data: bytes
    final: bool = True


@dataclass(frozen=True, slots=True)
class Alive:
    """A sign of life with nothing to show: a ping, a comment, hidden thinking; `loading`: the model gets ready."""

    loading: bool = False


Delta = str | Revised | Reasoning | Usage | Media | Alive | ToolCall | Raw

Leisure = Callable[[], float]  # for how many seconds from now nobody looks at what comes


class Clock(Protocol):
    """The time a provider is given."""

    def now(self) -> float:
        """Return monotonic seconds."""

    def wall(self) -> float:
        """Return Unix seconds."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""


class AsyncGeneratorProvider(ABC):
    """A service that completes a conversation as a stream of deltas.

    `label` is its name for people, "" where that is the id. `working` tells what is known of the public service and
    stops nobody from using an instance. `context_tokens` is how much of the conversation the service takes, in
    estimated tokens, the answer included.
    """

    id: str
    label: str = ""
    url: str
    working: bool = True
    supports_stream: bool = True
    supports_system_message: bool = False
    supports_message_history: bool = False
    supports_gpt_35_turbo: bool = False
    context_tokens: int = 16_000
    has_members: bool = False  # several others answer by it
    chats_set: frozenset[str] = frozenset()  # options that each chat may set, as the operator wants it

    @abstractmethod
    def create_async_generator(
        self,
        model: str | None,
        messages: Sequence[Message],
        *,
        proxy: str | None = None,
        timeout: float | None = None,
        files: Mapping[str, bytes] = NO_FILES,
        **options: object,
    ) -> AsyncGenerator[Delta, None]:
        """Stream the answer to a conversation; nothing is sent before the first iteration.

        Empty `model`: the provider's default. `proxy`: for every request of the call, else the one of the HTTP client.
        `timeout`: seconds until the first byte and of each silence. `files`: the bytes of what is no text, by SHA-256;
        a block whose bytes are not there is sent as a line of text. Unknown options are ignored; `first_token_s` and
        `token_s` say how long the caller waits for the first delta and between two, `thoughts` that those are wanted
        too where they come on request alone, `leisure` (a `Leisure`) lets it be read in fewer pieces. `tools` are what
        the model may call (providers.tools.Tool), `tool_choice` "none" that it may call none of them now. Closing the
        generator closes the connection.

        Raises ProviderError.
        """

    def takes(self, model: str | None) -> frozenset[type[Block]]:
        """Return the kinds of block that a model takes beside text, as far as is known; an unknown one is tried.

        ToolCall among them: it may be offered tools. A refusal teaches: the call that met it raises NotTaken, and from
        then on the kind is missing here. This raises nothing.
        """
        return frozenset()

    def capabilities(self, model: str | None) -> Capabilities:
        """Return what is known of a model, of the default one where none is named. This raises nothing."""
        return Capabilities(context_tokens=self.context_tokens)

    def room(self, model: str | None) -> int:
        """Return how much of a conversation is sent, its answer included, in estimated tokens. This raises nothing."""
        return self.context_tokens

    async def refresh(self) -> None:
        """Bring what the provider caches about its service (its list of models) up to date. Raises ProviderError."""

    async def close(self) -> None:
        """Release what the instance holds; the HTTP client is not its own."""


class ProviderModelMixin:
    """A provider with named models."""

    id: str
    default_model: str = ""
    models: Sequence[str] = ()
    model_aliases: ClassVar[Mapping[str, str]] = {}

    def default(self) -> str:
        """Return the model that answers where nobody chose one, "" where the service decides."""
        return self.default_model

    def ends(self, model: str) -> str:
        """Return the day on which a model is switched off, as YYYY-MM-DD; "" where none is known."""
        return ""

    def get_models(self) -> list[str]:
        """Return the names of the models, at least the default one if there is one."""
        return list(self.models) or ([self.default_model] if self.default_model else [])

    def get_model(self, model: str | None) -> str:
        """Resolve a name or alias; empty means the default model. Raises ModelNotSupported."""
        if not model and self.default_model:
            return self.default_model
        name = model or ""
        if name in self.model_aliases:
            return self.model_aliases[name]
        known = self.get_models()
        if name in known or not known:
            return name
        raise ModelNotSupported(name, provider=self.id, models=known)


def content_of(content: str | Sequence[Block | ContentPart] | None) -> Content:
    """Return a message's content as blocks."""
    if content is None or isinstance(content, str):
        return (Text(content),) if content else ()
    words = (part if not isinstance(part, dict) else _text_in(part) for part in content)
    return tuple(block for block in words if block is not None)


def content_text(content: str | Sequence[Block | ContentPart] | None) -> str:
    """Return a content as text alone, with a line in the place of each block that is none."""
    return text_of(sendable(content_of(content), lambda block: False))


def as_taken(messages: Sequence[Message], takes: Collection[type[Block]]) -> list[Message]:
    """Return a conversation for a provider that takes these kinds beside text; a line stands for each other block.

    Of pictures, recordings and documents only the user's messages hold some: in those of other roles no service takes
    them. Calls are lines with their results where no tools are taken. Words alone are a string.
    """
    return [_as_taken(message, takes) for message in messages]


def contents_of(
    messages: Sequence[Message], takes: Collection[type[Block]], files: Mapping[str, bytes]
) -> list[tuple[Role, Content]]:
    """Return role and content of each message that has any, for services that take more than text.

    What is not taken, or whose bytes are not in `files`, is a line of text. Raises NothingToSend where nothing is left.
    """

    found = [(_role(message, takes), _reduced(message, takes, files)) for message in messages]
    found = [said for said in found if any(not isinstance(block, Text) or block.text.strip() for block in said[1])]
    if not found:
        raise NothingToSend("no message with text")
    return found


def texts_of(messages: Sequence[Message]) -> list[tuple[Role, str]]:
    """Return role and text of each message that has text, for services that take a conversation.

    Raises NothingToSend where none has.
    """
    return [(role, text_of(content)) for role, content in contents_of(messages, (), NO_FILES)]


def format_prompt(messages: Sequence[Message]) -> str:
    """Join a conversation to one prompt, for services that take a single string (spec of the seed services, 1.4).

    One message is taken verbatim; several become `Role: content` lines, blank ones left out, then `Assistant:`.

    Raises NothingToSend where there is no text at all.
    """
    texts = [content_text(message["content"]) for message in messages]
    if not any(text.strip() for text in texts):
        raise NothingToSend("no message with text")
    if len(messages) == 1:
        return texts[0]
    lines = [
        f"{message['role'].capitalize()}: {text}" for message, text in zip(messages, texts, strict=True) if text.strip()
    ]
    return "\n".join([*lines, "Assistant:"])


def _text_in(part: ContentPart) -> Text | None:
    return Text(part.get("text", "")) if part["type"] == "text" else None


def _as_taken(message: Message, takes: Collection[type[Block]]) -> Message:
    if isinstance(message["content"], str):
        return message
    content = _reduced(message, takes)
    is_text = all(isinstance(block, Text) for block in content)
    return Message(role=_role(message, takes), content=text_of(content) if is_text else content)


def _role(message: Message, takes: Collection[type[Block]]) -> Role:
    """Return who says a message: results are told by the user to whom knows no tools."""
    return "user" if message["role"] == "tool" and ToolCall not in takes else message["role"]


def _reduced(message: Message, takes: Collection[type[Block]], files: Mapping[str, bytes] | None = None) -> Content:
    """Return a content with lines for what is not taken and, where `files` are given, for images without bytes."""
    kinds: set[type[Block]] = set(takes) - {ToolCall} if message["role"] == "user" else set()
    if ToolCall in takes:
        kinds |= _OF_CALLS.get(message["role"], set())

    def is_taken(block: Block) -> bool:
        is_there = files is None or not isinstance(block, Image | Audio | Document) or block.sha256 in files
        return type(block) in kinds and is_there

    return sendable(content_of(message["content"]), is_taken)
