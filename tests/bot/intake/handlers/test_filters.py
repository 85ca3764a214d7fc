"""What asks of each update whose it is."""

from collections.abc import Iterator

from aiogram import Router

from bot.intake.handlers.router import router as handlers


def test_no_filter_is_given_to_a_thread() -> None:
    for router in _all(handlers()):
        for observer in (router.message, router.callback_query, router.my_chat_member):
            for handler in observer.handlers:
                assert all(each.awaitable for each in handler.filters or ()), router.name


def _all(router: Router) -> Iterator[Router]:
    yield router
    for inner in router.sub_routers:
        yield from _all(inner)
