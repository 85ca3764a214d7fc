"""Who takes part, and what was what then is now: ids of a cassette on the server where it is played again."""

import re
from collections.abc import Mapping
from typing import Any

from telegram_playground.cassette.tape import Tape
from telegram_playground.client import PlaygroundClient
from telegram_playground.protocol.wire import Json

_WORDS = frozenset({"text", "data", "quote", "caption", "comment", "query", "entities"})
_ID = re.compile(r"-?\d{6,}")  # shorter numbers mean something else
_SMALL = 99_999  # offsets and lengths
_SWITCHES = ("can_read_all_group_messages", "has_topics_enabled", "supports_guest_queries", "supports_inline_queries")


class Cast:
    """The accounts and chats of a cassette, made anew; a deed that made one of them makes it itself."""

    def __init__(self, tape: Tape, people: PlaygroundClient, tokens: Mapping[int, str]) -> None:
        self._tape = tape
        self._people = people
        self._tokens = tokens  # of bots that have another one now, by the id that they had
        self._users: dict[int, int] = {}
        self._chats: dict[str, str] = {}
        self._queries: dict[str, str] = {}
        self._ids: dict[int, int] = {}  # of chats, as bots know them

    async def enter(self) -> int:
        """Make who and what is there before the first deed; returns how many deeds that took."""
        steps = 0
        for bot in self._tape.raw["bots"]:
            given = {name: bot[name] for name in (*_SWITCHES, "username", "first_name")}
            made = await self._people.command("bot", token=self._tokens.get(bot["id"], bot["token"]), **given)
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
            self._met_chat(made["chat"], result)
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
        elif deed["command"] == "choose":
            found["result_id"] = self._result(told, now)
        return found

    def _argument(self, told: Json, name: str, value: Any, now: Tape) -> Any:
        match name:
            case "chat" | "from" | "group":
                return self._chat(value)
            case "user" | "bot":
                return self._users.get(value, value)
            case "members" | "bots":
                return [self._users.get(each, each) for each in value]
            case "token":
                return next((self._tokens.get(bot["id"], value) for bot in self._bots if bot["token"] == value), value)
            case "id" if told.keys() & {*_SWITCHES, "first_name", "username"}:  # of a bot
                return self._users.get(value, value)
            case "message_id" | "reply_to":
                return self._message(told.get("chat", ""), value, now)
            case "message_ids":
                return [self._message(told.get("from", ""), each, now) for each in value]
            case "edits":
                key = told.get("chat", "")
                return [each | {"message_id": self._message(key, each.get("message_id", 0), now)} for each in value]
            case "topic" | "message_thread_id":
                return self._topic(told.get("chat", ""), value, now)
            case "inline_query_id":
                return self._queries.get(value, value)
            case "link":
                links, fresh = self._tape.links(), now.links()
                return fresh[links.index(value)] if value in links and links.index(value) < len(fresh) else value
            case "draft_id":
                return None  # the one that there is
        return self._renamed(value) if name in _WORDS else value

    @property
    def _bots(self) -> list[Json]:
        bots: list[Json] = self._tape.raw["bots"]
        return bots

    def lacks(self, deed: Json, now: Tape) -> bool:
        """Tell whether a deed needs a link that the bot has not made yet."""
        link, links = deed["arguments"].get("link"), self._tape.links()
        return link in links and links.index(link) >= len(now.links())

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
        self._met_chat(chat["key"], made)
        return 1 + (len(chat["topics"]) if chat["type"] != "private" else 0)

    def _met_chat(self, key: str, chat: Json) -> None:
        self._chats[key] = chat["key"]
        former = self._tape.chat(key)
        if former:
            self._ids[former["id"]] = chat["id"]

    def _result(self, told: Json, now: Tape) -> str:
        """Return the id of the inline result that is now what was chosen then: bots make new ids for the same ones."""
        query_id, chosen = told.get("inline_query_id", ""), told.get("result_id", "")
        then, fresh = self._tape.results(query_id), now.results(self._queries.get(query_id, ""))
        ids = [each.get("id") for each in then]
        if chosen in [each.get("id") for each in fresh] or chosen not in ids:
            return str(chosen)
        number = ids.index(chosen)
        same = [each for each in fresh if each.get("title") and each["title"] == then[number].get("title")]
        return str(next((each["id"] for each in [*same, *fresh[number:]]), chosen))

    def _renamed(self, value: Any) -> Any:
        """Return words and what stands in them with the ids of people and chats that they have now."""
        if isinstance(value, dict):
            return {name: self._renamed(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self._renamed(each) for each in value]
        ids = self._ids | self._users
        if isinstance(value, str):
            return _ID.sub(lambda found: str(ids.get(int(found[0]), found[0])), value)
        return ids.get(value, value) if isinstance(value, int) and value > _SMALL else value

    def _chat(self, key: str) -> str:
        return self._chats.get(key, "")

    def _message(self, key: str, message_id: int, now: Tape) -> int:
        place = self._tape.place(key, message_id)
        return (now.at(self._chat(key), place) or 0) if place else 0

    def _topic(self, key: str, thread_id: int, now: Tape) -> int:
        if self._tape.place(key, thread_id):  # its id is that of the message which opened it
            return self._message(key, thread_id, now)
        before = [topic["message_thread_id"] for topic in self._tape.chat(key).get("topics", ())]
        after = [topic["message_thread_id"] for topic in now.chat(self._chat(key)).get("topics", ())]
        number = before.index(thread_id) if thread_id in before else len(after)
        return int(after[number]) if number < len(after) else 0
