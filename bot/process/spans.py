"""Spans: what one answer took, step by step, where somebody collects that; else noting one costs a look and no more."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

MOST = 500  # of an answer: a long one makes a hundred calls

About = str | int | float


@dataclass(frozen=True, slots=True)
class Span:
    """A step, by `Clock.now`; `about`: ids, kinds and numbers, never what people or models wrote."""

    name: str
    began_at: float
    ended_at: float
    about: Mapping[str, About]


_SPANS: ContextVar[list[Span] | None] = ContextVar("spans", default=None)


@contextmanager
def collecting() -> Iterator[list[Span]]:
    """Collect what is noted in the block, and by tasks begun there."""
    spans: list[Span] = []
    token = _SPANS.set(spans)
    try:
        yield spans
    finally:
        _SPANS.reset(token)


def note(name: str, began_at: float, ended_at: float, **about: About) -> None:
    """Note a step that has ended."""
    spans = _SPANS.get()
    if spans is not None and len(spans) < MOST:
        spans.append(Span(name, began_at, ended_at, about))
