"""Files: what people attach to their questions is fetched, read and kept, and put in front of the model.

A prompt's row names a file by Telegram's id, for ever. What was read of it is a row and bytes on the shelf: a process
that is killed anywhere before has changed nothing, and the next one fetches it again. The bytes of a picture go to the
model, the words of a document stand in the text, between two marks that nobody can guess.
"""

import asyncio
import logging
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from bot.clock import Clock
from bot.extract.found import Found, Reason, Unread
from bot.storage.engine.shelf import Shelf
from bot.storage.exchanges.files import AT_ONCE
from bot.storage.exchanges.files import Files as Rows
from bot.storage.people.usage import Spent, Took, picodollars
from bot.storage.tables import File
from bot.work.attachments.download import MAX_FILE, WHOLE_S, Download
from bot.work.attachments.extraction import Extraction, recording
from bot.work.attachments.loading import MAX_FILES, MAX_SENT, PDF, WHOLE, Loaded, Loading
from bot.work.attachments.sound import ALL
from bot.work.attachments.transcription import Transcription
from providers.base import Media
from providers.blocks import Attached, Audio, Block, Content, Image, label

log = logging.getLogger(__name__)

PRUNE_S = 3600.0
PAUSE_S = 0.02  # between some and the next ones: others come in
MADE = "made:"  # begins the name under which a picture of a model is kept
NOBODY = (0, 0)
Counted = tuple[int, int, int, int]


