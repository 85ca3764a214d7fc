"""What people did in a chat, as a test: each thing that they did, and what the bot said to it."""

from collections.abc import Iterable, Sequence

from telegram_playground.protocol.wire import Json
from telegram_playground.scenario.heard import Heard
from telegram_playground.scenario.links import name_links, paid_in
from telegram_playground.scenario.names import Names, end_of_name
from telegram_playground.scenario.opening import bot_lines, chat_lines, chats_with, is_about, people_lines
from telegram_playground.scenario.sentences import Sentences
from telegram_playground.scenario.trouble import is_about as is_trouble_of
from telegram_playground.world.calls import Calls
from telegram_playground.world.chats import Chat
from telegram_playground.world.deeds import TROUBLE, Deed
from telegram_playground.world.queries import Queries
from telegram_playground.world.state import World

_HEAD = '"""Recorded in the playground; run by: pytest --playground-url ADDRESS, with the bot started there."""\n'
_MAKING = frozenset({"private", "add_user", "add_group"})  # done at the beginning
_NOT_AGREED = ("Bad Request: no payment", "Bad Request: no delivery")  # a bot was asked, and has answered


def as_test(chat: Chat, world: World, deeds: Sequence[Deed], queries: Queries, calls: Calls) -> str:
    """Return a test that does the same again, in this chat and those without which it cannot be.

    Raises ValueError where no bot had a part in it.
    """
    recording = _Recording(chats_with(chat, world, deeds, calls), world, queries)
    done = recording.meet(deeds)
    events: list[tuple[float, int, Deed | tuple[str, Json]]] = [(deed.time, 0, deed) for deed in done]
    for each in recording.chats:
        events += [(entry["time"], 1, (each.key, entry)) for entry in each.transcript.entries]
    for _, _, event in sorted(events, key=lambda event: event[:2]):
        if isinstance(event, Deed):
            recording.do(event)
        else:
            recording.see(*event)
    recording.expect()
    if not recording.has_bots:
        raise ValueError("nobody did anything with a bot in the chat")
    return recording.text(deeds, done, _words_of(chat))


