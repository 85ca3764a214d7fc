"""The work: all that makes answers, shows them, and tidies up after them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from aiogram import Bot

from bot.app.rows import Rows
from bot.app.services import Services
from bot.clock import Clock, Lull
from bot.delivery.delivery import Delivery
from bot.reply.recovery.late import Late
from bot.reply.recovery.search import Search
from bot.reply.recovery.strays import Strays
from bot.reply.spent_buttons import SpentButtons
from bot.reply.topic_names import Naming
from bot.settings import Settings
from bot.storage.engine.shelf import FOLDER, Shelf
from bot.tally import Tally
from bot.work.answering import Answering
from bot.work.attachments.dictation import Dictation
from bot.work.attachments.download import Download
from bot.work.attachments.extraction import Extraction
from bot.work.attachments.files import Files
from bot.work.attachments.transcription import Transcription
from bot.work.briefing.summary import Summing
from bot.work.calls.asking import Asking
from bot.work.calls.calling import Calling
from bot.work.capacity import Capacity
from bot.work.extras.serving import Serving
from bot.work.extras.voice import Voice
from bot.work.means import Limits, Means
from bot.work.traced import Send, Traced
from bot.work.worker import Worker
from providers.care.patience import Timeouts


@dataclass(frozen=True, slots=True)
class Work:
    """What runs for ever, each by itself."""

    worker: Worker
    serving: Serving
    files: Files
    late: Late
    strays: Strays
    spent_buttons: SpentButtons
    naming: Naming


def make_work(
    settings: Settings,
    bot: Bot,
    rows: Rows,
    services: Services,
    delivery: Delivery,
    *,
    place: Path,
    tally: Tally,
    send: Send | None,
    capacity: Capacity,
    lull: Lull,
    clock: Clock,
    was_left: bool = False,
) -> Work:
    """Make it; `send`: who traces answers; `was_left`: by a process that lives. The bytes of files lie beside `place`.

    Raises ConfigurationError.
    """
    shelf = Shelf(place.with_name(f"{place.name}{FOLDER}"))
    folder = settings.transcription_folder
    hearing = Transcription(services.listening, Dictation(folder) if folder else None)
    files = Files(rows.files, shelf, Download(bot, clock), Extraction(), hearing, clock)
    voice = Voice(services.speaking, files)
    asking = Asking(rows.calls, delivery.postbox.post, rows.signals, clock)
    limits = _limits(settings, services.personas)
    by, model = settings.summary_provider or "", settings.summary_model or ""
    means = Means(
        catalog=services.catalog,
        answers=rows.answers,
        files=files,
        voice=voice,
        calling=Calling(services.toolbox, rows.calls, asking, clock),
        summing=Summing(rows.summaries, services.catalog, limits.timeouts, provider=by, model=model),
        clock=clock,
        limits=limits,
        tally=tally,
    )
    answering = Answering(
        means,
        chats=rows.chats,
        replies=rows.replies,
        parts=rows.parts,
        delivery=delivery,
        search=Search(delivery, rows.parts),
    )
    worker = Worker(
        rows.backlog,
        rows.replies,
        rows.signals,
        Traced(answering, send, clock) if send else answering,
        capacity=capacity,
        providers=len(services.catalog.ids),
        clock=clock,
        lull=lull,
        was_left=was_left,
    )
    return Work(
        worker=worker,
        serving=Serving(rows.orders, rows.chats, delivery, voice, services.catalog.label, rows.signals, clock, lull),
        files=files,
        late=Late(
            delivery=delivery,
            parts=rows.parts,
            replies=rows.replies,
            signals=rows.signals,
            clock=clock,
            max_parts=settings.max_parts,
        ),
        strays=Strays(delivery, rows.parts, rows.answers, rows.signals, clock),
        spent_buttons=SpentButtons(delivery, rows.parts, rows.signals),
        naming=Naming(delivery, rows.topics, rows.signals),
    )


def _limits(settings: Settings, personas: Mapping[str, str]) -> Limits:
    return Limits(
        timeouts=Timeouts(settings.first_token_timeout, settings.token_timeout),
        max_answer=settings.max_answer,
        max_parts=settings.max_parts,
        system_prompt=settings.system_prompt,
        drafts=settings.stream_mode,
        personas=personas,
    )
