"""What people want of an answer beside its text comes, once, whatever kills the bot meanwhile."""

import itertools

import pytest

from bot.app.app import App
from bot.texts.en import EN
from telegram_playground.client import Chat, Message, PlaygroundClient, User
from telegram_playground.model import Model
from tests.crash.point import CommitPoint
from tests.thorough import chosen
from tests.walks.nursery import Child

pytestmark = pytest.mark.walk

CODE = "\n".join(f"print({number})" for number in range(30))
ANSWER = f"So:\n\n```python\n{CODE}\n```\n\nDone."
FILE = "📄 code1.py"
COMMITS = ("insert orders", "update orders")


async def answered(people: PlaygroundClient, model: Model, chat: Chat, ann: User) -> Message:
    model.says("How?", ANSWER)
    await people.write(chat, ann, "How?")
    return await people.wait(chat, text="Done.$", complete=True)


async def documents(people: PlaygroundClient, chat: Chat) -> list[str]:
    return [each.raw["document"]["file_name"] for each in await people.messages(chat) if "document" in each.raw]


async def test_code_is_had_as_a_file_by_a_button(
    people: PlaygroundClient, model: Model, chat: Chat, ann: User, quick: App
) -> None:
    answer = await answered(people, model, chat, ann)

    toast = await people.press(chat, ann, answer.message_id, FILE)

    file = await people.wait(chat, after=answer.message_id)
    assert toast
    assert toast["text"] == EN.order_begun
    assert (file.raw["document"]["file_name"], file.reply_to) == ("code1.py", answer.message_id)
    assert await documents(people, chat) == ["code1.py"]


async def test_what_telegram_refuses_is_told_once_and_can_be_had_later(
    people: PlaygroundClient, model: Model, chat: Chat, ann: User, quick: App
) -> None:
    answer = await answered(people, model, chat, ann)
    await people.fault("sendDocument", "error", code=400, description="Bad Request: FILE_PARTS_INVALID", times=1)

    await people.press(chat, ann, answer.message_id, FILE)

    told = await people.wait(chat, text="^⚠️", after=answer.message_id)
    assert told.text == EN.order_failed
    await people.press(chat, ann, answer.message_id, FILE)
    await people.wait(chat, after=told.message_id)
    assert await documents(people, chat) == ["code1.py"]


@pytest.mark.proof
async def test_it_comes_once_though_the_bot_dies_on_its_way(
    people: PlaygroundClient, model: Model, chat: Chat, ann: User, child: Child
) -> None:
    await child.start()
    answer = await answered(people, model, chat, ann)
    await child.kill()
    await people.press(chat, ann, answer.message_id, FILE, timeout_s=0.1)
    for label, after in itertools.product(COMMITS, chosen((False, True), True)):
        await child.start(CommitPoint(label, 1, after))
        assert await child.ended() is not None, (label, after)
    await people.fault("sendDocument", "hold", execute=False, chat=chat.id)
    await child.start()
    await people.wait_held()
    await child.kill()
    await people.clear_faults()
    await child.start()

    await people.wait(chat, after=answer.message_id)
    await people.write(chat, ann, "And then?")
    await people.wait(chat, text="And then", complete=True)
    assert await documents(people, chat) == ["code1.py"]
