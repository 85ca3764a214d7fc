"""PDFs: kept as they came and as words; who reads one gets it whole, as far as there is room."""

import asyncio
from io import BytesIO
from pathlib import Path

import pytest
from aiogram import Bot
from aiogram.client.telegram import TelegramAPIServer
from aiogram.methods import GetFile, TelegramMethod
from aiogram.methods.base import TelegramType
from aiogram.types import File

from bot.extract.found import MAX_PAGES, Reason
from bot.storage.engine.shelf import Shelf
from bot.storage.exchanges.files import Files as Rows
from bot.work.attachments.download import EACH, Download
from bot.work.attachments.extraction import Extraction
from bot.work.attachments.files import Files
from bot.work.attachments.loading import TURNS, Loaded
from bot.work.attachments.transcription import Transcription
from providers.blocks import Attached, Block, Content, Document, Image, Text, holds_foreign, text_of
from providers.media.transcription import Transcriber
from tests.bot.extract.test_extract import pdf, pdf_of_words
from tests.bot.store import Store
from tests.bot.telegram import Telegram
from tests.clock import FakeClock

pytest.importorskip("pypdf")

ROOM = 1_000_000
READER: frozenset[type[Block]] = frozenset({Document, Image})


class Desk:
    """A question with one file, as often as it is asked."""

    def __init__(self, session: Telegram, store: Store, tmp_path: Path) -> None:
        session.api = TelegramAPIServer.from_base("http://127.0.0.1:9")
        self.session = session
        self.source = tmp_path / "source"
        rows, self.shelf = Rows(store.db, store.clock), Shelf(tmp_path / "files")
        hearing = Transcription(Transcriber([], clock=store.clock, silence_s=1))
        download = Download(Bot("1:a", session=session), store.clock)
        self.files = Files(rows, self.shelf, download, Extraction(), hearing, store.clock)
        self.store = store

    async def ask(
        self, data: bytes, takes: frozenset[type[Block]] = READER, *, room: int = ROOM, later: int = 0
    ) -> Loaded:
        """Have a file fetched, and put before a model; `later`: after so many further questions."""
        self.source.write_bytes(data)
        self.session.answers(GetFile, File(file_id="f", file_unique_id="u", file_path=str(self.source)))
        chat = await self.store.chats.get(1, provider="alpha")
        await self.store.accept(chat)
        question: Content = (Attached("f", False, "paper.pdf", len(data)), Text("Sum it up"))
        await self.files.load(1, [question], room=room, takes=takes)
        contents = [question, *[(Text("And?"),)] * later]
        return await self.files.load(1, contents, room=room, takes=takes)


@pytest.fixture
def desk(session: Telegram, store: Store, clock: FakeClock, tmp_path: Path) -> Desk:
    return Desk(session, store, tmp_path)


def documents(loaded: Loaded) -> list[Document]:
    return [block for content in loaded.contents for block in content if isinstance(block, Document)]


async def test_who_reads_a_pdf_gets_it_as_it_came_between_its_marks(desk: Desk) -> None:
    data = pdf_of_words("one", "two")

    loaded = await desk.ask(data)

    (content,) = loaded.contents
    head, document, end, question = content
    assert isinstance(document, Document)
    assert loaded.pictures[document.sha256] == data
    assert (document.name, document.media_type, document.size) == ("paper.pdf", "application/pdf", len(data))
    assert isinstance(head, Text)
    assert isinstance(end, Text)
    mark = end.text.strip()
    assert head.text == f"[file: paper.pdf; it stands between two marks {mark}]\n{mark}\n"
    assert question == Text("Sum it up")
    assert holds_foreign(loaded.contents[-1])
    assert loaded.has_documents
    assert loaded.parts == []


async def test_who_reads_none_gets_its_words(desk: Desk) -> None:
    loaded = await desk.ask(pdf_of_words("one", "two"), frozenset({Image}))

    assert documents(loaded) == []
    assert "[page 2]\ntwo" in text_of(loaded.contents[0])


