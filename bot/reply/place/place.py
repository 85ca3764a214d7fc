"""Place: where the reply of an answer stands; pure."""

from bot.reply.place.chat import InChat
from bot.reply.place.inline import Inline
from bot.storage.exchanges.jobs import Job
from bot.storage.ids import ELSEWHERE

MAX_ASKED = 256  # characters of an inline query, core.telegram.org/bots/api#inlinequery

Place = InChat | Inline


def place_of(job: Job) -> Place:
    """Return where the reply of an answer stands."""
    if job.chat.thread_id != ELSEWHERE:
        return InChat.of(job.chat)
    return Inline(job.chat.telegram_id, job.inline_id, job.query_id, job.asked[:MAX_ASKED])
