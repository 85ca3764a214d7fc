"""A world as rows by name, of which a save writes those that have changed; and a world made of such rows again."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from telegram_playground.control.stage import Stage
from telegram_playground.keeping.file import Changes, Unusable
from telegram_playground.keeping.things import blank, filled, read, write, written
from telegram_playground.process.clock import MovableClock
from telegram_playground.protocol.wire import Json
from telegram_playground.world.chats import Chat, Message
from telegram_playground.world.files import File
from telegram_playground.world.membership import lift
from telegram_playground.world.state import WEBHOOKS
from telegram_playground.world.voting import expire

_TABLES = ("inline", "polls", "invoices", "invoice_links", "payments", "sticker_sets")
_LEAP = 1000  # ids that are passed over after a kill: the last ones may have been used by then
_Mark = tuple[object, ...]


class Shelf:
    """Knows what of a world is written already."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._world = stage.world
        self._rows: dict[str, int] = {}  # the hash of each row that was written
        self._messages: dict[str, dict[int, _Mark]] = {}
        self._files: set[str] = set()

    def changes(self, *, clean: bool) -> Changes:
        """Return what is not written yet; `clean`: nothing comes after it. Counts as written from now on."""
        changes = Changes()
        for name, value in self._small(clean=clean):
            body = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
            if self._rows.get(name) != (mark := hash(body)):
                changes.things[name] = body
                self._rows[name] = mark
        self._forget(changes)
        touched = self._world.feed.touched
        for key, chat in self._world.chats.items():
            if key in touched or key not in self._messages:
                self._look(changes, key, chat)
        touched.clear()
        self._look_at_files(changes)
        return changes

    def put_back(self, things: Mapping[str, str], files: Iterable[tuple[str, bytes]]) -> None:
        """Make the world what the rows say; raises Unusable where they do not fit together."""
        rows = {name: json.loads(body) for name, body in things.items()}
        if "server" not in rows:
            return
        try:
            for body, data in files:
                self._put_file(json.loads(body), data)
            self._put(rows)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise Unusable(f"the state does not fit together: {error}") from error
        self._rows = {name: hash(body) for name, body in things.items() if not name.startswith("message/")}
        for key, chat in self._world.chats.items():
            self._messages[key] = {number: _mark(message) for number, message in chat.messages.items()}

    def _small(self, *, clean: bool) -> Iterable[tuple[str, Json]]:
        """Yield all rows but those of messages and files."""
        world = self._world
        for user in world.users.values():
            yield f"user/{user.id}", written(world, user)
        for bot in world.bots.values():
            yield f"bot/{bot.id}", {**written(world, bot), "updates": bot.updates.kept()}
        for chat in world.chats.values():
            yield f"chat/{chat.key}", written(world, chat)
        for table in _TABLES:
            yield table, {"rows": write(world, dict(getattr(world, table)))}
        yield "server", self._server(clean=clean)

    def _server(self, *, clean: bool) -> Json:
        world = self._world
        return {
            "clean": clean,
            "ahead_s": world.clock.ahead_s if isinstance(world.clock, MovableClock) else 0.0,
            "options": world.options.json(),
            "last_ids": [*world.roster.last_ids],
            "files": world.files.numbered,
            "order": {"User": [*world.users], "Bot": [*world.bots], "Chat": [*world.chats]},
        }

    def _look(self, changes: Changes, key: str, chat: Chat) -> None:
        """Find the messages of a chat that are new, changed or gone."""
        before = self._messages.get(key, {})
        now = {number: _mark(message) for number, message in chat.messages.items()}
        self._messages[key] = now
        changes.gone += [f"message/{key}/{number}" for number in before.keys() - now.keys()]
        for number, mark in now.items():
            if before.get(number) != mark:
                body = written(self._world, chat.messages[number])
                changes.things[f"message/{key}/{number}"] = json.dumps(body, ensure_ascii=False, separators=(",", ":"))

    def _look_at_files(self, changes: Changes) -> None:
        files = self._world.files
        for file_id in files.ids():
            file = files.get(file_id) if file_id not in self._files else None
            if file:
                changes.files.append((file_id, json.dumps(written(self._world, file)), file.data))
        changes.gone_files = [*(self._files - files.ids())]
        self._files = set(files.ids())

    def _forget(self, changes: Changes) -> None:
        """Find what a reset, or time, has taken away."""
        world = self._world
        there = {f"user/{user}" for user in world.users} | {f"bot/{bot}" for bot in world.bots}
        there |= {f"chat/{key}" for key in world.chats} | {*_TABLES, "server"}
        for name in self._rows.keys() - there:
            changes.gone.append(name)
            del self._rows[name]
        for key in self._messages.keys() - world.chats.keys():
            changes.gone += [f"message/{key}/{number}" for number in self._messages.pop(key)]

    def _put_file(self, told: Json, data: bytes) -> None:
        file: File = blank("File")
        object.__setattr__(file, "data", data)
        filled(self._world, file, told)
        self._world.files.put_back(file)
        self._files.add(file.file_id)

    def _put(self, rows: dict[str, Json]) -> None:
        """Make blank things first, so that each finds the others it refers to."""
        world, server = self._world, rows["server"]
        if isinstance(world.clock, MovableClock):
            world.clock.move(float(server["ahead_s"]))
        for kind, place in (("User", world.users), ("Bot", world.bots), ("Chat", world.chats)):
            for key in server["order"][kind]:
                place[key] = blank(kind)
        for name, told in rows.items():
            kind, _, key = name.partition("/")
            match kind:
                case "user":
                    filled(world, world.users[int(key)], told)
                case "chat":
                    world.chats[key].key = key
                    world.chats[key].messages = {}
        for key, message_id in sorted(_messages(rows)):
            world.chats[key].messages[message_id] = blank("Message")
        for name, told in rows.items():
            kind, _, key = name.partition("/")
            match kind:
                case "bot":
                    filled(world, world.bots[int(key)], told)
                    world.bots[int(key)].updates = world.updates(1)
                    world.bots[int(key)].updates.put_back(told["updates"])
                case "chat":
                    chat, messages = world.chats[key], world.chats[key].messages
                    filled(world, chat, told)
                    chat.messages = messages
                case "message":
                    where, _, number = key.rpartition("/")
                    filled(world, world.chats[where].messages[int(number)], told)
        for table in _TABLES:
            getattr(world, table).update(read(world, rows[table]["rows"]))
        self._go_on(server)

    def _go_on(self, server: Json) -> None:
        """Take up what a server has beside its things."""
        world = self._world
        world.files.go_on(server["files"])
        world.roster.go_on(server["last_ids"], world.chats.values())
        world.kept.put_back([message for chat in world.chats.values() for message in chat.messages.values()])
        self._stage.set_options(world.options.changed(server["options"]))
        if not server["clean"]:
            for bot in world.bots.values():
                bot.updates.leap(_LEAP)
                bot.last_message_id += _LEAP
            for chat in world.chats.values():
                chat.last_message_id += _LEAP
        for poll in world.polls.values():
            if poll.close_date and not poll.is_closed:
                world.tasks.start(expire(world, poll))
        for chat in world.chats.values():
            for member in chat.members.values():
                if member.until:
                    world.tasks.start(lift(world, chat, member))
        world.feed.changed(WEBHOOKS)


def _mark(message: Message) -> _Mark:
    """Return what a message is known again by; its content is replaced where it changes, never changed itself."""
    return (
        message.content,
        message.markup,
        message.extra,
        message.edit_date,
        message.inline_id,
        message.is_read,
        tuple(message.reactions.items()),
    )


def _messages(rows: Mapping[str, Any]) -> Iterable[tuple[str, int]]:
    for name in rows:
        if name.startswith("message/"):
            key, _, number = name.removeprefix("message/").rpartition("/")
            yield key, int(number)
