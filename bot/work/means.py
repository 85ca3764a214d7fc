"""Means: what generations have to work with, and how far each may go."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.catalog.catalog import Catalog
from bot.clock import Clock
from bot.settings import StreamMode
from bot.storage.answers.answers import Answers
from bot.storage.tables import Chat
from bot.tally import Tally
from bot.work.attachments.files import Files
from bot.work.briefing.summary import Summing
from bot.work.calls.calling import Calling
from bot.work.extras.voice import Voice
from bot.work.window.gauge import Gauge
from providers.blocks import Text
from providers.care.patience import Timeouts


@dataclass(frozen=True, slots=True)
class Limits:
    """What an answer may take: seconds of silence, characters, messages; what it is told first; how it grows."""

    timeouts: Timeouts
    max_answer: int
    max_parts: int
    system_prompt: str = ""
    drafts: StreamMode = StreamMode.EDIT
    personas: Mapping[str, str] = field(default_factory=dict)  # what else it may be told first, by name

    def prompt_of(self, chat: Chat, *, is_own: bool) -> Text:
        """Return what an answer in a chat is told first; a group's own prompt is whoever's may set it there."""
        if chat.system_prompt:
            return Text(chat.system_prompt, is_foreign=not is_own)
        return Text(self.personas.get(chat.persona or "") or self.system_prompt)


@dataclass(frozen=True, slots=True)
class Means:
    """What generations have to work with."""

    catalog: Catalog
    answers: Answers
    files: Files
    voice: Voice
    calling: Calling
    summing: Summing
    clock: Clock
    limits: Limits
    tally: Tally = field(default_factory=Tally)
    gauge: Gauge = field(default_factory=Gauge)
