"""The dialogue with pyTelegramBotAPI."""

# The library need not be installed here.
# mypy: ignore-errors

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from telebot import asyncio_filters, asyncio_helper
from telebot.async_telebot import AsyncTeleBot
from telebot.asyncio_handler_backends import State, StatesGroup
from telebot.asyncio_storage import StateMemoryStorage
from telebot.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, Message


class Form(StatesGroup):
    name = State()
    age = State()


@asynccontextmanager
async def running(token: str, url: str) -> AsyncIterator[None]:
    asyncio_helper.API_URL = url + "/bot{0}/{1}"
    asyncio_helper.FILE_URL = url + "/file/bot{0}/{1}"
    bot = AsyncTeleBot(token, state_storage=StateMemoryStorage())
    bot.add_custom_filter(asyncio_filters.StateFilter(bot))
    _register(bot)
    polling = asyncio.create_task(bot.polling(non_stop=True, request_timeout=40, timeout=30))
    try:
        yield
    finally:
        polling.cancel()
        await asyncio.gather(polling, return_exceptions=True)
        await bot.close_session()


def _register(bot: AsyncTeleBot) -> None:
    @bot.message_handler(commands=["start"])
    async def start(message: Message) -> None:
        markup = InlineKeyboardMarkup()
        markup.add(*(InlineKeyboardButton(colour, callback_data=colour) for colour in ("red", "blue")))
        await bot.send_message(message.chat.id, "<b>Choose</b>", parse_mode="HTML", reply_markup=markup)

    @bot.callback_query_handler(func=lambda query: True)
    async def chosen(query: CallbackQuery) -> None:
        await bot.answer_callback_query(query.id, f"{query.data}!")
        await bot.edit_message_text(f"You chose {query.data}", query.message.chat.id, query.message.message_id)

    @bot.message_handler(commands=["form"])
    async def form(message: Message) -> None:
        await bot.set_state(message.from_user.id, Form.name, message.chat.id)
        await bot.reply_to(message, "Your name?")

    @bot.message_handler(state=Form.name)
    async def named(message: Message) -> None:
        await bot.set_state(message.from_user.id, Form.age, message.chat.id)
        await bot.add_data(message.from_user.id, message.chat.id, name=message.text)
        await bot.reply_to(message, "Your age?")

    @bot.message_handler(state=Form.age)
    async def aged(message: Message) -> None:
        async with bot.retrieve_data(message.from_user.id, message.chat.id) as data:
            name = data["name"]
        await bot.delete_state(message.from_user.id, message.chat.id)
        await bot.send_message(message.chat.id, f"{name} is {message.text}")

    @bot.message_handler(content_types=["document"])
    async def file(message: Message) -> None:
        info = await bot.get_file(message.document.file_id)
        data = await bot.download_file(info.file_path)
        document = InputFile(io.BytesIO(data[::-1]), "reversed.txt")
        await bot.send_document(message.chat.id, document, caption="reversed")

    @bot.message_handler(func=lambda message: True)
    async def echo(message: Message) -> None:
        await bot.send_message(message.chat.id, message.text)
