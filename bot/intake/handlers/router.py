"""Router: each handler's file in the order in which they are asked; a new file is named here."""

from aiogram import BaseMiddleware, Router
from aiogram.dispatcher.event.telegram import TelegramEventObserver

from bot.intake.handlers.choices import model, provider, role, settings
from bot.intake.handlers.conversation import export, find, forget, history, new, title, topic
from bot.intake.handlers.people import admin, allow, invite, member, migration, reread, start, usage
from bot.intake.handlers.question import (
    edit,
    elsewhere,
    example,
    image,
    leave,
    order,
    prompt,
    retry,
    sees,
    stop,
    version,
)
from bot.intake.middlewares.rights import Guarded
from bot.intake.middlewares.settle import Settle

IN_ORDER = (
    elsewhere,
    member,
    topic,
    start,
    example,
    provider,
    model,
    role,
    new,
    stop,
    retry,
    history,
    image,
    title,
    find,
    export,
    forget,
    sees,
    order,
    leave,
    allow,
    admin,
    reread,
    invite,
    settings,
    usage,
    version,
    edit,
    prompt,  # takes what is left
)


def router(*around: BaseMiddleware) -> Router:
    """Build the router, with `around` around what people do, outermost first; a migration asks nobody's leave."""
    people = Router(name="people")
    for module in IN_ORDER:
        module.register(people)
    for middleware in around:
        for observer in _observers(people):
            observer.outer_middleware(middleware)
    root = Router(name="handlers")
    migration.register(root)
    for observer in _observers(root):
        observer.middleware(Settle())
        observer.middleware(Guarded())
    root.include_router(people)
    return root


def _observers(router: Router) -> tuple[TelegramEventObserver, ...]:
    """Return those of what the bot hears of; a router for each file would cost a start 40 ms for the rest of them."""
    return (
        router.message,
        router.edited_message,
        router.callback_query,
        router.my_chat_member,
        router.stopped_message_generation,
        router.inline_query,
        router.chosen_inline_result,
        router.guest_message,
    )
