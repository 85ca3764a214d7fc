"""A dialogue: the messages of a request, and what a real service finds wrong about them."""

from collections.abc import Sequence

from telegram_playground.model.answer import Refusal
from telegram_playground.model.protocol import refusals
from telegram_playground.protocol.wire import Json

ROLES = ("system", "developer", "user", "assistant", "tool")


def fault_of(body: object, models: Sequence[str]) -> Refusal | None:
    """Return the refusal of a request that OpenAI would not take either, None for a good one."""
    if not isinstance(body, dict):
        return refusals.bad_request("We could not parse the JSON body of your request.")
    if (model := body.get("model")) and model not in models:
        return refusals.no_model(str(model))
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        return refusals.bad_request("[] is too short - 'messages'", param="messages")
    for place, message in enumerate(messages):
        role = message.get("role") if isinstance(message, dict) else None
        if role not in ROLES:
            return refusals.bad_request(f"Invalid value: {role!r}.", param=f"messages[{place}].role")
    return _fault_of_tools(messages)


def _fault_of_tools(messages: Sequence[Json]) -> Refusal | None:
    open_calls: list[str] = []
    for place, message in enumerate(messages):
        if message["role"] == "tool":
            if message.get("tool_call_id") not in open_calls:
                said = "messages with role 'tool' must be a response to a preceding message with 'tool_calls'."
                return refusals.bad_request(f"Invalid parameter: {said}", param=f"messages.[{place}].role")
            open_calls.remove(message["tool_call_id"])
            continue
        if open_calls:
            break
        open_calls = [call["id"] for call in message.get("tool_calls") or ()]
    if not open_calls:
        return None
    said = "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'."
    ids = ", ".join(open_calls)
    return refusals.bad_request(f"{said} The following tool_call_ids did not have response messages: {ids}")
