"""Links by which people join chats and pay, in a test that was recorded: those that the bot makes when it runs."""

from collections.abc import Sequence

from telegram_playground.scenario.names import Names
from telegram_playground.world.calls import Calls
from telegram_playground.world.deeds import Deed
from telegram_playground.world.payments import invoice_link, slug_of
from telegram_playground.world.state import World


def maker_of(world: World, link: str) -> int | None:
    """Return the bot that has made a link to an invoice; None where it is no such link."""
    found = world.invoice_links.get(slug_of(link))
    return found[0] if found else None


def paid_in(world: World, deed: Deed) -> str | None:
    """Return the chat in which somebody pays: for a link that with the bot that has made it."""
    told = deed.arguments
    if "link" not in told:
        return told.get("chat")
    maker = maker_of(world, told["link"])
    return None if maker is None else f"{maker}:{told['user']}"


def asked_in(link: str, world: World, deeds: Sequence[Deed], calls: Calls) -> str | None:
    """Return the chat in which somebody did last what a bot could answer by making this link."""
    made = next((call for call in calls.since(0, lambda _: True) if _link(call.body.get("result")) == link), None)
    if made is None:
        return None
    for deed in reversed(deeds):
        key = deed.arguments.get("chat")
        chat = world.chats.get(key) if isinstance(key, str) else None
        if deed.time <= made.started and chat and made.bot in chat.bots:
            return chat.key
    return None


def name_links(names: Names, world: World) -> None:
    """Name the links to the chats of a test, and to the invoices of its bots."""
    for name, chat in names.chats.values():
        names.add_links(name, chat.invites)
    for bot_id, name in names.bots.items():
        own = [slug for slug, (maker, _) in world.invoice_links.items() if maker == bot_id]
        names.add_links(name, [invoice_link(slug) for slug in own])


def _link(result: object) -> object:
    return result.get("invite_link") if isinstance(result, dict) else result
