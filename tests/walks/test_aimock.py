"""aimock, a service that nobody here wrote, behind the whole bot: what people send, and what they get (node).

It hears (any recording says the same), makes pictures, speaks, and is an MCP server over HTTP. It shows no previews of
pictures, changes none by what is in them and reads no PDF: those come to such a service as text, as to any other.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from telegram_playground.client import Chat, PlaygroundClient, User
from tests.providers.aimock.service import IS_THERE, MISSING, aimock
from tests.walks.conftest import Hasty
from tests.walks.test_images import picture, png
from tests.walks.test_voice import quoted, speak

pytestmark = [
    pytest.mark.walk,
    pytest.mark.skipif(not IS_THERE, reason=MISSING),
    pytest.mark.timeout(120),
    pytest.mark.proof,
]

SERVER = """
[mcp.sky]
url = "{url}/mcp"
approval = "always"
read_only = true
"""


@pytest.fixture
def url() -> Iterator[str]:
    with aimock() as address:
        yield address


async def test_all_that_goes_in_and_comes_out(
    people: PlaygroundClient,
    chat: Chat,
    ann: User,
    url: str,
    hasty: Hasty,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", f"{url}/v1")
    monkeypatch.setenv("OPENAI_MODEL", "gpt-4o")
    monkeypatch.setenv("SPEECH_MODEL", "tts")
    (tmp_path / "tools.toml").write_text(SERVER.format(url=url))
    async with hasty():
        await people.send_file(chat, ann, "c.png", png(40), kind="photo", caption="What is in this picture?")
        seen = await people.wait(chat, text="cat", complete=True)
        await people.write(chat, ann, "/image a cat")
        drawn = await picture(people, chat, ann)
        await speak(people, chat, ann)
        heard = await people.wait(chat, text="noon on\\.$", complete=True)
        await people.press(chat, ann, heard.message_id, "🔊")
        spoken = await people.wait(chat, after=heard.message_id)

    assert seen.text == "A grey cat."
    assert drawn.raw["photo"]
    assert quoted(heard) == ["Will it rain in Oslo?"]
    assert heard.text.endswith("\n\nYes, from noon on.")
    assert "voice" in spoken.raw
