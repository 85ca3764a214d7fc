"""What somebody did, as a line of Python that does it again."""

import base64
import textwrap
from collections.abc import Iterable, Mapping, Sequence

from telegram_playground.protocol.wire import Json
from telegram_playground.scenario.names import Names
from telegram_playground.scenario.trouble import troubled
from telegram_playground.world.deeds import TROUBLE, Deed, Upload
from telegram_playground.world.queries import Queries
from telegram_playground.world.state import World

_SENDING = frozenset({"send_album", "share", "forward", "guest", "web_app_data"})
_SETTING = ("bot", "edit_user")  # where nothing and false say something
_OF_MESSAGES = ("message_id", "reply_to")
_SHORT_BYTES = 60  # of a file that stands where it is sent
_PAGE = 100  # messages that People.messages returns
_LINE = 100  # characters of a longer one


class Sentences:
    """Deeds in words of Names.

    `present`: the messages of each chat, oldest first, as far as the test has come; `topics`: their names by then.
    """

    def __init__(
        self,
        names: Names,
        world: World,
        queries: Queries,
        *,
        present: Mapping[str, Sequence[int]],
        topics: Mapping[tuple[str, int], str],
    ) -> None:
        self._topics = topics
        self._names = names
        self._world = world
        self._queries = queries
        self._present = present
        self._files: dict[bytes, str] = {}

    def files(self) -> list[str]:
        """Return the constants that hold longer files."""
        return [_constant(name, data) for data, name in self._files.items()]

    def of(self, deed: Deed) -> list[str]:
        """Return the lines of one deed; a message that comes of it gets a name."""
        told, command = deed.arguments, deed.command
        if command in TROUBLE:
            return troubled(deed, self._names)
        if command == "press":
            return [*self._pressed(deed)]
        if command == "migrate":
            return [f"    {self._names.chat(deed.made['chat'])} = telegram.migrate({self._names.chat(told['chat'])})"]
        if command == "join":
            who, link = self._names.account(told["user"]), self._names.link(told["link"])
            return [f"    telegram.command('join', user={who}, link={link})"]
        if command == "pay":
            return self._paid(deed)
        if command == "choose" and not self._is_asked(told):
            return [f"    # not saved: {self._names.account(told['user'])} chose a result of a query that is forgotten"]
        if command == "choose":
            call = self._chosen(told)
        elif command == "write":
            call = f"telegram.write({self._place(told)}, {self._names.quoted(told['text'])}{self._more(deed, 'text')})"
        elif command == "send_file":
            (upload,) = deed.uploads
            file = f"{upload.name!r}, {self._file(upload)}, mime={upload.mime!r}"
            call = f"telegram.send_file({self._place(told)}, {file}{self._more(deed)})"
        else:
            verb = "send" if command in _SENDING else "command"
            ends = [f"{name}={value}" for name, value in self._ends(told).items()]
            uploads = [f"({each.name!r}, {each.mime!r}, {self._file(each)})" for each in deed.uploads]
            files = [f"files=[{', '.join(uploads)}]"] if uploads else []
            call = f"telegram.{verb}({', '.join([repr(command), *files, *ends])}{self._more(deed)})"
        messages = deed.made.get("messages", [])
        if not messages:
            return [f"    {call}"]
        return [f"    {self._names.add_message(told['chat'], messages[-1])} = {call}"]

    def _paid(self, deed: Deed) -> list[str]:
        """Return a payment; one that the bot does not let go on is refused in the test too."""
        told = deed.arguments
        ends = [f"{name}={value}" for name, value in self._ends(told).items()]
        if "link" in told:
            ends.append(f"link={self._names.link(told['link'])}")
        call = f"telegram.command('pay', {', '.join(ends)}{self._more(deed, 'link')})"
        if not deed.refused:
            return [f"    {call}"]
        words = deed.refused.partition(": ")[2].partition(":")[0]
        return [f"    with pytest.raises(PlaygroundError, match={words!r}):", f"        {call}"]

    def _is_asked(self, told: Json) -> bool:
        query = self._queries.get(told["inline_query_id"])
        return query is not None and query.is_typed and told["result_id"] in query.results

    def _pressed(self, deed: Deed) -> Iterable[str]:
        told = deed.arguments
        message = self._message(told["chat"], told["message_id"])
        keys = self._keys(told["chat"], told["message_id"], deed.time)
        label = told.get("label") or next((key["text"] for key in keys if key.get("data") == told.get("data")), "")
        is_clear = [key["text"] for key in keys].count(label) == 1
        key = self._names.quoted(label if is_clear else told.get("data"))
        call = f"telegram.press({self._place(told)}, {message}.message_id, {key})"
        answer = self._answer(deed)
        if not answer:  # nobody answers: a press would wait for it
            yield f"    expect({self._names.chat(told['chat'])}).to_have_button({key}, message={message})"
            by = "label" if is_clear else "data"
            ends = f"chat={self._names.chat(told['chat'])}, user={self._names.account(told['user'])}"
            yield f"    telegram.command('press', {ends}, message_id={message}, {by}={key})"
        elif answer.get("text"):
            yield f"    assert {call}['text'] == {self._names.quoted(answer['text'])}"
        else:
            yield f"    {call}"

    def _answer(self, deed: Deed) -> Json | None:
        """Return what a bot has answered to a press; None where it has not."""
        for entry in self._world.chats[deed.arguments["chat"]].transcript.entries:
            is_of_it = entry["kind"] == "callback" and entry["time"] >= deed.time
            if is_of_it and all(entry[name] == deed.arguments[name] for name in ("user", "message_id")):
                answer: Json | None = entry["answer"]
                return answer
        return None

    def _chosen(self, told: Json) -> str:
        query = self._queries.get(told["inline_query_id"])
        number = [*query.results].index(told["result_id"]) if query else 0
        bot = self._names.account(query.bot.id) if query else "bot"
        topic = f", topic={self._topic(told['chat'], told['topic'])}" if told.get("topic") else ""
        words = self._names.quoted(query.text if query else "")
        return f"telegram.choose({self._place(told)}, {bot}, {words}, {number}{topic})"

    def _place(self, told: Json) -> str:
        return f"{self._names.chat(told['chat'])}, {self._names.account(told['user'])}"

    def _ends(self, told: Json) -> dict[str, str]:
        ends = {"chat": self._names.chat(told["chat"])} if "chat" in told else {}
        return ends | {name: self._names.account(told[name]) for name in ("user", "bot") if name in told}

    def _more(self, deed: Deed, *left_out: str) -> str:
        """Return the other arguments, where they say something."""
        told = deed.arguments
        words = []
        for name, value in told.items():
            if name in ("chat", "user", "bot", *left_out) or value is None:
                continue
            if deed.command not in _SETTING and value in ("", [], False):
                continue
            if name in _OF_MESSAGES:
                of = self._message(told["chat"], value)
                words.append(f"{name}={of}" if name == "message_id" else f"{name}={of}.message_id")
            elif name == "message_ids":
                ids = ", ".join(f"{self._message(told['from'], each)}.message_id" for each in value)
                words.append(f"message_ids=[{ids}]")
            elif name == "edits":
                edits = [
                    f"{{'message_id': {self._message(told['chat'], each['message_id'])}.message_id, "
                    f"'text': {self._names.quoted(each['text'])}}}"
                    for each in value
                ]
                words.append(f"edits=[{', '.join(edits)}]")
            elif name in ("topic", "message_thread_id"):
                words.append(f"{name}={self._topic(told['chat'], value)}")
            elif name == "id":
                words.append(f"id={self._names.account(value)}")
            elif name in ("from", "group"):
                words.append(f"**{{{name!r}: {self._names.chat(value)}}}")
            elif name != "draft_id":
                words.append(f"{name}={self._names.quoted(value)}")
        if deed.command == "stop_draft" and "wait" not in told:
            words.append("wait=30")
        return "".join(f", {each}" for each in words)

    def _message(self, key: str, message_id: int) -> str:
        """Return a variable, or where a message without one stands: an event, the first piece of a long text."""
        known = self._names.message(key, message_id)
        if known:
            return known
        present = self._present.get(key, [])
        back = len(present) - present.index(message_id) if message_id in present else 1
        limit = f", limit={back}" if back > _PAGE else ""
        return f"telegram.messages({self._names.chat(key)}{limit})[-{back}]"

    def _topic(self, key: str, thread_id: int) -> str:
        return f"telegram.topic({self._names.chat(key)}, {self._topic_name(key, thread_id)!r}).thread_id"

    def _topic_name(self, key: str, thread_id: int) -> str:
        """Return what a topic is called when the test has come so far: bots name them, name them again, delete them."""
        topics = self._world.chats[key].topics
        return self._topics.get((key, thread_id)) or (topics[thread_id].name if thread_id in topics else "")

    def _keys(self, key: str, message_id: int, until: float) -> list[Json]:
        shown: list[list[Json]] = []
        for entry in self._world.chats[key].transcript.entries:
            if entry.get("message_id") == message_id and "keyboard" in entry and entry["time"] <= until:
                shown = entry["keyboard"]
        return [button for row in shown for button in row]

    def _file(self, upload: Upload) -> str:
        if len(upload.data) <= _SHORT_BYTES:
            return repr(upload.data)
        return self._files.setdefault(upload.data, f"FILE_{len(self._files) + 1}")


def _constant(name: str, data: bytes) -> str:
    lines = textwrap.wrap(base64.b64encode(data).decode(), _LINE)
    return "\n".join([f"{name} = base64.b64decode(", *(f"    {line!r}" for line in lines), ")"])
