"""What a service is told first: the chat's own prompt, else its role's, else the operator's."""

from pathlib import Path

import pytest

from telegram_playground.client import Bot, PlaygroundClient
from telegram_playground.model import Model
from tests.walks.conftest import Start

pytestmark = pytest.mark.walk

PERSONAS = """
[[persona]]
name = "Teacher"
prompt = "Explain."

[[persona]]
name = "Pirate"
prompt = "Say arr."
"""


async def test_own_then_the_roles_then_the_operators(
    start: Start, people: PlaygroundClient, bot: Bot, model: Model, tmp_path: Path
) -> None:
    (tmp_path / "personas.toml").write_text(PERSONAS)
    ann = await people.add_user("Ann")
    chat = await people.private(ann, bot)
    told = []

    async with start(system_prompt="Operator's."):
        for number, command in enumerate(("", "/role Teacher", "/system My own.", "/system default", "/role default")):
            if command:
                await people.write(chat, ann, command)
            model.says(f"question {number}", f"answer {number}")
            await people.write(chat, ann, f"question {number}")
            await people.wait(chat, text=f"^answer {number}$", complete=True)
            told.append(model.requests[-1].messages[0])

    assert [each["role"] for each in told] == ["system"] * 5
    assert [each["content"] for each in told] == ["Operator's.", "Explain.", "My own.", "Explain.", "Operator's."]
