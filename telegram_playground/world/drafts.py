"""Native streaming: drafts that a bot shows while it writes.

One draft per bot and thread of a private chat. It ends 30 s after its last update, with any message of the bot there,
with a draft of another id, or when the reader presses Stop.
"""

from telegram_playground.process.clock import Clock
from telegram_playground.process.tasks import Tasks
from telegram_playground.protocol.wire import Json
from telegram_playground.world.chats import Chat, Draft
from telegram_playground.world.feed import Feed
from telegram_playground.world.people import Bot

LIFETIME_S = 30.0  # core.telegram.org/api/config, message_typing_draft_ttl
_MAX_STOPPED = 100  # ids remembered per chat


class Drafts:
    """Shows and clears drafts."""

    def __init__(self, clock: Clock, feed: Feed, tasks: Tasks) -> None:
        self._clock = clock
        self._feed = feed
        self._tasks = tasks
        self._stopped: dict[str, list[tuple[int, int | None, int]]] = {}

    def show(
        self, chat: Chat, bot: Bot, draft_id: int, content: Json, *, thread_id: int | None, can_stop: bool, keep: bool
    ) -> None:
        """Show a draft, or its next state; one that the reader stopped is not shown again."""
        if (bot.id, thread_id, draft_id) in self._stopped.get(chat.key, ()):
            return
        place = (bot.id, thread_id)
        present = chat.drafts.get(place)
        if present and present.draft_id != draft_id:
            self._clear(chat, present, "replaced")
            present = None
        expires = self._clock.now() + LIFETIME_S
        draft = Draft(bot, draft_id, thread_id, content, can_stop, keep, expires)
        if present:
            present.content, present.can_stop, present.keep_on_stop = content, can_stop, keep
            present.expires = expires
            draft = present
        else:
            chat.drafts[place] = draft
            self._tasks.start(self._expire(chat, draft))
        self._tell(chat, draft, "draft")
        if self._feed.watched:
            self._feed.publish({"type": "draft", "time": self._clock.now(), "chat": chat.key, "draft": draft.json()})

    def clear(self, chat: Chat, bot: Bot, thread_id: int | None) -> None:
        """Take a draft off, because a message of the bot has arrived."""
        draft = chat.drafts.get((bot.id, thread_id))
        if draft:
            self._clear(chat, draft, "message")

    def stoppable(self, chat: Chat, draft_id: int | None, thread_id: int | None) -> Draft | None:
        """Return a draft with a Stop button, the newest one if none is named."""
        for draft in reversed(chat.drafts.values()):
            is_meant = draft_id in (None, draft.draft_id) and draft.thread_id == thread_id
            if is_meant and draft.can_stop and not draft.stopped:
                return draft
        return None

    def stop(self, chat: Chat, draft: Draft, *, as_string: bool) -> None:
        """Press Stop under a draft."""
        draft.stopped = True
        stopped = self._stopped.setdefault(chat.key, [])
        stopped.append((draft.bot.id, draft.thread_id, draft.draft_id))
        del stopped[:-_MAX_STOPPED]
        told: Json = {"chat": chat.json(), "draft_id": str(draft.draft_id) if as_string else draft.draft_id}
        if draft.thread_id is not None:
            told["message_thread_id"] = draft.thread_id
        draft.bot.updates.add("stopped_message_generation", told)
        if not draft.keep_on_stop:
            self._clear(chat, draft, "stopped")

    async def _expire(self, chat: Chat, draft: Draft) -> None:
        while chat.drafts.get((draft.bot.id, draft.thread_id)) is draft:
            left = draft.expires - self._clock.now()
            if left <= 0:
                self._clear(chat, draft, "expired")
                if not draft.stopped:
                    self._feed.neglected("draft_lost", draft.bot.id, "sendMessageDraft", chat.key)
                return
            await self._clock.sleep(left)

    def _clear(self, chat: Chat, draft: Draft, reason: str) -> None:
        del chat.drafts[draft.bot.id, draft.thread_id]
        self._tell(chat, draft, "clear", reason=reason)
        change = {"type": "clear", "time": self._clock.now(), "chat": chat.key, "reason": reason, "bot": draft.bot.id}
        change |= {"draft_id": draft.draft_id, "message_thread_id": draft.thread_id}
        self._feed.publish(change)

    def _tell(self, chat: Chat, draft: Draft, kind: str, **more: str) -> None:
        entry: Json = {"kind": kind, "time": self._clock.now(), "by": draft.bot.id, "draft_id": draft.draft_id, **more}
        if draft.thread_id is not None:
            entry["message_thread_id"] = draft.thread_id
        if kind == "draft":
            entry["text"] = draft.words()
            entry["entities"] = draft.content.get("entities", [])
        self._feed.record(chat.transcript, entry)
        self._feed.changed(chat.key)
