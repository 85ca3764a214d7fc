"""Everything there is, for a reader who has just come."""

from telegram_playground.control.stage import Stage
from telegram_playground.protocol.wire import Json
from telegram_playground.world.chats import Chat

_MESSAGES, _CALLS = 50, 100


def snapshot(stage: Stage) -> Json:
    """Return the state of the world as docs/playground.md describes it."""
    world = stage.world
    now = world.clock.now()
    return {
        "type": "snapshot",
        "now": now,
        "wall": world.clock.wall(),
        "bots": [bot.control_json() for bot in world.bots.values()],
        "users": [user.json() for user in world.users.values() if not user.is_bot],
        "chats": [_chat(chat) for chat in world.chats.values()],
        "options": world.options.json(),
        "faults": stage.faults.list(),
        "meters": [meter.json() for meter in stage.floods.all_meters(now)],
        "findings": [finding.json() for finding in stage.lint.findings()],
        "not_simulated": stage.calls.not_simulated,
        "calls": [call.json() for call in stage.calls.last(_CALLS)],
    }


def _chat(chat: Chat) -> Json:
    last: list[Json] = []
    for message in reversed(chat.messages.values()):
        if len(last) == _MESSAGES:
            break
        last.append(message.seen())
    return {
        **chat.control_json(),
        "messages": last[::-1],
        "drafts": [draft.json() for draft in chat.drafts.values()],
        "more": len(chat.messages) > len(last),
    }
