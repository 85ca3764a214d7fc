"""The dialogue with python-telegram-bot."""

# The library need not be installed here.
# mypy: ignore-errors

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    filters,
)

Context = ContextTypes.DEFAULT_TYPE
NAME, AGE = range(2)


@asynccontextmanager
async def running(token: str, url: str) -> AsyncIterator[None]:
    builder = Application.builder().token(token).base_url(f"{url}/bot").base_file_url(f"{url}/file/bot")
    app = builder.build()
    words = filters.TEXT & ~filters.COMMAND
    states = {NAME: [MessageHandler(words, named)], AGE: [MessageHandler(words, aged)]}
    app.add_handler(ConversationHandler([CommandHandler("form", form)], states, []))
    app.add_handler(CommandHandler("start", start))
    app.add_handler(CallbackQueryHandler(chosen))
    app.add_handler(MessageHandler(filters.Document.ALL, file))
    app.add_handler(MessageHandler(words, echo))
    async with app:
        await app.start()
        await app.updater.start_polling()
        try:
            yield
        finally:
            await app.updater.stop()
            await app.stop()


async def start(update: Update, context: Context) -> None:
    row = [InlineKeyboardButton(colour, callback_data=colour) for colour in ("red", "blue")]
    await update.message.reply_html("<b>Choose</b>", reply_markup=InlineKeyboardMarkup([row]))


async def chosen(update: Update, context: Context) -> None:
    query = update.callback_query
    await query.answer(f"{query.data}!")
    await query.edit_message_text(f"You chose {query.data}")


async def form(update: Update, context: Context) -> int:
    await update.message.reply_text("Your name?", do_quote=True)
    return NAME


async def named(update: Update, context: Context) -> int:
    context.user_data["name"] = update.message.text
    await update.message.reply_text("Your age?", do_quote=True)
    return AGE


async def aged(update: Update, context: Context) -> Any:
    await update.message.reply_text(f"{context.user_data['name']} is {update.message.text}")
    return ConversationHandler.END


async def file(update: Update, context: Context) -> None:
    data = await (await update.message.document.get_file()).download_as_bytearray()
    await update.message.reply_document(bytes(data[::-1]), filename="reversed.txt", caption="reversed")


async def echo(update: Update, context: Context) -> None:
    await update.message.reply_text(update.message.text)
