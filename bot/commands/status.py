"""Status: the bot that runs is asked how it fares."""

from bot.app.doors import socket_of
from bot.commands.arguments import called
from bot.commands.exit import MISCONFIGURED, fail
from bot.process.lock import holder
from bot.process.stop import STOPPED
from bot.report.status import lines
from bot.report.talk import NobodyThere, ask
from bot.settings import Settings
from bot.storage.engine.database import beside, database_file, told


def status(settings: Settings) -> int:
    """Ask the bot that runs on the database of the settings, and print what it says."""
    place, where = beside(settings.database_url), told(settings.database_url)
    try:
        said = ask(socket_of(place))
        table = [*lines(said)] if isinstance(said, dict) else []
    except NobodyThere:
        return fail(_nobody(settings.database_url), MISCONFIGURED)
    except PermissionError:
        return fail(f"{where}: only the user whose bot runs there may ask it", MISCONFIGURED)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        why = f"{type(error).__name__}; it may be starting or ending, or of another version than this program"
        return fail(f"the bot on {where} does not say how it fares: {why}", MISCONFIGURED)
    print("\n".join(table))
    return STOPPED


def _nobody(url: str) -> str:
    """Say that nobody listens, and whether a bot runs all the same."""
    file, where = database_file(url), told(url)
    if file and (pid := holder(file)):
        return f"process {pid} runs on {where} and does not say how it fares; it may be starting or ending, ask again"
    here = "" if file else " here: ask on the machine and in the folder where it runs"
    return f"no bot runs on {where}{here} (DATABASE_URL); start one with: {called()} run"
