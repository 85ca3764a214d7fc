"""Who configures no tools pays for none."""

import subprocess
import sys

HEAVY = ("mcp", "mcp_types", "httpx2", "anyio", "starlette", "trafilatura", "lxml", "ddgs", "primp")


def test_no_package_of_the_extras_is_loaded_before_it_is_needed() -> None:
    said = f"import sys, bot.app.build; print(sorted({HEAVY!r} & sys.modules.keys()))"
    said = said.replace(repr(HEAVY), f"set({HEAVY!r})")

    loaded = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True).stdout

    assert loaded.strip() == "[]"
