"""A conversation for services that keep the system prompt apart and let the roles take turns; pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from providers.base import Role
from providers.blocks import Content, Text, text_of
from providers.errors import NothingToSend


@dataclass(frozen=True, slots=True)
class Dialogue:
    """The system prompt, and messages that begin with the user's and never have one role twice in a row."""

    system: str
    turns: list[tuple[Role, Content]]


def dialogue(said: Sequence[tuple[Role, Content]]) -> Dialogue:
    """Put neighbours of one role together and leave out what the assistant said before the user's first message.

    Raises NothingToSend where the user said nothing.
    """
    system: list[str] = []
    turns: list[tuple[Role, Content]] = []
    for by, content in said:
        role: Role = "user" if by == "tool" else by  # these services have results told by the user
        if role == "system":
            system.append(text_of(content))
        elif turns and turns[-1][0] == role:
            turns[-1] = (role, _together(turns[-1][1], content))
        elif turns or role == "user":
            turns.append((role, content))
    if not turns:
        raise NothingToSend("no message of the user")
    return Dialogue("\n\n".join(system), turns)


def _together(first: Content, then: Content) -> Content:
    match first[-1], then[0]:
        case Text(end), Text(beginning):
            return (*first[:-1], Text(f"{end}\n\n{beginning}"), *then[1:])
    return (*first, *then)
