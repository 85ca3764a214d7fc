"""Lines, events and JSON objects out of bytes that the network cut anywhere."""

import json
from collections import deque
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.errors import ServiceFailed
from providers.wire.http import Http
from providers.wire.sse import Events, JsonTexts, Lines, lines, objects
from tests.providers.server import Server
from tests.services.faults import body, page
from tests.services.wire import Wire, sse

TEXT = (
    'data: {"x": "Привет, 🦊!"}\r\n\r\n: keep-alive\r\ndata:two\n\nevent: ping\nid: 7\ndata: a\ndata: b\n\ndata: last'
)


def cut(data: bytes, marks: list[int]) -> list[bytes]:
    edges = [0, *sorted(mark % (len(data) + 1) for mark in marks), len(data)]
    return [data[start:stop] for start, stop in pairwise(edges)]


def read_lines(*pieces: bytes, limit: int = 1000) -> list[str]:
    splitter = Lines(limit=limit)
    return [line for piece in pieces for line in splitter.feed(piece)] + splitter.end()


def read_events(text: str) -> list[str]:
    events = Events()
    found = [*map(events.feed, text.split("\n")), events.end()]
    return [payload.text for payload in found if payload]


@given(st.lists(st.integers(min_value=0)))
def test_lines_are_the_same_however_the_bytes_are_cut(marks: list[int]) -> None:
    assert read_lines(*cut(TEXT.encode(), marks)) == TEXT.replace("\r\n", "\n").split("\n")


@given(st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), min_size=1)))
def test_every_text_comes_back_out_of_its_lines(texts: list[str]) -> None:
    texts = [text.removeprefix("\ufeff") for text in texts]

    assert read_lines("".join(f"{text}\n" for text in texts).encode()) == texts


@given(st.lists(st.integers(min_value=0)), st.sampled_from(["\r", "\r\n", "\n"]))
def test_each_line_end_of_the_standard_ends_a_line_wherever_it_is_cut(marks: list[int], end: str) -> None:
    data = end.join(['data: {"x": 1}', "", "", "data: two", ""]).encode()

    assert read_lines(*cut(data, marks)) == ['data: {"x": 1}', "", "", "data: two"]


def test_bytes_that_are_not_utf8_become_replacement_signs() -> None:
    assert read_lines(b"one\n\xfftwo\xfe\nthree\n") == ["one", "\ufffdtwo\ufffd", "three"]


def test_where_it_is_to_be_a_line_that_is_not_utf8_is_left_out_and_the_next_one_counts() -> None:
    splitter = Lines(strict=True)

    assert splitter.feed(b"one\n\xff\xfe\nthree\n") == ["one", "three"]


def test_a_byte_order_mark_is_no_part_of_the_first_line() -> None:
    assert read_lines(b"\xef\xbb\xbfdata: x") == ["data: x"]


@pytest.mark.parametrize("data", [b"x" * 101, b"x" * 101 + b"\n"])
def test_a_line_beyond_the_limit_is_a_clear_error_even_before_it_ends(data: bytes) -> None:
    with pytest.raises(ServiceFailed, match="a line of more than 100 bytes"):
        read_lines(data, limit=100)


def test_a_line_of_four_mebibytes_is_no_error() -> None:
    line = "x" * 4 * 2**20
    splitter = Lines()

    assert splitter.feed(f"{line}\n".encode()) == [line]


def test_events_end_at_empty_lines_and_at_the_end() -> None:
    assert read_events(TEXT.replace("\r\n", "\n")) == ['{"x": "Привет, 🦊!"}', "two", "a\nb", "last"]


def test_an_event_of_complete_json_does_not_wait_for_its_empty_line() -> None:
    assert Events().feed('data: {"x": 1}') == ('{"x": 1}', {"x": 1})


def test_events_without_empty_lines_between_them_are_told_apart() -> None:
    assert read_events('data: {"x": 1}\ndata: {"x": 2}\ndata: [DONE]') == ['{"x": 1}', '{"x": 2}', "[DONE]"]


