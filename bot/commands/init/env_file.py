"""The file `.env`, as `init` writes it."""

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from dotenv import dotenv_values

from bot.settings import ENV_FILE, ConfigurationError

MODE = 0o600


def write(file: Path, variables: Mapping[str, str], *, is_new: bool) -> None:
    """Write the variables, whole or not at all; a file that came in the meantime is not touched.

    Raises ConfigurationError.
    """
    head = "# Made by `python -m bot init`; .env.example lists all settings.\n"
    text = head + "".join(f"{name}={_quoted(value)}\n" for name, value in variables.items())
    number, name = tempfile.mkstemp(dir=file.parent, prefix=f"{ENV_FILE}.")  # readable for nobody else
    made = Path(name)
    try:
        with os.fdopen(number, "w", encoding="utf-8") as target:
            target.write(text)
            target.flush()
            os.fsync(target.fileno())
        if dotenv_values(made) != dict(variables):
            raise ConfigurationError(ENV_FILE, None, "a key that can be written there; write the file by hand")
        made.chmod(MODE)
        if is_new:
            os.link(made, file)  # fails where there is one by now
            made.unlink()
        else:
            _keep(file)
            made.replace(file)
    except OSError as error:
        raise ConfigurationError(ENV_FILE, None, f"a file that can be written ({error.strerror})") from None
    finally:
        with suppress(FileNotFoundError):
            made.unlink()


def _keep(file: Path) -> None:
    """Keep the file that was there under another name."""
    old = file.with_name(f"{file.name}.old")
    number = os.open(old, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, MODE)
    with os.fdopen(number, "wb") as target:
        os.fchmod(target.fileno(), MODE)
        target.write(file.read_bytes())


def _quoted(value: str) -> str:
    """Return a value as the file has it; quotes only where it needs them."""
    if value.replace("-", "").replace("_", "").replace(".", "").replace(":", "").replace("/", "").isalnum():
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
