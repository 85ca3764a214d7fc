"""What is expected of a chat: each expectation waits until it is met."""

import re

from telegram_playground.client import Chat, Message, NothingCame
from telegram_playground.testing.people import People


class Expectation:
    """expect(chat).to_have_text("Hello"): waits up to `timeout_s`, then AssertionError says what there was instead."""

    def __init__(self, people: People, chat: Chat, *, timeout_s: float = 5.0) -> None:
        self._people = people
        self._chat = chat
        self._timeout_s = timeout_s

    def to_have_text(self, text: str | re.Pattern[str], *, after: Message | None = None) -> Message:
        """Expect a message of a bot with these words in it; returns it. `after`: later than that one."""
        pattern = text.pattern if isinstance(text, re.Pattern) else re.escape(text)
        return self._message(pattern, after)

    def to_have_button(self, label: str, *, after: Message | None = None) -> Message:
        """Expect the next message of a bot to have an inline button with this label; returns the message."""
        message = self._message("", after)
        labels = [button.text for button in message.buttons]
        if label not in labels:
            raise AssertionError(f"there is no button {label!r} under {message.text!r}, but {labels}")
        return message

    def not_to_have_text(self, text: str) -> None:
        """Expect that no message has these words now."""
        found = [message.text for message in self._people.messages(self._chat) if text in message.text]
        if found:
            raise AssertionError(f"the chat has {found[0]!r}")

    def _message(self, pattern: str, after: Message | None) -> Message:
        try:
            return self._people.wait(
                self._chat, text=pattern, after=after.message_id if after else None, timeout=self._timeout_s
            )
        except NothingCame as error:
            raise AssertionError(str(error)) from None
