"""The same text out of every legal framing, however the network cuts it."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from providers.base import AsyncGeneratorProvider
from providers.errors import (
    Incomplete,
)
from tests.services.cases import Case, hear, says
from tests.services.service import Service
from tests.services.wire import Wire
from tests.stopwatch import within
from tests.thorough import times

DELTAS = ("Hé", "llo 🦊", " — ", "wörld\n", "日本語 data: [DONE]", " end")
TEXT = "".join(DELTAS)

BODIES: dict[str, Callable[[Case], bytes]] = {
    "plain": lambda case: case.frame(*DELTAS),
    "crlf": lambda case: case.frame(*DELTAS, newline="\r\n"),
    "no space": lambda case: case.frame(*DELTAS, space=""),
    "more blanks": lambda case: case.frame(*DELTAS, space="  "),
    "no end marker": lambda case: case.frame(*DELTAS, end=""),
    "no last line end": lambda case: case.frame(*DELTAS, end="").rstrip(),
    "no last line end after the marker": lambda case: case.frame(*DELTAS).rstrip(),
    "blanks after the marker": lambda case: case.frame(*DELTAS, end="[DONE]  "),
    "single line ends": lambda case: case.frame(*DELTAS).replace(b"\n\n", b"\n"),
    "many empty lines": lambda case: case.frame(*DELTAS).replace(b"\n\n", b"\n\n\n\n\n"),
    "comments": lambda case: b": hi\n\n" + case.frame(*DELTAS).replace(b"\n\n", b"\n\n: keep-alive\n\n:\n"),
    "fields": lambda case: (
        b"retry: 3\n" + case.frame(*DELTAS).replace(b"\n\ndata:", b"\n\nevent: message\nid: 1\ndata:")
    ),
    "garbage": lambda case: case.frame(*DELTAS).replace(
        b"\n\n", b'\n\ndata: 2023-10-05\ndata: null\n\ndata: []\n\ndata: "x"\n\ndata: {broken\n\ndata: \xff\xfe\n\n'
    ),
    "byte order mark": lambda case: b"\xef\xbb\xbf" + case.frame(*DELTAS),
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("wire", [Wire(), Wire(every=1)], ids=["whole", "byte by byte"])
async def test_every_legal_framing_gives_the_same_text(
    provider: AsyncGeneratorProvider, service: Service, case: Case, name: str, wire: Wire
) -> None:
    says(service, BODIES[name](case), wire)

    heard = await hear(provider)

    assert heard.error is None
    assert heard.deltas == list(DELTAS)


async def test_a_packed_answer_is_unpacked(provider: AsyncGeneratorProvider, service: Service, case: Case) -> None:
    says(service, case.frame(*DELTAS), Wire(gzip=True))

    assert (await hear(provider)).text == TEXT


@given(cuts=st.lists(st.integers(1, 2000), max_size=40), crlf=st.booleans())
@settings(max_examples=times(8, 60), suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_bytes_may_be_split_anywhere(
    provider: AsyncGeneratorProvider, service: Service, case: Case, cuts: list[int], crlf: bool
) -> None:
    body = case.frame(*DELTAS, newline="\r\n" if crlf else "\n").replace(rb"\u00e9", "é".encode())
    says(service, body, Wire(cuts=cuts))

    assert (await hear(provider)).deltas == list(DELTAS)


async def test_the_answer_ends_at_its_end_marker_whatever_the_connection_does(
    provider: AsyncGeneratorProvider, service: Service, case: Case
) -> None:
    says(service, case.frame(*DELTAS), Wire(end="hold"))

    async with within(5):
        heard = await hear(provider)
        await service.streams(0)

    assert (heard.error, heard.text) == (None, TEXT)


async def test_a_line_of_megabytes_is_read_and_one_without_end_is_not(
    provider: AsyncGeneratorProvider, service: Service, case: Case
) -> None:
    long = "long ü " * 400_000
    says(service, case.frame("Hi ", long))
    heard = await hear(provider)
    assert (heard.error, heard.text) == (None, "Hi " + long)

    says(service, case.frame("Hi ", end="x" * (9 * 2**20)))
    heard = await hear(provider)
    assert heard.text == "Hi "
    assert isinstance(heard.error, Incomplete)
    assert "bytes" in heard.error.reason


async def test_halves_of_a_character_are_joined_and_lone_ones_replaced(
    provider: AsyncGeneratorProvider, service: Service, case: Case
) -> None:
    says(service, case.frame("a\ud83e", "\udd8a b ", "\udd8a c"))

    heard = await hear(provider)

    assert heard.text == "a🦊 b � c"
    assert heard.deltas == ["a", "🦊 b ", "� c"]
