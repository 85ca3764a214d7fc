"""Options: what a chat has chosen that its answers are to be made with; pure."""

from collections.abc import Callable, Collection

from bot.storage.tables import Chat, Thinking


def thinker(chat: Chat, think: Callable[[], None]) -> Callable[[], None] | None:
    """Return what is done with a thought; None where the chat wants none."""
    if chat.thinking is Thinking.OFF:
        return None
    return think if chat.streaming else _nothing


def options(chat: Chat, may_set: Collection[str], *, asker: int) -> dict[str, object]:
    """Return what the chat asks of the model, as far as the operator lets it, and who asks: that decides on turns."""
    wished = {"effort": chat.effort, "temperature": chat.temperature}
    return {"asker": asker} | {
        option: value for option, value in wished.items() if option in may_set and value is not None
    }


def _nothing() -> None:
    """Show nothing while an answer grows."""
