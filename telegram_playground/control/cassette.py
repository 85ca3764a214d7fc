"""A cassette: what people did, what was seen, and what bots called, as JSON.

{"playground_cassette": 1, "bots": [Bot], "people": [User], "chats": [Chat],
 "deeds": [{"time", "command", "arguments", "made", "refused"?, "files"?: [{"name", "mime", "data" (base64)}]}],
 "transcripts": {"key of a chat": [Entry]}, "calls": [Call]}
"""

import base64

from telegram_playground.control.stage import Stage
from telegram_playground.protocol.wire import Json
from telegram_playground.world.deeds import DEEDS, Deed

VERSION = 1


def taken(stage: Stage, *, since: float = float("-inf"), files: bool = True, calls: bool = True) -> Json:
    """Return what has happened since a time of the server's clock."""
    world = stage.world

    def is_told(deed: Deed) -> bool:
        return deed.command in DEEDS and deed.time >= since

    return {
        "playground_cassette": VERSION,
        "bots": [bot.control_json() for bot in world.bots.values()],
        "people": [user.json() for user in world.users.values() if not user.is_bot],
        "chats": [chat.control_json() for chat in world.chats.values()],
        "deeds": [_deed(deed, files=files) for deed in stage.deeds.all() if is_told(deed)],
        "transcripts": {key: chat.transcript.since(since) for key, chat in world.chats.items()},
        "calls": [call.json() for call in stage.calls.since(0, lambda _: True)] if calls else [],
    }


def _deed(deed: Deed, *, files: bool) -> Json:
    told: Json = {"time": deed.time, "command": deed.command, "arguments": deed.arguments, "made": deed.made}
    if deed.refused:
        told["refused"] = deed.refused
    if files and deed.uploads:
        told["files"] = [
            {"name": upload.name, "mime": upload.mime, "data": base64.b64encode(upload.data).decode()}
            for upload in deed.uploads
        ]
    return told
