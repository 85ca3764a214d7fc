"""Place: where a reply stands, what can be done there, and the methods that do it; a class for each kind."""

from bot.reply.place.chat import InChat
from bot.reply.place.inline import ONLY, Inline
from bot.reply.place.place import Place, place_of

__all__ = ["ONLY", "InChat", "Inline", "Place", "place_of"]
