"""Client: people who are led by a program: what a test makes them do, and what they see."""

from telegram_playground.client.client import PlaygroundClient
from telegram_playground.client.connection import NothingCame, PlaygroundError
from telegram_playground.client.values import Bot, Button, Chat, Message, Topic, User

__all__ = ["Bot", "Button", "Chat", "Message", "NothingCame", "PlaygroundClient", "PlaygroundError", "Topic", "User"]
