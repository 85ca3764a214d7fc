"""A conversation for services that keep the system prompt apart and let the roles take turns; pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from providers.base import Message, Role, texts_of
from providers.errors import NothingToSend


@dataclass(frozen=True, slots=True)
class Dialogue:
    """The system prompt, and messages that begin with the user's and never have one role twice in a row."""

    system: str
    turns: list[tuple[Role, str]]


def dialogue(messages: Sequence[Message]) -> Dialogue:
    """Put neighbours of one role together and leave out what the assistant said before the user's first message.

    Raises NothingToSend where the user said nothing.
    """
    system: list[str] = []
    turns: list[tuple[Role, str]] = []
    for role, text in texts_of(messages):
        if role == "system":
            system.append(text)
        elif turns and turns[-1][0] == role:
            turns[-1] = (role, f"{turns[-1][1]}\n\n{text}")
        elif turns or role == "user":
            turns.append((role, text))
    if not turns:
        raise NothingToSend("no message of the user")
    return Dialogue("\n\n".join(system), turns)
