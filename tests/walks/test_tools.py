"""Tools, as the people of a chat see them: a line while one runs, an answer with its result, and nothing made twice."""

from typing import Any

import pytest

from telegram_playground.client import Chat, PlaygroundClient, User
from telegram_playground.model import Hang, Model, ToolCall
from tests.walks.conftest import Start

pytestmark = pytest.mark.walk


def results(request: Any) -> list[str]:
    return [each["content"] for each in request.messages if each["role"] == "tool"]


async def test_a_model_that_takes_tools_reckons_with_the_calculator(
    start: Start, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    model.takes_tools = True
    model.says("reckon", "Let me see. ", ToolCall("calculator", {"expression": "2**64"}))
    model.says("reckon", "It is 18446744073709551616.")
    async with start():
        await people.write(chat, ann, "reckon")
        whole = await people.wait(chat, text="18446744073709551616\\.$", complete=True)
        await people.write(chat, ann, "and then?")
        await people.wait(chat, text="You said: and then", complete=True)

    assert whole.text == "Let me see.\n\nIt is 18446744073709551616."
    assert [each["function"]["name"] for each in model.requests[0].body["tools"]] == ["time", "calculator"]
    assert results(model.requests[1]) == ["18446744073709551616"]
    said = [each["content"] for each in model.requests[2].messages if each["role"] == "assistant"]
    assert said == [whole.text.replace("see.\n", "see. \n")]


async def test_a_model_of_which_nothing_is_known_is_offered_nothing(
    start: Start, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    async with start():
        await people.write(chat, ann, "hello")
        await people.wait(chat, text="hello", complete=True)

    assert "tools" not in model.requests[0].body


async def test_a_round_that_was_stored_is_not_asked_again_after_a_kill(
    start: Start, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    model.takes_tools = True
    model.says("reckon", "First. ", ToolCall("calculator", {"expression": "6*7"}))
    model.says("reckon", Hang())
    model.says("reckon", "It is 42.")
    async with start():
        await people.write(chat, ann, "reckon")
        await model.asked("reckon", times=2)

    async with start():
        whole = await people.wait(chat, text="42\\.$", complete=True)

    assert whole.text == "First.\n\nIt is 42."
    assert [results(each) for each in model.requests] == [[], ["42"], ["42"]]


async def test_what_was_called_is_told_where_the_chat_wants_it(
    start: Start, people: PlaygroundClient, chat: Chat, ann: User, model: Model
) -> None:
    model.takes_tools = True
    model.says("reckon", ToolCall("calculator", {"expression": "6*7"}), ToolCall("nothing", {}))
    model.says("reckon", "It is 42.")
    async with start():
        await people.write(chat, ann, "/settings tools on")
        await people.write(chat, ann, "reckon")
        whole = await people.wait(chat, text="42\\.$", complete=True)

    assert whole.text == "🔧 calculator: “6*7” ✓\n🔧 nothing ✗\n\nIt is 42."
    assert [entity["type"] for entity in whole.entities or []] == ["expandable_blockquote"]
    assert results(model.requests[1]) == ["42", "There is no tool of this name."]
