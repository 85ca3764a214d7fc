"""Trouble that was made for a bot while people talked to it, as lines of a test, or as a comment."""

from telegram_playground.scenario.names import Names
from telegram_playground.world.deeds import Deed


def troubled(deed: Deed, names: Names) -> list[str]:
    """Return the lines of faults; of options a comment: they outlast the test, and change others."""
    told = {name: value for name, value in deed.arguments.items() if value is not None or name == "times"}
    if deed.command == "set":
        options = ", ".join(f"{name}={value!r}" for name, value in told.items())
        return [f"    # not saved: the server was set to {' '.join(options.splitlines())}; start it so"]
    if deed.command == "release":
        held = "    telegram.command('wait_held', timeout=30)"
        return [held, "    telegram.command('release')  # of the call that is held by now"]
    words = [repr(deed.command)]
    for name, value in told.items():
        words.append(f"{name}={names.account(value) if name == 'bot' else names.quoted(value)}")
    return [f"    telegram.command({', '.join(words)})"]


def is_about(deed: Deed, names: Names) -> bool:
    """Tell whether trouble met these chats and bots."""
    chats, bot = {chat.id for _, chat in names.chats.values()}, deed.arguments.get("bot")
    return deed.arguments.get("chat") in {None, *chats} and bot in {None, *names.bots}
