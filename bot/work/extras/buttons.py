"""Buttons: those under an answer that ask for more of it, or for somebody who sees."""

from collections.abc import Collection

from bot.catalog.catalog import Catalog, key_of
from bot.reply.keyboard import Offer
from bot.storage.answers.context import Context
from bot.storage.exchanges.jobs import Job
from bot.work.extras.handouts import handouts
from bot.work.extras.voice import VOICE
from providers.blocks import Block, Draw, Image

MAX_LABEL = 60  # characters of a button


def seers(
    catalog: Catalog, job: Job, missed: Collection[type[Block]], context: Context, asked: tuple[str, str | None]
) -> list[Offer]:
    """Return the buttons of those who see, where the model that was asked did not see the pictures."""
    if Image not in missed or Draw() in context.prompt:
        return []
    beside = asked[0], catalog.model(*asked)
    able = catalog.takers(Image, context.models, beside=beside)
    labels = [(catalog.label(provider), model) for provider, model in able]
    names = [f"{provider} · {model}" if model else provider for provider, model in labels]
    keys = [f"sees:{job.id}:{key_of(*each)}" for each in able]
    return [(f"👁 {name[:MAX_LABEL]}", key) for name, key in zip(names, keys, strict=True)]


def extras(job: Job, text: str, *, speaks: bool) -> list[Offer]:
    """Return the buttons that have an answer read aloud, and give it, or what is in it, as files."""
    spoken = [("🔊", f"{VOICE}{job.id}:0")] if speaks and text.strip() else []
    files = enumerate(handouts(text))
    return [*spoken, *((f"📄 {each.name}", f"file:{job.id}:{number}") for number, each in files)]