async def test_of_many_pages_the_first_hundred_go_and_that_is_told(desk: Desk) -> None:
    loaded = await desk.ask(pdf(MAX_PAGES + 5))

    (document,) = documents(loaded)
    package = pytest.importorskip("pypdf")
    assert len(package.PdfReader(BytesIO(loaded.pictures[document.sha256])).pages) == MAX_PAGES
    assert f"pages 1–{MAX_PAGES} of {MAX_PAGES + 5}" in text_of(loaded.contents[0])
    assert [(part.read, part.of, part.is_pages) for part in loaded.parts] == [(MAX_PAGES, MAX_PAGES + 5, True)]


async def test_scans_are_read_by_who_reads_a_pdf_and_refused_for_all_others(desk: Desk) -> None:
    seen, blind = await desk.ask(pdf(2)), await desk.ask(pdf(2), frozenset({Image}))

    assert len(documents(seen)) == 1
    assert seen.missed == []
    assert [each.reason for each in blind.missed] == [Reason.NO_TEXT]


@pytest.mark.parametrize(("data", "why"), [(pdf(1, "secret"), Reason.LOCKED), (b"%PDF-1.7 no", Reason.BROKEN)])
async def test_what_is_locked_or_broken_is_no_matter_of_the_service(desk: Desk, data: bytes, why: Reason) -> None:
    loaded = await desk.ask(data)

    assert documents(loaded) == []
    assert [each.reason for each in loaded.missed] == [why]


async def test_where_there_is_no_room_its_words_go_as_far_as_they_fit(desk: Desk) -> None:
    loaded = await desk.ask(pdf_of_words("one", "two"), room=300)

    assert documents(loaded) == []
    assert "[page 1]\none" in text_of(loaded.contents[0])


async def test_it_is_sent_again_for_some_turns_then_as_words(desk: Desk) -> None:
    data = pdf_of_words("one", "two")

    found = [await desk.ask(data, later=later) for later in (TURNS, TURNS + 1)]

    assert [len(documents(each)) for each in found] == [1, 0]
    assert "[page 1]\none" in text_of(found[1].contents[0])


async def test_it_is_fetched_once_and_goes_with_its_question(desk: Desk, clock: FakeClock) -> None:
    await desk.ask(pdf_of_words("one"))
    await desk.ask(pdf_of_words("one"))

    assert len([call for call in desk.session.calls if isinstance(call, GetFile)]) == 1
    assert len(desk.shelf.names()) == 2


class Slow(Telegram):
    """Says where no file lies until `gate` is open; `begun` are those that it was asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.begun: list[str] = []

    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        if isinstance(method, GetFile):
            self.begun.append(method.file_id)
            await self.gate.wait()
        return await super().make_request(bot, method, timeout)


async def test_of_what_is_on_its_way_only_a_former_process_loses_its(
    session: Telegram, store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    former = Desk(session, store, tmp_path).shelf.scratch("a")
    desk = Desk(session, store, tmp_path)
    ours = desk.shelf.scratch("b")
    running = asyncio.ensure_future(desk.files.run())
    await clock.asleep()

    assert (former.exists(), ours.exists()) == (False, True)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_who_sends_files_in_many_chats_holds_no_more_places_than_in_one(store: Store, tmp_path: Path) -> None:
    session = Slow()
    files = Desk(session, store, tmp_path).files

    def load(person: int, question: int) -> "asyncio.Future[Loaded]":
        content = tuple(Attached(f"{person}.{question}.{number}", True, "", 9) for number in range(3))
        return asyncio.ensure_future(files.load(question, [content], room=ROOM, payer=(person, -question)))

    loads = [*(load(11, question) for question in (1, 2, 3)), load(12, 4)]
    for _ in range(30_000):  # turns: the database works in a thread
        if len(session.begun) == EACH + 3:
            break
        await asyncio.sleep(0.001)

    assert sum(name.startswith("11.") for name in session.begun) == EACH  # of nine
    for each in loads:
        each.cancel()
    await asyncio.gather(*loads, return_exceptions=True)
