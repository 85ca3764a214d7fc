"""Tests of any bot: a server in a thread, people that are commanded without `await`, and what is expected of a chat."""

from telegram_playground.testing.expect import Expectation
from telegram_playground.testing.people import People
from telegram_playground.testing.thread import ServerThread

__all__ = ["Expectation", "People", "ServerThread"]
