"""The table of methods is that of aiogram's release, which is made from Telegram's page."""

from importlib.resources import files

from tests.telegram_playground.api.aiogram_schema import written


def test_the_table_of_methods_is_made_from_aiogram() -> None:
    """Make it anew by `python -m tests.telegram_playground.api.aiogram_schema`."""
    assert files("telegram_playground.api").joinpath("schema.json").read_text("utf-8") == written()
