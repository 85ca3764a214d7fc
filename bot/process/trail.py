"""Trail: which update or answer the present work is about; it goes along into every task that the work begins."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

_NOTHING: Mapping[str, int] = MappingProxyType({})
_ABOUT: ContextVar[Mapping[str, int]] = ContextVar("about", default=_NOTHING)


@contextmanager
def about(**ids: int) -> Iterator[None]:
    """Have what is logged in the block, and by tasks begun there, carry these ids: `update`, `answer`."""
    token = _ABOUT.set({**_ABOUT.get(), **ids})
    try:
        yield
    finally:
        _ABOUT.reset(token)


def present() -> Mapping[str, int]:
    """Return the ids of the present work."""
    return _ABOUT.get()
