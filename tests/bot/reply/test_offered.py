"""The buttons that an answer offers beside 🔄 are there again whenever it is shown again."""

from bot.reply.layout import Frame
from bot.reply.markdown.rendered import Rendered
from bot.reply.methods import Methods
from bot.reply.place import InChat
from bot.storage.answers.ending import Ending
from bot.storage.chats import Chats
from bot.storage.tables import Outcome
from bot.texts import texts
from providers.blocks import Text
from tests.bot.store import Store

SEES = ("👁 other", "sees:1:0123456789ab")


async def test_after_a_kill(chats: Chats, store: Store) -> None:
    chat = await chats.get(7, provider="alpha")
    job = await store.ask(chat)
    await store.answers.ended(job, Ending(Outcome.ANSWERED, (Text("A picture?"),), offered=[SEES]))

    (left,) = await store.replies.resume()
    methods = Methods(left, InChat.of(chat), texts("en"))

    keyboard = methods.edit(101, Frame(Rendered("A picture?"), f"retry:{job.id}")).reply_markup
    assert keyboard
    buttons = [button for row in keyboard.inline_keyboard for button in row]
    assert [(button.text, button.callback_data) for button in buttons[1:]] == [SEES]
