"""Who takes part, and what was what then is now: ids of a cassette on the server where it is played again."""

from collections.abc import Iterable
from typing import Any

from telegram_playground.cassette.tape import Tape
from telegram_playground.client import PlaygroundClient
from telegram_playground.wire import Json

_SWITCHES = ("can_read_all_group_messages", "has_topics_enabled", "supports_guest_queries", "supports_inline_queries")


class Cast:
    """The accounts and chats of a cassette, made anew; a deed that made one of them makes it itself."""

    def __init__(self, tape: Tape, people: PlaygroundClient, token: str | None) -> None:
        self._tape = tape
        self._people = people
        self._token = token
        self._users: dict[int, int] = {}
        self._chats: dict[str, str] = {}
        self._queries: dict[str, str] = {}

    async def enter(self) -> int:
        """Make who and what is there before the first deed; returns how many deeds that took."""
        steps = 0
        for bot in self._tape.raw["bots"]:
            given = {name: bot[name] for name in (*_SWITCHES, "username", "first_name")}
            made = await self._people.command("bot", token=self._token or bot["token"], **given)
            self._users[bot["id"]] = made["id"]
            steps += 1
        later = [deed["made"] for deed in self._tape.deeds]
        users, chats = {made.get("user") for made in later}, {made.get("chat") for made in later}
        for user in self._tape.raw["people"]:
            if user["id"] not in users:
                told = {"language": user.get("language_code"), "last_name": user.get("last_name")}
                names = {"first_name": user["first_name"], "username": user.get("username"), **told}
                made = await self._people.command("add_user", **{name: value for name, value in names.items() if value})
                self._users[user["id"]] = made["id"]
                steps += 1
        for chat in self._tape.raw["chats"]:
            if chat["key"] not in chats:
                steps += await self._open(chat)
        return steps

    def met(self, deed: Json, result: Any) -> None:
        """Note who and what has come of a deed now."""
        made = deed["made"]
        if "chat" in made and isinstance(result, dict) and "key" in result:
            self._chats[made["chat"]] = result["key"]
        elif "user" in made and isinstance(result, dict):
            self._users[made["user"]] = result["id"]
        elif "query" in made and isinstance(result, dict):
            self._queries[made["query"]] = result["inline_query_id"]

    def arguments(self, deed: Json, now: Tape) -> Json:
        """Return a deed's arguments as they are now; what is not there now is 0 or "", which the server refuses."""
        told: Json = deed["arguments"]
        found = {name: self._argument(told, name, value, now) for name, value in told.items() if value is not None}
        if deed["command"] == "press":
            self._press(deed, found, now)
        return found

    def _argument(self, told: Json, name: str, value: Any, now: Tape) -> Any:
        match name:
            case "chat" | "from" | "group":
                return self._chat(value)
            case "user" | "bot":
                return self._users.get(int(value), value)
            case "members" | "bots":
                return [self._users.get(each, each) for each in value]
            case "token" if self._token:
                return self._token
            case "id" if told.keys() & {*_SWITCHES, "first_name", "username"}:  # of a bot
                return self._users.get(int(value), value)
            case "message_id" | "reply_to" if value != "":
                return self._message(told["chat"], int(value), now)
            case "message_ids":
                return [self._message(told["from"], each, now) for each in value]
            case "edits":
                return [{**each, "message_id": self._message(told["chat"], each["message_id"], now)} for each in value]
            case "topic" | "message_thread_id" if value != "":
                return self._topic(told["chat"], int(value), now)
            case "inline_query_id":
                return self._queries.get(value, value)
            case "link":
                links, fresh = self._tape.links(), now.links()
                return fresh[links.index(value)] if value in links and links.index(value) < len(fresh) else value
            case "draft_id":
                return self._draft(told["chat"], now)
        return value

    def _press(self, deed: Json, found: Json, now: Tape) -> None:
        """Have the key pressed that has the same label, where its data is another one now."""
        told, data = deed["arguments"], found.get("data")
        if any(key.get("data") == data for key in now.keys(found["chat"], found["message_id"])):
            return
        before = self._tape.keys(told["chat"], told["message_id"], until=deed["time"])
        label = next((key["text"] for key in before if key.get("data") == data), None)
        if data is not None and label is not None:
            found["label"] = label
            del found["data"]

    async def _open(self, chat: Json) -> int:
        members = [self._users[each["user"]] for each in chat["members"] if each["user"] in self._users]
        if chat["type"] == "private":
            bot, user = (self._users.get(int(part)) for part in chat["key"].split(":"))
            made = await self._people.command("private", user=user, bot=bot)
        else:
            bots = [self._users[bot] for bot in chat["bots"]]
            others = [member for member in members if member not in bots]
            made = await self._people.command(
                "add_group", title=chat["title"], members=others, bots=bots, kind=chat["type"], forum=chat["is_forum"]
            )
            for topic in chat["topics"]:
                await self._people.command("add_topic", chat=made["key"], name=topic["name"])
        self._chats[chat["key"]] = made["key"]
        return 1 + (len(chat["topics"]) if chat["type"] != "private" else 0)

    def _chat(self, key: str) -> str:
        return self._chats.get(key, "")

    def _message(self, key: str, message_id: int, now: Tape) -> int:
        place = self._tape.place(key, message_id)
        return (now.at(self._chat(key), place) or 0) if place else 0

    def _topic(self, key: str, thread_id: int, now: Tape) -> int:
        before = [topic["message_thread_id"] for topic in self._tape.chat(key)["topics"]]
        after = [topic["message_thread_id"] for topic in now.chat(self._chat(key)).get("topics", ())]
        number = before.index(thread_id) if thread_id in before else len(after)
        return int(after[number]) if number < len(after) else 0

    def _draft(self, key: str, now: Tape) -> int:
        entries: Iterable[Json] = now.raw["transcripts"].get(self._chat(key), ())
        return next((int(entry["draft_id"]) for entry in [*entries][::-1] if entry["kind"] == "draft"), 0)
