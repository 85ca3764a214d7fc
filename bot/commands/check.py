"""What of the configuration works, what does not, and what to do about it."""

import os
from collections.abc import Callable, Mapping

from bot.app.configured import PROVIDERS_FILE, personas_of, tools_of
from bot.clock import Clock
from bot.commands.checks.database import check_database
from bot.commands.checks.files import missing_packages, open_to_all
from bot.commands.checks.line import Line
from bot.commands.checks.providers import check_providers
from bot.commands.checks.telegram import check_telegram
from bot.commands.spelling import misspelt
from bot.settings import Settings
from bot.tools.trial import tried
from bot.tools.wanted import ToolSettings


async def check(settings: Settings, say: Callable[[str], None]) -> bool:
    """Try everything, say a line for each, and tell whether the bot could run.

    Raises ConfigurationError and, for a damaged database, sqlite3.Error.
    """
    _say_misspelt(settings, say)
    settings.require_token()
    personas_of(settings)
    tools = tools_of(settings)
    telegram, bot_id = await check_telegram(settings, say)
    providers = await check_providers(settings, say)
    found = await check_database(settings, bot_id)
    say(str(found))
    await _check_rest(settings, tools, say)
    return telegram and providers and found.ok


async def check_many(settings: Settings, bots: Mapping[str, Settings], say: Callable[[str], None]) -> bool:
    """Try several bots by their names, and what they share; tell whether all could run. Raises as `check`."""
    _say_misspelt(settings, say)
    tools = tools_of(settings)
    ok = []
    for name, own in bots.items():
        personas_of(own)
        say(f"[{name}]")
        telegram, bot_id = await check_telegram(own, say)
        found = await check_database(own, bot_id)
        say(str(found))
        ok += [telegram, found.ok]
    say("[all]")
    ok.append(await check_providers(settings, say))
    await _check_rest(settings, tools, say)
    return all(ok)


def _say_misspelt(settings: Settings, say: Callable[[str], None]) -> None:
    for mistake in misspelt(os.environ, settings.providers_file or PROVIDERS_FILE):
        detail = f"{mistake.name} in {mistake.place} is no setting of this bot"
        say(str(Line("settings", ok=True, detail=detail, mend=mistake.advice)))


async def _check_rest(settings: Settings, tools: ToolSettings, say: Callable[[str], None]) -> None:
    if missing := missing_packages():
        say(str(missing))
    for each in await tried(tools, Clock()):
        say(str(Line("tools", ok=True, detail=f"{each.name}: {each.detail}", mend=each.mend)))
    for readable in open_to_all(settings):
        say(str(readable))
