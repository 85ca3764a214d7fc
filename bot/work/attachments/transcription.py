"""Transcription: a recording is written down, by a service or on this machine; what is told where that cannot be."""

import logging

from bot.extract.found import Reason, Unread
from bot.work.attachments.dictation import ID, Dictation
from bot.work.attachments.sound import ALL, FILM, seconds_of
from providers.errors import NotTaken, OutOfCredit, ProviderError, RateLimited, SignInFailed
from providers.media.transcription import Transcriber, Transcript
from providers.visible import is_visible

log = logging.getLogger(__name__)


class Transcription:
    """Writes recordings down."""

    def __init__(self, transcriber: Transcriber, dictation: Dictation | None = None) -> None:
        self._transcriber = transcriber
        self._dictation = dictation  # where there is one, no service is sent what people say

    async def hear(self, data: bytes, media_type: str, *, of: int = 0) -> Transcript:
        """Return what is said in a recording; `of`: whose it is. Raises Unread."""
        heard = await self._written_down(data, media_type, of)
        if not is_visible(heard.text):
            raise Unread(Reason.NO_WORDS)
        return heard

    async def _written_down(self, data: bytes, media_type: str, of: int) -> Transcript:
        if self._dictation:
            return Transcript(await self._dictation.write_down(data, of=of), by=ID)
        try:
            extension = ALL.get(media_type, FILM).extension
            return await self._transcriber.write_down(data, media_type, extension, seconds=seconds_of(data))
        except ProviderError as error:
            log.warning("recording not heard error=%s", error)
            raise Unread(_reason(error)) from None


def _reason(error: ProviderError) -> Reason:
    match error:
        case NotTaken():
            return Reason.DEAF
        case RateLimited():
            return Reason.HEARD_LATER
        case SignInFailed() | OutOfCredit():
            return Reason.HEARD_BY_NO_KEY
    return Reason.NOT_HEARD
