"""Streams that other people's software once sent (recorded/README.md) are read as meant, wherever they are cut."""

import json
from pathlib import Path

import pytest

from providers.blocks import ToolCall
from providers.tools import Tool
from providers.wire.http import Http
from tests.providers.bench import ROWS
from tests.providers.outcome import HELLO, outcome
from tests.providers.server import Server
from tests.services.faults import body, status
from tests.services.wire import Wire

FOLDER = Path(__file__).parent / "recorded"
OF = {"chat": "openai", "responses": "responses", "messages": "anthropic", "gemini": "gemini", "ollama": "ollama"}
TIME = Tool("time", "Tells the time.", {"type": "object", "properties": {"zone": {"type": "string"}}})
RECORDED = {file.stem: file.read_bytes() for file in sorted(FOLDER.glob("*.txt"))}


@pytest.mark.parametrize("name", RECORDED)
async def test_a_recorded_stream_is_read_as_it_was_meant(name: str, server: Server, http: Http) -> None:
    _, protocol, asked = name.split("-")
    make, speech = ROWS[OF[protocol]]
    assert speech
    provider = make(server.url, http)

    for wire in (Wire(), Wire(every=1), Wire(every=11), Wire(gzip=True)):
        server.answers = {speech.path: body(RECORDED[name], wire), "/api/show": status(404)}
        found = await outcome(provider.create_async_generator(None, HELLO, tools=[TIME]))

        calls = [(each.name, json.loads(each.arguments)) for each in found.deltas if isinstance(each, ToolCall)]
        assert found.error is None
        assert found.text == ("Hi there, wörld! How are you?" if asked == "hello" else "")
        assert calls == ([] if asked == "hello" else [("time", {"zone": "UTC"})])
