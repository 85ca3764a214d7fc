"""A request: who asked what, when, and how it ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from telegram_playground.protocol.wire import Json


class End(StrEnum):
    """How a request ended."""

    ANSWERED = "answered"  # all was sent that was to be sent
    REFUSED = "refused"  # an HTTP status that is no success
    BROKEN = "broken"  # a fault of the script
    LEFT = "left"  # the client closed the connection before the end
    CLOSED = "closed"  # the server stopped meanwhile


@dataclass(slots=True)
class Request:
    """One request for a completion; times are seconds of the server's clock.

    `attempt` counts how often this prompt was asked, from 1. `deltas` are the times at which text was written.
    """

    number: int
    body: Json
    headers: Mapping[str, str]
    attempt: int
    asked_at: float
    deltas: list[float] = field(default_factory=list)
    ended_at: float | None = None
    end: End | None = None
    form: str = (
        "openai"  # the protocol: anthropic, gemini or ollama too; `body` is what OpenAI's service would have got
    )
    sent: Json = field(default_factory=dict)  # the body as it was sent
    prompt: str = field(init=False)

    def __post_init__(self) -> None:
        """Read the prompt while the messages are there."""
        self.prompt = prompt_of(self.body)

    @property
    def messages(self) -> list[Json]:
        """The conversation as it was sent, oldest first."""
        return list(self.body.get("messages") or ())

    @property
    def model(self) -> str:
        """The model that was asked for; empty: none."""
        return str(self.body.get("model", ""))

    @property
    def key(self) -> str:
        """The API key that was sent; empty: none."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        own = headers.get("x-api-key") or headers.get("x-goog-api-key")
        return own or headers.get("authorization", "").removeprefix("Bearer ")

    @property
    def results(self) -> list[str]:
        """What tools gave since the prompt."""
        found: list[str] = []
        for message in reversed(self.messages):
            if message.get("role") == "user":
                break
            if message.get("role") == "tool":
                found.insert(0, text_of(message))
        return found

    @property
    def has_left(self) -> bool:
        """Whether the client closed the connection before the end."""
        return self.end is End.LEFT

    def forget(self) -> None:
        """Keep no more than what the record needs: the conversation takes the room."""
        self.body = {"model": self.model}
        self.sent = {}

    def connected_s(self, now: float) -> float:
        """Return how long the client was connected, until now where it still is."""
        return (now if self.ended_at is None else self.ended_at) - self.asked_at

    def json(self) -> Json:
        """Return what the record says; the key is left out."""
        return {
            "number": self.number,
            "prompt": self.prompt,
            "model": self.model,
            "form": self.form,
            "attempt": self.attempt,
            "messages": self.messages,
            "asked": self.asked_at,
            "deltas": self.deltas,
            "ended": self.ended_at,
            "end": self.end,
        }


def prompt_of(body: Json) -> str:
    """Return the text of the last message of a person; empty: there is none."""
    messages = body.get("messages")
    known = messages if isinstance(messages, list) else []
    people = [each for each in known if isinstance(each, dict) and each.get("role") == "user"]
    return text_of(people[-1]) if people else ""


def text_of(message: Json) -> str:
    """Return the text of a message, whose content is a string or a list of parts."""
    content = message.get("content")
    if isinstance(content, list):
        texts = [part.get("text") for part in content if isinstance(part, dict)]
        return "\n".join(text for text in texts if isinstance(text, str))
    return content if isinstance(content, str) else ""
