"""The table of methods is that of aiogram's release, which is made from Telegram's page."""

import re
from importlib.resources import files
from pathlib import Path

from telegram_playground.api.methods import HANDLERS
from telegram_playground.api.schema import schemas
from tests.telegram_playground.api.aiogram_schema import written


def test_the_table_of_methods_is_made_from_aiogram() -> None:
    """Make it anew by `python -m tests.telegram_playground.api.aiogram_schema`."""
    assert files("telegram_playground.api").joinpath("schema.json").read_text("utf-8") == written()


def test_the_page_of_coverage_tells_of_each_method() -> None:
    page = (Path(__file__).parents[3] / "docs" / "playground-coverage.md").read_text("utf-8")
    told = dict(re.findall(r"^\| (\w+) \| (carried out|501) \|$", page, re.MULTILINE))

    names = {schema.name for schema in schemas().values()}
    assert told == {name: "carried out" if name.lower() in HANDLERS else "501" for name in names}
