"""Closing: how an answer ends: what is said in it and under it, and what may be had beside it."""

from dataclasses import replace

from bot.catalog.catalog import GUIDE
from bot.reply.reply import Reply
from bot.storage.answers.context import Context
from bot.storage.answers.ending import Ending
from bot.storage.exchanges.jobs import Job
from bot.storage.tables import Thinking
from bot.texts import Texts
from bot.work import outcome
from bot.work.attachments.loading import Loaded
from bot.work.attachments.unread import told, told_parts
from bot.work.briefing.summary import Brief
from bot.work.extras.buttons import extras, seers
from bot.work.failure import is_void, sentence, unread
from bot.work.fold import Fold
from bot.work.means import Means
from bot.work.window.window import untaken
from providers.base import AsyncGeneratorProvider, Message
from providers.errors import NotTaken, ProviderError


class Closing:
    """The ends that one answer can come to; `asked`: who makes it."""

    def __init__(
        self,
        means: Means,
        job: Job,
        context: Context,
        words: Texts,
        reply: Reply,
        fold: Fold,
        asked: tuple[AsyncGeneratorProvider, str | None],
    ) -> None:
        self._means = means
        self._job = job
        self._context = context
        self._words = words
        self._reply = reply
        self._fold = fold
        self._provider, self._model = asked
        self._keeps = job.chat.thinking is Thinking.KEPT

    async def answered(
        self, loaded: Loaded, asked: Message, maker: tuple[str, str | None] | None, brief: Brief
    ) -> Ending:
        """End with the whole answer, what is to be said under it, and what may be had beside it."""
        means, job, words, beside = self._means, self._job, self._words, (self._provider.id, self._model)
        missed = untaken(asked, self._provider.takes(self._model))
        lines = [job.unread or "", unread(missed, words) if missed else ""]
        lines += [*told(loaded.missed, words, is_all=False), *told_parts(loaded.parts, words)]
        if job.chat.names_maker:
            lines.append(self._made_by(*(maker or beside)))
        if brief.tells is not None:
            lines.append(words.summed_up)
        images = await means.files.keep(job.prompt_id, self._fold.pictures)
        ended = outcome.answered(self._fold, words, keeps_thought=self._keeps, lines=lines, images=images)
        offered = seers(means.catalog, job, missed, self._context, beside)
        return replace(
            ended,
            offered=[*offered, *extras(job, self._fold.text, speaks=means.voice.is_there)],
            tells=brief.tells,
        )

    def _made_by(self, provider_id: str, model: str | None) -> str:
        """Return the line that says who answered."""
        catalog = self._means.catalog
        maker = catalog.signature(provider_id, catalog.model(provider_id, model))
        return self._words.made_by.format(maker=maker)

    async def by(self, error: ProviderError) -> Ending:
        """End with what a failure is in words, and what may help."""
        catalog, provider_id = self._means.catalog, self._provider.id
        model = catalog.model(provider_id, self._model)
        failure = sentence(
            error, self._words, provider=catalog.label(provider_id, painter=self._words.painter), model=model
        )
        ended = self._with_guide(await self.failed(failure))
        if is_void(error):
            return replace(ended, is_void=True)
        if not isinstance(error, NotTaken):
            return ended
        offered = seers(catalog, self._job, error.kinds, self._context, (provider_id, self._model))
        return replace(ended, offered=offered)

    def _with_guide(self, ended: Ending) -> Ending:
        """Tell how to get the guide, where it is offered beside a provider that fails."""
        catalog, asked = self._means.catalog, self._provider.id
        if not ended.is_bare or not catalog.failing(asked) or GUIDE not in catalog.ids or asked == GUIDE:
            return ended
        return replace(ended, shown=f"{ended.shown} {self._words.guide}")

    async def stopped(self) -> Ending:
        """End with what came until somebody wanted no more of it."""
        return outcome.stopped(self._fold, await self._left(), self._words, keeps_thought=self._keeps)

    async def failed(self, told: str) -> Ending:
        """End with what came, and a sentence that says what happened."""
        return outcome.failed(self._fold, await self._left(), told, self._words, keeps_thought=self._keeps)

    async def _left(self) -> str | None:
        """Return what a former process left on the screen, where that is more than came."""
        return await self._reply.outlasting(outcome.shown_of(self._fold, keeps_thought=self._keeps))
