"""Voice: an answer as it sounds, made once."""

import asyncio
import logging

from bot.reply.markdown.renderer import render
from bot.storage.people.usage import Spent, Took, picodollars
from bot.work.attachments.files import Files
from providers.care.turns import Turns
from providers.errors import EmptyAnswer
from providers.media.speech import MAX_INPUT, Speaker
from providers.visible import is_visible

log = logging.getLogger(__name__)

VOICE = "voice:"  # begins the data of the button, and the name under which a sound is kept
AT_ONCE = 4
MAX_RENDERED = 4 * MAX_INPUT  # characters of Markdown, of which more are read than can be spoken


class Voice:
    """Has answers read aloud; what was read once is kept as long as its conversation."""

    def __init__(self, speaker: Speaker, files: Files) -> None:
        self._speaker = speaker
        self._files = files
        self._turns = Turns(AT_ONCE, each=1)

    @property
    def is_there(self) -> bool:
        """Tell whether there is a service that may read aloud."""
        return bool(self._speaker.name)

    async def of(self, answer_id: int, prompt_id: int, text: str, *, payer: tuple[int, int]) -> tuple[bytes, bool]:
        """Return an answer (Markdown) as it sounds, and whether that is only its beginning. Raises ProviderError.

        `payer`: for whom it counts, and in which chat of Telegram's.
        """
        plain = (await asyncio.to_thread(render, text[:MAX_RENDERED])).text
        if not is_visible(plain):
            raise EmptyAnswer("no text")
        spoken = beginning(plain)
        name = f"{VOICE}{answer_id}:{self._speaker.name}"
        is_cut = len(spoken) < len(plain)
        if (kept := await self._files.spoken(name)) is not None:
            return kept[0], is_cut
        async with self._turns.place(payer[0]):
            made = await self._speaker.speak(spoken)
        try:
            spent = Spent(*payer, Took(made.by, 0, picodollars(made.cost))) if made.cost else None
            await self._files.keep_spoken(prompt_id, name, made.data, made.media_type, spent)
        except OSError as error:  # then it is made again the next time
            log.warning("file not kept prompt=%s error=%s", prompt_id, error.strerror)
        return made.data, is_cut


def beginning(text: str) -> str:
    """Return as much of a text as can be spoken, up to the end of a sentence or a word where there is one."""
    if len(text) <= MAX_INPUT:
        return text
    cut = text[:MAX_INPUT]
    ends = (cut.rfind(sign) + 1 for sign in (". ", "! ", "? ", "\n"))
    end = max(ends)
    return cut[:end] if end > MAX_INPUT // 2 else cut[: cut.rfind(" ")] if " " in cut else cut
