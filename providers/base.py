"""The contract between the bot and a provider.

A provider is an instance with its own address, credentials and locks. It turns a conversation into a stream of deltas:

    async for delta in provider.create_async_generator(model, messages):
        ...  # str: new text · Revised: the whole text so far, anew · Reasoning · Usage · Alive: nothing to show yet

The public names are those that the seed services' ecosystem knows (AsyncGeneratorProvider, ProviderModelMixin,
create_async_generator, format_prompt).
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, NotRequired, Protocol, TypedDict

from providers.errors import ModelNotSupported, NothingToSend

Role = Literal["system", "user", "assistant"]


class ContentPart(TypedDict):
    """One part of a message's content; parts of another type than text are ignored."""

    type: str
    text: NotRequired[str]


class Message(TypedDict):
    """One message of a conversation, oldest first."""

    role: Role
    content: str | list[ContentPart] | None


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
    """What the service counted, in the model's tokens."""

    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Alive:
    """A sign of life with nothing to show: a ping, a comment, hidden thinking; `loading`: the model gets ready."""

    loading: bool = False


Delta = str | Revised | Reasoning | Usage | Alive


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

    `working` tells what is known of the public service and stops nobody from using an instance. `context_tokens` is how
    much of the conversation the service takes, in estimated tokens, the answer included.
    """

    id: str
    url: str
    working: bool = True
    supports_stream: bool = True
    supports_system_message: bool = False
    supports_message_history: bool = False
    supports_gpt_35_turbo: bool = False
    context_tokens: int = 16_000

    @abstractmethod
    def create_async_generator(
        self,
        model: str | None,
        messages: Sequence[Message],
        *,
        proxy: str | None = None,
        timeout: float | None = None,
        **options: object,
    ) -> AsyncGenerator[Delta, None]:
        """Stream the answer to a conversation; nothing is sent before the first iteration.

        Empty `model`: the provider's default. `proxy`: for every request of the call, else the one of the HTTP client.
        `timeout`: seconds until the first byte and of each silence. Unknown options are ignored; `first_token_s` and
        `token_s` say how long the caller waits for the first delta and between two. Closing the generator closes the
        connection.

        Raises ProviderError.
        """

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


def content_text(content: str | Sequence[ContentPart] | None) -> str:
    """Return the text of a message's content: its text parts joined, other parts left out."""
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content if part["type"] == "text")


def texts_of(messages: Sequence[Message]) -> list[tuple[Role, str]]:
    """Return role and text of each message that has text, for services that take a conversation.

    Raises NothingToSend where none has.
    """
    found = [(message["role"], content_text(message["content"])) for message in messages]
    found = [(role, text) for role, text in found if text.strip()]
    if not found:
        raise NothingToSend("no message with text")
    return found


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
