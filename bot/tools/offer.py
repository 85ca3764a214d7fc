"""Offer: one tool as the bot offers it to models, and what comes of a call."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from providers.tools import Tool

FREE = Decimal(0)


class Approval(StrEnum):
    """Whether somebody is asked before a tool is called."""

    ALWAYS = "always"  # it is called without asking
    ASK = "ask"
    OFF = "off"  # it is not offered


@dataclass(frozen=True, slots=True)
class Result:
    """What a call gave, in words for the model."""

    text: str
    is_error: bool = False


class CallFailed(Exception):
    """A call gave nothing; `said` tells the model why, `is_theirs`: in others' words.

    `is_known`: it is certain that it did nothing.
    """

    def __init__(self, said: str, *, is_known: bool, is_theirs: bool = False) -> None:
        super().__init__(said)
        self.said = said
        self.is_known = is_known
        self.is_theirs = is_theirs


Call = Callable[[Mapping[str, object]], Coroutine[None, None, Result]]


@dataclass(frozen=True, slots=True)
class Offer:
    """A tool; `call` carries it out, and raises CallFailed or nothing.

    `label` names it for people. `changes`: it may do something in the world, so that it is never called twice by us,
    and never unasked where strangers' words are in the conversation. `is_marked`: what it gives stands between marks.
    `is_foreign`: that is written by strangers, as a page of the web. `seconds`: how long a call may take. `price`: the
    dollars that each costs, of the server `by`.
    """

    tool: Tool
    label: str
    call: Call
    approval: Approval = Approval.ALWAYS
    changes: bool = False
    is_marked: bool = False
    is_foreign: bool = False
    seconds: float = 20.0
    price: Decimal = FREE
    by: str = ""
