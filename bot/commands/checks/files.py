"""Files: what others can read, and what of those that people send is not read."""

import stat
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from bot.app.configured import PROVIDERS_FILE, TOOLS_FILE
from bot.commands.checks.line import Line
from bot.settings import Settings
from bot.storage.engine.database import database_file, files_of

READERS = {  # by package, of the extra `files`
    "PIL": "large pictures that are sent as files",
    "pypdf": "PDF",
    "cryptography": "PDF with a cipher that needs no password",
}


def open_to_all(settings: Settings) -> Iterator[Line]:
    """Name the files with secrets, or with what people wrote, that every user of the machine may read."""
    database = database_file(settings.database_url)
    files = [Path(".env"), settings.bot_tokens, settings.providers_file or PROVIDERS_FILE]
    files.append(settings.tools_file or TOOLS_FILE)
    files += files_of(database) if database else []
    for file in filter(None, files):
        try:
            is_readable = file.stat().st_mode & stat.S_IROTH
        except OSError:
            continue
        if is_readable:
            yield Line("files", ok=True, detail=f"every user of this machine can read {file}", mend=f"chmod 600 {file}")


def missing_packages() -> Line | None:
    """Say what of the files that people send is not read, for want of a package."""
    missing = [what for package, what in READERS.items() if find_spec(package) is None]
    if not missing:
        return None
    return Line("files", ok=True, detail=f"not read: {', '.join(missing)}", mend='pip install "deltagram[files]"')