class _Recording:
    """The lines of a test, in the order in which things happened."""

    def __init__(self, chats: Iterable[Chat], world: World, queries: Queries) -> None:
        self.chats = [*chats]
        self._world = world
        self._names = Names()
        self._heard = Heard(self._names)
        self._present: dict[str, list[int]] = {chat.key: [] for chat in self.chats}
        self._topics: dict[tuple[str, int], str] = {}
        self._sentences = Sentences(self._names, world, queries, present=self._present, topics=self._topics)
        self._asking: set[int] = set()  # people who have asked to join
        self._made: set[tuple[str, int]] = set()  # messages that came of deeds
        self._lines: list[str] = []

    def meet(self, deeds: Sequence[Deed]) -> list[Deed]:
        """Name all who take part, and return what they did."""
        for chat in self.chats:
            self._names.enter(chat)
            for bot in chat.bots:
                self._names.meet_bot(bot)
        chosen = {deed.arguments["inline_query_id"] for deed in deeds if deed.command == "choose"}
        done = [deed for deed in deeds if self._concerns(deed) and deed.made.get("query") not in chosen]
        for deed in done:
            for name in ("user", "bot"):
                who = self._world.users.get(deed.arguments.get(name, 0))
                if who and who.is_bot:
                    self._names.meet_bot(who.id)
                elif who:
                    self._names.meet(who)
            self._made |= {(deed.arguments.get("chat", ""), each) for each in deed.made.get("messages", ())}
        for chat in self.chats:
            for member in chat.members.values():
                self._names.meet(member.user)
        name_links(self._names, self._world)
        begun = _begun(done)
        bots = [self._world.bots[bot] for bot in self._names.bots]
        changes = [deed for deed in deeds if deed.time >= begun and any(is_about(deed, bot) for bot in bots)]
        return sorted([*done, *changes, *self._trouble(deeds, done)], key=lambda deed: deed.time)

    def _trouble(self, deeds: Sequence[Deed], done: Sequence[Deed]) -> list[Deed]:
        """Return the trouble that was made meanwhile, and just before."""
        first = next((number for number, deed in enumerate(deeds) if any(deed is each for each in done)), len(deeds))
        while first and deeds[first - 1].command in {*TROUBLE, *_MAKING, "bot"}:
            first -= 1
        trouble = [deed for deed in deeds[first:] if deed.command in TROUBLE and not deed.refused]
        return [deed for deed in trouble if is_trouble_of(deed, self._names)]

    def _concerns(self, deed: Deed) -> bool:
        """Tell whether a deed is one of this test."""
        keys, told = {chat.key for chat in self.chats}, deed.arguments
        if deed.command == "pay" and (not deed.refused or deed.refused.startswith(_NOT_AGREED)):
            return paid_in(self._world, deed) in keys
        if deed.refused or deed.command in _MAKING or deed.command in TROUBLE or deed.command == "bot":
            return False
        if deed.command in ("edit_user", "set_photo"):
            return any(told.get("user") in chat.members for chat in self.chats)
        joined = deed.made.get("joined", deed.made.get("asked"))
        return deed.command == "advance" or told.get("chat") in keys or joined in keys

    @property
    def has_bots(self) -> bool:
        """Whether a bot takes part."""
        return bool(self._names.bots)

    def see(self, key: str, entry: Json) -> None:
        """Take what people saw next."""
        message_id, present = entry.get("message_id", 0), self._present[key]
        if "topic" in entry:
            self._topics[key, entry["message_thread_id"]] = entry["topic"]
        if entry["kind"] == "send":
            present.append(message_id)
        if entry["kind"] == "delete":
            self._heard.drop(key, message_id)
            if message_id in present:
                present.remove(message_id)
        elif entry["kind"] in ("send", "edit"):
            is_bots = entry["by"] in self._names.bots
            has_come = entry.get("shows") == "new_chat_members" and entry["by"] in self._asking
            is_via = "via" in entry and (entry["kind"] == "edit" or (key, message_id) not in self._made)
            if is_bots or has_come or is_via:
                self._heard.take(key, entry)

    def do(self, deed: Deed) -> None:
        """Take what somebody did next, after what bots had said by then."""
        self.expect(until=deed.time)
        self._lines += self._sentences.of(deed)
        if "asked" in deed.made:
            self._asking.add(deed.arguments["user"])
        self._heard.done(deed.time)

    def expect(self, *, until: float = float("inf")) -> None:
        """Expect what bots said by now."""
        later: dict[tuple[str, int], str] = {}
        for chat in self.chats:
            for entry in chat.transcript.entries:
                if entry["kind"] == "edit" and entry["time"] >= until:
                    later.setdefault((chat.key, entry["message_id"]), entry["text"])
        self._lines += self._heard.lines(later)

    def text(self, deeds: Sequence[Deed], done: Sequence[Deed], name: str) -> str:
        """Return the whole test."""
        files = self._sentences.files()
        imports = ["import base64", ""] if files else []
        if any("pytest.raises(" in line for line in self._lines):
            imports += ["import pytest", "", "from telegram_playground.client import PlaygroundError", ""]
        bots = [self._world.bots[bot] for bot in self._names.bots]
        tokens = [f"TOKEN{f'_{number}' if number > 1 else ''} = {bot.token!r}" for number, bot in enumerate(bots, 1)]
        start = bot_lines(self._names, self._world, deeds, until=_begun(done))
        start += [*people_lines(self._names, deeds), *chat_lines(self._names, deeds)]
        start += self._unknown()
        head = [_HEAD, *imports, *tokens, *files, "", "", f"def test_{name}(telegram, expect):"]
        return "\n".join([*head, *start, "", *self._lines]) + "\n"

    def _unknown(self) -> list[str]:
        """Return a comment where there are messages of which nobody knows any more how they came."""
        count = 0
        for chat in self.chats:
            seen = {entry.get("message_id") for entry in chat.transcript.entries}
            count += sum(message_id not in seen for message_id in chat.messages)
        return [f"    # not saved: {count} messages that were there before this server was started"] if count else []


def _begun(deeds: Iterable[Deed]) -> float:
    """Return when the first of these was done."""
    return min((deed.time for deed in deeds), default=float("inf"))


def _words_of(chat: Chat) -> str:
    """Return what the test is called by."""
    return end_of_name(chat.title or (chat.user.first_name if chat.user else "")) or "chat"
