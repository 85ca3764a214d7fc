"""docs/commands.md: each command that the bot takes, and no other."""

import re
from pathlib import Path

import pytest

from bot.intake.handlers.menu import Place, descriptions, typed
from bot.intake.message.mention import ASK
from bot.texts import LANGUAGES

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
LISTED = {name for row in re.findall(r"^\| (`/.*?) \|", PAGE, re.MULTILINE) for name in re.findall(r"/([a-z]+)", row)}


def taken() -> set[str]:
    """Return the names that the handlers let through."""
    names: set[str] = set()
    for file in (ROOT / "bot" / "intake" / "handlers").rglob("*.py"):
        source = file.read_text(encoding="utf-8")
        for inside in re.findall(r"register\(\s*\w+, Named\((.*?)\)", source):
            names |= set(re.findall(r'"([a-z]+)"', inside))
            for constant in re.findall(r"\*([A-Z]+)", inside):
                (defined,) = re.findall(rf"^{constant}\b.*= (.*)$", source, re.MULTILINE)
                names |= set(re.findall(r'"([a-z]+)"', defined))
    return names


def test_the_page_lists_what_the_bot_takes() -> None:
    assert taken() | {ASK} == LISTED


@pytest.mark.parametrize("place", list(Place))
def test_the_page_lists_what_is_offered(place: Place) -> None:
    for texts in LANGUAGES.values():
        assert {name for name, _ in (*descriptions(texts, place), *typed(texts, place))} <= LISTED
