"""Trail: which update or answer the present work is about; it goes along into every task that the work begins."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

_NOTHING: Mapping[str, int | str] = MappingProxyType({})
_ABOUT: ContextVar[Mapping[str, int | str]] = ContextVar("about", default=_NOTHING)


@contextmanager
def about(**ids: int | str) -> Iterator[None]:
    """Have what is logged in the block, and by tasks begun there, carry these: `update`, `answer`, `bot`."""
    token = _ABOUT.set({**_ABOUT.get(), **ids})
    try:
        yield
    finally:
        _ABOUT.reset(token)


def present() -> Mapping[str, int | str]:
    """Return the ids of the present work."""
    return _ABOUT.get()
