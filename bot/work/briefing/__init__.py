"""Briefing: all that a model is told, from a conversation's rows to the messages that are sent."""
