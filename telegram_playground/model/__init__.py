"""Model: requests of bots come in as to a model's service, what a test or the prompt itself says goes out."""

from telegram_playground.model.answer import (
    HEADERS,
    Answer,
    Cut,
    Fault,
    Finish,
    Hang,
    Item,
    Raw,
    Refusal,
    Reset,
    Thought,
    ToolCall,
    Torn,
    Usage,
    spoken,
)
from telegram_playground.model.protocol import refusals
from telegram_playground.model.request import End, Request
from telegram_playground.model.script import Script
from telegram_playground.model.server import Model

__all__ = [
    "HEADERS",
    "Answer",
    "Cut",
    "End",
    "Fault",
    "Finish",
    "Hang",
    "Item",
    "Model",
    "Raw",
    "Refusal",
    "Request",
    "Reset",
    "Script",
    "Thought",
    "ToolCall",
    "Torn",
    "Usage",
    "refusals",
    "spoken",
]
