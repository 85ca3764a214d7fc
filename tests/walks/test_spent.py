"""Killed in a group whose calls of the minute were spent, the bot shows there what was ready after a few calls."""

from collections.abc import Mapping

import pytest

from telegram_playground.client import Bot, PlaygroundClient, User
from telegram_playground.model import Model
from tests.walks.nursery import Child

pytestmark = pytest.mark.walk

SPENDING = {"sendMessage", "editMessageText", "editMessageReplyMarkup"}
CALLS = 5  # three probes, a look at what was found, and the text: 15 s where a group has 20 a minute


@pytest.fixture
def environment(environment: Mapping[str, str]) -> Mapping[str, str]:
    """A budget that is always spent: each call waits for the one before."""
    return {**environment, "GROUP_BURST": "1", "GROUP_RATE": "60"}


@pytest.mark.parametrize(
    ("method", "executed"), [("sendMessage", False), ("sendMessage", True), ("editMessageText", False)]
)
async def test_what_was_ready_costs_a_few_calls_whatever_else_waits(
    method: str, executed: bool, child: Child, people: PlaygroundClient, bot: Bot, ann: User, model: Model
) -> None:
    crowd = [await people.add_user(f"Person {number}") for number in range(8)]
    group = await people.add_group("Club", members=[ann, *crowd], bots=[bot])
    model.says("Ann: hello", "All is well, ", "and ready. " * 20, "END")
    await child.start()
    await people.fault(method, "hold", execute=executed, chat=group.id)
    await people.write(group, ann, "@delta_bot hello")
    await people.wait_held()
    for person in crowd:
        await people.write(group, person, "Lovely weather.")
    await child.kill()
    await people.clear_faults()

    before = max(call["id"] for call in await people.calls())
    await child.start()
    await people.wait(group, text="END$", complete=True)

    there = [call["method"] for call in await people.calls(since=before) if call["method"] in SPENDING]
    assert len(there) <= CALLS
