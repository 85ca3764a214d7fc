"""What is expected of a chat: each expectation waits until it is met."""

import re

from telegram_playground.client import Chat, Message, NothingCame, User
from telegram_playground.testing.people import People


class Expectation:
    """expect(chat).to_have_text("Hello"): waits up to `timeout_s`, then AssertionError says what there was instead."""

    def __init__(self, people: People, chat: Chat, *, timeout_s: float = 5.0) -> None:
        self._people = people
        self._chat = chat
        self._timeout_s = timeout_s

    def to_have_text(
        self,
        text: str | re.Pattern[str],
        *,
        after: Message | None = None,
        message: Message | None = None,
        by: User | None = None,
    ) -> Message:
        """Expect a message of a bot with these words in it; returns it.

        `after`: later than that one; `message`: that one, which grows or is edited; `by`: of this person, in
        whose name the bot answers where it is no member.
        """
        return self._found(after, message, by, text=_pattern(text))

    def to_have_button(
        self, label: str, *, after: Message | None = None, message: Message | None = None, by: User | None = None
    ) -> Message:
        """Expect a message of a bot with a key of this label, inline or of its keyboard; returns it."""
        return self._found(after, message, by, button=label)

    def to_show(
        self, kind: str, *, after: Message | None = None, message: Message | None = None, by: User | None = None
    ) -> Message:
        """Expect a message of a bot that shows a photo, document, poll …: a field of the Bot API's Message."""
        return self._found(after, message, by, shows=kind)

    def not_to_have_text(self, text: str | re.Pattern[str]) -> None:
        """Expect that no message has these words, now or when those that have were edited or deleted."""
        try:
            self._people.gone(self._chat, _pattern(text), timeout=self._timeout_s)
        except NothingCame as error:
            raise AssertionError(str(error)) from None

    def _found(self, after: Message | None, message: Message | None, by: User | None, **what: str) -> Message:
        try:
            return self._people.wait(
                self._chat,
                after=after.message_id if after else None,
                message=message.message_id if message else None,
                by=by,
                timeout=self._timeout_s,
                **what,
            )
        except NothingCame as error:
            raise AssertionError(str(error)) from None


def _pattern(text: str | re.Pattern[str]) -> str:
    if isinstance(text, str):
        return re.escape(text)
    letters = {re.IGNORECASE: "i", re.MULTILINE: "m", re.DOTALL: "s", re.VERBOSE: "x", re.ASCII: "a"}
    flags = "".join(letter for flag, letter in letters.items() if text.flags & flag)
    return f"(?{flags}){text.pattern}" if flags else text.pattern
