"""Briefing: all that a model is told, from the system prompt to the newest question; pure."""

from collections.abc import Sequence
from dataclasses import replace

from bot.storage.answers.context import Context
from bot.work.attachments.loading import Loaded
from bot.work.briefing.overheard import talk
from bot.work.briefing.summary import Brief
from bot.work.calls.foreign import FOREIGN, reads_foreign
from providers.base import Message
from providers.blocks import Attached, Content, Draw, Image, Text, line_of


def briefing(
    context: Context,
    contents: Sequence[Content],
    prompt: Text,
    brief: Brief,
    *,
    tells_foreign: bool = False,
    telegram_id: int,
    wall: float,
) -> list[Message]:
    """Return all that was said, or what stands for its beginning, under the system prompt.

    Of a picture that is wanted there is what it is to be.
    `contents`: what was asked, with what was read of the files. `tells_foreign`: that there may be words of others is
    said in any case, not only where there are some.
    """
    newest = Message(role="user", content=contents[-1])
    if Draw() in context.prompt:
        wanted = tuple(block for block in contents[-1] if isinstance(block, Image | Text))
        return [Message(role="user", content=wanted)]
    said: list[Message] = []
    for asked, (_, answer) in list(zip(contents, context.said, strict=False))[brief.covered :]:
        said.append(Message(role="user", content=asked))
        said.append(Message(role="assistant", content=answer))
    said += [*talk(context.overheard, telegram_id, wall), newest]
    if tells_foreign or brief.is_foreign or reads_foreign(said):
        prompt = replace(prompt, text=f"{prompt.text}\n\n{FOREIGN}".strip())
    system = brief.under(prompt)
    return [Message(role="system", content=system), *said] if system else said


def says_anything(asked: Content, loaded: Loaded) -> bool:
    """Tell whether anything is left of a question without the files that were not read; of a picture all is needed."""
    if loaded.missed and Draw() in asked:
        return False
    files = {block.file_id for block in asked if isinstance(block, Attached)}
    has_words = any(not isinstance(block, Attached) and line_of(block).strip() for block in asked)
    return has_words or len({each.file.file_id for each in loaded.missed}) < len(files)
