"""What the bot does with what people send: one router per file.

A handler reads and writes rows, with one changing call at the most, and returns what to say: it never waits for
Telegram.
"""

from aiogram import BaseMiddleware, Router

from bot.intake.handlers import (
    admin,
    allow,
    edit,
    example,
    export,
    find,
    forget,
    history,
    invite,
    member,
    migration,
    model,
    new,
    order,
    prompt,
    provider,
    retry,
    role,
    sees,
    settings,
    start,
    stop,
    title,
    usage,
    version,
)
from bot.intake.settle import Settle

ROUTERS = (
    member.router,
    start.router,
    example.router,
    provider.router,
    model.router,
    role.router,
    new.router,
    stop.router,
    retry.router,
    history.router,
    title.router,
    find.router,
    export.router,
    forget.router,
    sees.router,
    order.router,
    allow.router,
    admin.router,
    invite.router,
    settings.router,
    usage.router,
    version.router,
    edit.router,
    prompt.router,  # takes what is left
)


def router(*around: BaseMiddleware) -> Router:
    """Build the routers in order, with `around` around them, outermost first; a migration asks nobody's leave."""
    people = Router(name="people")
    people.include_routers(*(make() for make in ROUTERS))
    for middleware in around:
        for observer in (
            people.message,
            people.edited_message,
            people.callback_query,
            people.my_chat_member,
            people.stopped_message_generation,
        ):
            observer.outer_middleware(middleware)
    root = Router(name="handlers")
    for observer in (
        root.message,
        root.edited_message,
        root.callback_query,
        root.my_chat_member,
        root.stopped_message_generation,
    ):
        observer.middleware(Settle())
    root.include_routers(migration.router(), people)
    return root
