"""The dialogue with aiogram."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiogram import Bot, Dispatcher, F
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import BufferedInputFile, CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message


class Form(StatesGroup):
    name = State()
    age = State()


@asynccontextmanager
async def running(token: str, url: str) -> AsyncIterator[None]:
    bot = Bot(token, session=AiohttpSession(api=TelegramAPIServer.from_base(url)))
    dispatcher = Dispatcher()
    _register(dispatcher)
    polling = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False))
    try:
        yield
    finally:
        await dispatcher.stop_polling()
        await polling
        await bot.session.close()


def _register(dispatcher: Dispatcher) -> None:
    @dispatcher.message(Command("start"))
    async def start(message: Message) -> None:
        row = [InlineKeyboardButton(text=colour, callback_data=colour) for colour in ("red", "blue")]
        await message.answer(
            "<b>Choose</b>", parse_mode="HTML", reply_markup=InlineKeyboardMarkup(inline_keyboard=[row])
        )

    @dispatcher.callback_query()
    async def chosen(query: CallbackQuery) -> None:
        await query.answer(f"{query.data}!")
        if isinstance(query.message, Message):
            await query.message.edit_text(f"You chose {query.data}")

    @dispatcher.message(Command("form"))
    async def form(message: Message, state: FSMContext) -> None:
        await state.set_state(Form.name)
        await message.reply("Your name?")

    @dispatcher.message(Form.name)
    async def named(message: Message, state: FSMContext) -> None:
        await state.update_data(name=message.text)
        await state.set_state(Form.age)
        await message.reply("Your age?")

    @dispatcher.message(Form.age)
    async def aged(message: Message, state: FSMContext) -> None:
        data = await state.get_data()
        await state.clear()
        await message.answer(f"{data['name']} is {message.text}")

    @dispatcher.message(F.document)
    async def file(message: Message, bot: Bot) -> None:
        assert message.document
        data = await bot.download(message.document)
        assert data
        await message.answer_document(BufferedInputFile(data.read()[::-1], "reversed.txt"), caption="reversed")

    @dispatcher.message()
    async def echo(message: Message) -> None:
        await message.answer(message.text or "?")