def test_json_over_several_lines_of_data_is_one_payload() -> None:
    (payload,) = read_events('data: {\ndata:   "x": 1\ndata: }\n')

    assert json.loads(payload) == {"x": 1}


def test_an_event_without_end_does_not_fill_the_memory() -> None:
    events = Events(limit=100)

    with pytest.raises(ServiceFailed, match="an event of more than 100"):
        deque((events.feed("data: x") for _ in range(200)), maxlen=0)


def test_a_document_without_end_does_not_fill_the_memory() -> None:
    texts = JsonTexts(limit=100)

    with pytest.raises(ServiceFailed, match="more than 100 characters"):
        deque((texts.feed("[1,") for _ in range(200)), maxlen=0)


async def read_objects(http: Http, server: Server, data: bytes, wire: Wire | None = None) -> list[dict[str, object]]:
    server.answers["/"] = body(data, wire)
    async with http.session() as session, session.get(server.url) as response:
        return [item async for item in objects(response)]


@pytest.mark.parametrize(
    "data",
    [
        b'data: {"n": 1}\n\ndata: {"n": 2}\n\n',
        b'data:{"n": 1}\r\n\r\n:x\r\n\r\ndata:{"n": 2}',
        b'data: not json\n\ndata: [1]\n\ndata: null\n\ndata: {"n": 1}\n\ndata: {"n": 2}\n\n',
        b'{"n": 1}\n{"n": 2}\n',
        b'[{"n": 1},\n {"n": 2}]',
        b'[{\n  "n": 1\n},\n{\n  "n": 2\n}\n]\n',
    ],
    ids=["events", "crlf", "garbage between", "json lines", "list", "pretty list"],
)
@pytest.mark.parametrize("every", [None, 1])
async def test_objects_are_found_in_every_framing(http: Http, server: Server, data: bytes, every: int | None) -> None:
    assert await read_objects(http, server, data, Wire(every=every)) == [{"n": 1}, {"n": 2}]


async def test_one_pretty_printed_object_is_found(http: Http, server: Server) -> None:
    assert await read_objects(http, server, b'{\n  "n": {\n    "m": 1\n  }\n}') == [{"n": {"m": 1}}]


async def test_the_end_marker_ends_the_body_though_the_connection_stays_open(http: Http, server: Server) -> None:
    found = await read_objects(http, server, sse([{"n": 1}]), Wire(end="hold"))

    assert found == [{"n": 1}, {}]


@pytest.mark.parametrize("data", [b'data: {"n": 1', b'{"n": 1, "m"', b"[1, 2]", b"plain words"])
async def test_what_is_no_object_or_cut_off_is_a_clear_error(http: Http, server: Server, data: bytes) -> None:
    with pytest.raises(ServiceFailed, match=r"unexpected answer|cut off"):
        await read_objects(http, server, data)


async def test_a_web_page_is_named_by_its_title_alone(http: Http, server: Server) -> None:
    server.answers["/"] = page()

    async with http.session() as session, session.get(server.url) as response:
        with pytest.raises(ServiceFailed) as caught:
            [item async for item in objects(response)]

    assert caught.value.reason == "200 unexpected answer: Down for maintenance"


async def test_json_so_deep_that_no_parser_takes_it_is_passed_over(http: Http, server: Server) -> None:
    deep = b"data: " + b'{"x":' * 100_000 + b"\n\n" + b'data: {"n": 1}\n\n'

    assert await read_objects(http, server, deep) == [{"n": 1}]


async def test_lines_of_a_compressed_body_are_read(http: Http, server: Server) -> None:
    server.answers["/"] = body(TEXT.encode(), Wire(gzip=True, every=7))

    async with http.session() as session, session.get(server.url) as response:
        found = [line async for line in lines(response)]

    assert found == TEXT.replace("\r\n", "\n").split("\n")
