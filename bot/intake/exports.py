"""Exports: makes the files that people ask for beside intake, one at a time, and posts them.

They are made from the rows and live in memory alone: a kill loses one, and the button makes it again.
"""

import asyncio
import logging
from dataclasses import dataclass

from aiogram.methods import SendDocument
from aiogram.types import BufferedInputFile

from bot.intake.export import Sign, body, head, tail
from bot.intake.notice import Post
from bot.storage.conversations.conversations import Conversations
from bot.storage.conversations.trees import Trees
from bot.texts import Texts

log = logging.getLogger(__name__)

MAX_BYTES = 45_000_000  # of the 50 MB that a bot may send, core.telegram.org/bots/api#senddocument


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants which conversations of a chat (`chat_id`, ours; None: all) in which form, and where to."""

    chat_id: int
    conversation_id: int | None
    form: str
    telegram_id: int
    thread_id: int | None
    user_id: int
    texts: Texts


class Exports:
    """Makes the files while `run` runs; of each chat one waits at the most."""

    def __init__(self, conversations: Conversations, trees: Trees, post: Post, sign: Sign) -> None:
        self._conversations = conversations
        self._trees = trees
        self._post = post
        self._sign = sign
        self._wishes: asyncio.Queue[Wish] = asyncio.Queue()
        self._waiting: set[int] = set()

    def want(self, wish: Wish) -> bool:
        """Have a file made soon; False where one is being made for that chat."""
        if wish.chat_id in self._waiting:
            return False
        self._waiting.add(wish.chat_id)
        self._wishes.put_nowait(wish)
        return True

    async def run(self) -> None:
        """Make what is wanted, for ever. Raises DatabaseDamaged."""
        while True:
            await self.make(await self._wishes.get())

    async def next(self) -> None:
        """Make the next one that is wanted."""
        await self.make(self._wishes.get_nowait())

    async def make(self, wish: Wish) -> None:
        """Make one file and post it; nothing where nothing is left of it meanwhile."""
        try:
            file = await self._file(wish)
        finally:
            self._waiting.discard(wish.chat_id)
        if file is not None:
            self._post.post(file, by=wish.user_id)

    async def _file(self, wish: Wish) -> SendDocument | None:
        one = wish.conversation_id
        ids = [one] if one is not None else await self._conversations.ids(wish.chat_id)
        written, count = bytearray(head(wish.form).encode()), 0
        for conversation_id in ids:
            tree = await self._trees.of(wish.chat_id, conversation_id)
            if tree is None:
                continue
            piece = await asyncio.to_thread(body, tree, wish.form, wish.texts, self._sign, is_first=not count)
            encoded = piece.encode(errors="replace")
            if count and len(written) + len(encoded) > MAX_BYTES:
                break
            written += encoded
            count += 1
        if not count:
            return None
        log.info("exported chat=%s conversations=%s bytes=%s", wish.chat_id, count, len(written))
        name = f"conversation-{one}.{wish.form}" if one is not None else f"conversations.{wish.form}"
        full = wish.texts.export_full.format(count=count, total=len(ids)) if count < len(ids) else None
        return SendDocument(
            chat_id=wish.telegram_id,
            message_thread_id=wish.thread_id,
            document=BufferedInputFile(bytes(written) + tail(wish.form).encode(), filename=name),
            caption=full,
        )