class Files:
    """Fetches, keeps and forgets files."""

    def __init__(
        self,
        rows: Rows,
        shelf: Shelf,
        download: Download,
        extraction: Extraction,
        hearing: Transcription,
        clock: Clock,
    ) -> None:
        self._rows = rows
        self._shelf = shelf
        self._download = download
        self._extraction = extraction
        self._hearing = hearing
        self._clock = clock
        self._keeping = asyncio.Lock()  # nothing is forgotten between the bytes and their row
        shelf.sweep()  # before any answer can have something on its way

    async def run(self) -> None:
        """Forget what nobody holds, now and then."""
        while True:
            after: str | None = ""
            while after is not None:
                async with self._keeping:
                    gone, after = await self._rows.prune(after)
                    await asyncio.to_thread(self._shelf.remove, gone)
                await self._clock.sleep(PAUSE_S)
            names = await asyncio.to_thread(self._shelf.names)
            for at in range(0, len(names), AT_ONCE):
                async with self._keeping:
                    orphans = await self._rows.missing(names[at : at + AT_ONCE])
                    await asyncio.to_thread(self._shelf.remove, orphans)
                await self._clock.sleep(PAUSE_S)
            await self._clock.sleep(PRUNE_S)

    async def load(
        self,
        prompt_id: int,
        contents: Sequence[Content],
        *,
        room: int,
        takes: Collection[type[Block]] = (),
        payer: tuple[int, int] = NOBODY,
    ) -> Loaded:
        """Put what was read of their files into a conversation's contents, the newest last, whose files are fetched.

        `room`: how many bytes of documents the model takes, those of the newest first. `takes`: what it is sent as it
        is, recordings and PDFs; for another one those of the newest content are written down, once, or their words
        sent. `payer`: for whom that counts, and in which chat of Telegram's.
        """
        if not any(isinstance(block, Attached) for content in contents for block in content):
            return Loaded(list(contents), {})
        missed = await self._fetch(prompt_id, contents[-1], payer[0])
        room_heard = MAX_SENT if Audio in takes else 0
        unheard = await self._hear(prompt_id, contents[-1], missed, room=room_heard, payer=payer)
        ids = {block.file_id for content in contents for block in content if isinstance(block, Attached)}
        known = await self._rows.known([*ids, *map(WHOLE.__add__, ids)])
        loading = Loading(known, self._shelf, missed | unheard, room, takes)
        return await asyncio.to_thread(loading.load, contents)

    async def keep(self, prompt_id: int, pictures: Sequence[Media]) -> list[Image]:
        """Keep pictures that answer a prompt, as long as that is there. Raises OSError."""
        rows = [await self._keep_made(prompt_id, MADE, media.data, media.media_type) for media in pictures]
        return [Image(row.sha256, row.media_type, "", row.size, is_foreign=False) for row in rows]

    async def made(self, images: Sequence[Image]) -> dict[str, bytes]:
        """Return the bytes of pictures that were kept, by SHA-256, as far as they are there."""
        found = {each.sha256: await asyncio.to_thread(self._shelf.get, each.sha256) for each in images}
        return {sha256: data for sha256, data in found.items() if data is not None}

    async def spoken(self, name: str) -> tuple[bytes, str] | None:
        """Return a recording that was kept under a name, and its media type."""
        row = (await self._rows.known([name])).get(name)
        data = await asyncio.to_thread(self._shelf.get, row.sha256) if row else None
        return (data, row.media_type) if row and data is not None else None

    async def keep_spoken(
        self, prompt_id: int, name: str, data: bytes, media_type: str, spent: Spent | None = None
    ) -> None:
        """Keep a recording of an answer under a name, and count what it took. Raises OSError."""
        await self._keep_made(prompt_id, name, data, media_type, spent)

    async def _keep_made(
        self, prompt_id: int, name: str, data: bytes, media_type: str, spent: Spent | None = None
    ) -> File:
        async with self._keeping:
            sha256 = await asyncio.to_thread(self._shelf.put, data)
            row = File(
                telegram_file_id=f"{name}{sha256}" if name == MADE else name,
                sha256=sha256,
                media_type=media_type,
                name="",
                size=len(data),
                tag="",
                pages=0,
                pages_read=0,
                characters=0,
                characters_read=0,
                transcript=None,
            )
            await self._rows.hold(prompt_id, [row], spent)
        return row

    async def _hear(
        self, prompt_id: int, content: Content, missed: Mapping[str, Reason], *, room: int, payer: tuple[int, int]
    ) -> dict[str, Reason]:
        """Have the recordings of a question written down, but for those that the model hears: `room` bytes of them.

        Return why some are not, by their ids.
        """
        wanted = {block.file_id for block in content if isinstance(block, Attached) and block.is_heard} - missed.keys()
        rows = [row for row in (await self._rows.known(wanted)).values() if row.media_type in ALL]
        unheard: dict[str, Reason] = {}
        if sum(row.size for row in rows) > room:
            for row in rows:
                if row.transcript is None:
                    try:
                        await self._write_down(prompt_id, row, payer)
                    except Unread as unread:
                        log.info("file not heard prompt=%s reason=%s", prompt_id, unread.reason)
                        unheard[row.telegram_file_id] = unread.reason
        return unheard

    async def _write_down(self, prompt_id: int, row: File, payer: tuple[int, int]) -> None:
        """Keep what is said in a recording, and count what it took. Raises Unread."""
        data = await asyncio.to_thread(self._shelf.get, row.sha256)
        if data is None:
            raise Unread(Reason.LOST)
        heard = await self._hearing.hear(data, row.media_type, of=payer[0])
        row.transcript = heard.text
        spent = None
        if usage := heard.usage:
            took = Took(heard.by, usage.prompt_tokens + usage.completion_tokens, picodollars(usage.cost))
            spent = Spent(*payer, took)
        async with self._keeping:
            await self._rows.hold(prompt_id, [row], spent)

    async def _fetch(self, prompt_id: int, content: Content, person: int) -> dict[str, Reason]:
        """Fetch the files of a question that are not there; return why some are not, by their ids."""
        attached = list({block.file_id: block for block in content if isinstance(block, Attached)}.values())
        missed = {block.file_id: Reason.TOO_MANY for block in attached[MAX_FILES:]}
        wanted = attached[:MAX_FILES]
        ids = [block.file_id for block in wanted]
        known = await self._rows.known([*ids, *map(WHOLE.__add__, ids)])
        is_there = await asyncio.to_thread(lambda: {id_: self._shelf.get(row.sha256) for id_, row in known.items()})
        held = [row for id_, row in known.items() if is_there[id_] is not None or row.transcript is not None]
        await self._rows.hold(prompt_id, held)
        until = self._clock.now() + WHOLE_S
        async with asyncio.TaskGroup() as group:
            here = {row.telegram_file_id.removeprefix(WHOLE) for row in held}
            tasks = {
                block.file_id: group.create_task(self._get(prompt_id, block, until, person))
                for block in wanted
                if block.file_id not in here
            }
        return missed | {id_: reason for id_, task in tasks.items() if (reason := task.result())}

    async def _get(self, prompt_id: int, block: Attached, until: float, person: int) -> Reason | None:
        """Fetch, read and keep one file; return why that failed."""
        try:
            await self._keep(prompt_id, block, await self._read(block, until, person))
        except Unread as unread:
            log.info("file not read prompt=%s reason=%s", prompt_id, unread.reason)
            return unread.reason
        except OSError as error:
            log.warning("file not kept prompt=%s error=%s", prompt_id, error.strerror)
            return Reason.NO_ROOM
        return None

    async def _read(self, block: Attached, until: float, person: int) -> Found:
        if block.size > MAX_FILE:
            raise Unread(Reason.TOO_BIG)
        part = await asyncio.to_thread(self._shelf.scratch, secrets.token_hex(16))
        try:
            await self._download.fetch(block.file_id, part, of=person, until=until)
            if block.is_heard:
                return await asyncio.to_thread(recording, part, is_film=block.is_film)
            found = await self._extraction.read(part, block.name, of=person)
            if found.pdf and not found.pdf.body:  # as it came
                whole = replace(found.pdf, body=await asyncio.to_thread(part.read_bytes))
                found = replace(found, pdf=whole)
            return found
        finally:
            await asyncio.to_thread(part.unlink, missing_ok=True)

    async def _keep(self, prompt_id: int, block: Attached, found: Found) -> None:
        counted = (found.pages, found.pages_read, found.characters, found.characters_read)
        async with self._keeping:
            rows = [await self._kept(block.file_id, block, found.body, found.media_type, counted)] * bool(found.body)
            if pdf := found.pdf:
                pages = (pdf.of, pdf.pages, 0, 0)
                rows.append(await self._kept(f"{WHOLE}{block.file_id}", block, pdf.body, PDF, pages, found.wordless))
            await self._rows.hold(prompt_id, rows)

    async def _kept(
        self, name: str, block: Attached, data: bytes, media_type: str, counted: Counted, wordless: Reason | None = None
    ) -> File:
        """Put bytes on the shelf; return their row."""
        pages, pages_read, characters, characters_read = counted
        return File(
            telegram_file_id=name,
            sha256=await asyncio.to_thread(self._shelf.put, data),
            media_type=media_type,
            name=label(block.name),
            size=len(data),
            tag=secrets.token_hex(6),
            pages=pages,
            pages_read=pages_read,
            characters=characters,
            characters_read=characters_read,
            transcript=None,
            wordless=wordless,
        )
