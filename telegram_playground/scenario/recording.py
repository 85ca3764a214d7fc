"""What people did in a chat, as a test: each thing that they did, and what the bot said to it."""

from collections.abc import Iterable, Sequence

from telegram_playground.scenario.heard import Heard
from telegram_playground.scenario.names import Names, end_of_name
from telegram_playground.scenario.opening import bot_lines, chat_lines, chats_with, is_about, people_lines
from telegram_playground.scenario.sentences import Sentences
from telegram_playground.wire import Json
from telegram_playground.world.chats import Chat
from telegram_playground.world.deeds import Deed
from telegram_playground.world.queries import Queries
from telegram_playground.world.state import World

_HEAD = '"""Recorded in the playground; run by: pytest --playground-url ADDRESS, with the bot started there."""\n'
_MAKING = frozenset({"private", "add_user", "add_group", "inline"})  # done at the beginning, or by what comes of them


def as_test(chat: Chat, world: World, deeds: Sequence[Deed], queries: Queries) -> str:
    """Return a test that does the same again, in this chat and those from which was forwarded into it.

    Raises ValueError where no bot had a part in it.
    """
    recording = _Recording(chats_with(chat, world, deeds), world, queries)
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
        self._sentences = Sentences(self._names, world, queries, self._present)
        self._made: set[tuple[str, int]] = set()  # messages that came of deeds
        self._lines: list[str] = []

    def meet(self, deeds: Sequence[Deed]) -> list[Deed]:
        """Name all who take part, and return what they did."""
        for chat in self.chats:
            self._names.enter(chat)
            for bot in chat.bots:
                self._names.meet_bot(bot)
        done = [deed for deed in deeds if not deed.refused and self._concerns(deed)]
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
        begun = _begun(done)
        bots = [self._world.bots[bot] for bot in self._names.bots]
        changes = [deed for deed in deeds if deed.time >= begun and any(is_about(deed, bot) for bot in bots)]
        return sorted([*done, *changes], key=lambda deed: deed.time)

    def _concerns(self, deed: Deed) -> bool:
        """Tell whether a deed is one of this test."""
        keys, told = {chat.key for chat in self.chats}, deed.arguments
        if deed.command in _MAKING or deed.command == "bot":
            return False
        if deed.command in ("edit_user", "set_photo"):
            return any(told.get("user") in chat.members for chat in self.chats)
        return deed.command == "advance" or told.get("chat") in keys or deed.made.get("joined") in keys

    @property
    def has_bots(self) -> bool:
        """Whether a bot takes part."""
        return bool(self._names.bots)

    def see(self, key: str, entry: Json) -> None:
        """Take what people saw next."""
        message_id, present = entry.get("message_id", 0), self._present[key]
        if entry["kind"] == "send":
            present.append(message_id)
        if entry["kind"] == "delete":
            self._heard.drop(key, message_id)
            if message_id in present:
                present.remove(message_id)
        elif entry["kind"] in ("send", "edit"):
            is_bots = entry["by"] in self._names.bots
            if is_bots or ("via" in entry and (entry["kind"] == "edit" or (key, message_id) not in self._made)):
                self._heard.take(key, entry)

    def do(self, deed: Deed) -> None:
        """Take what somebody did next, after what bots had said by then."""
        self.expect(until=deed.time)
        self._lines += self._sentences.of(deed)
        self._heard.done()

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
        bots = [self._world.bots[bot] for bot in self._names.bots]
        tokens = [f"TOKEN{f'_{number}' if number > 1 else ''} = {bot.token!r}" for number, bot in enumerate(bots, 1)]
        start = bot_lines(self._names, self._world, deeds, until=_begun(done))
        start += [*people_lines(self._names, deeds), *chat_lines(self._names, deeds)]
        head = [_HEAD, *imports, *tokens, *files, "", "", f"def test_{name}(telegram, expect):"]
        return "\n".join([*head, *start, "", *self._lines]) + "\n"


def _begun(deeds: Iterable[Deed]) -> float:
    """Return when the first of these was done."""
    return min((deed.time for deed in deeds), default=float("inf"))


def _words_of(chat: Chat) -> str:
    """Return what the test is called by."""
    return end_of_name(chat.title or (chat.user.first_name if chat.user else "")) or "chat"
