"""Markdown as models write it, shown with Telegram's entities.

    source ─dialect→ tokens ─painter, pen→ canvas → Rendered        growing: what the end of a growing text may show

`render` is for a text, `Renderer` for one that grows. Pure.
"""

from bot.reply.markdown.rendered import Rendered
from bot.reply.markdown.renderer import Renderer, render

__all__ = ["Rendered", "Renderer", "render"]
