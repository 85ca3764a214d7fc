"""The models that a service lists: which of them answers where nobody chose one, and which of them end."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from providers.base import ProviderModelMixin
from providers.capabilities import NOTHING, Capabilities, capabilities_in, is_for_chat, is_gone
from providers.errors import ModelNotSupported

MAX_MODELS = 1000
MAX_NAME = 256  # characters
MOST_ROOM = 200_000  # tokens; a longer history costs more than it helps, where the operator does not want it

_SNAPSHOT = re.compile(r"-\d{4}-?\d{2}-?\d{2}$")


@dataclass(frozen=True, slots=True)
class Listed:
    """One model of a list; `ends`: the day on which the service switches it off, as far as it says so."""

    name: str
    ends: str = ""
    able: Capabilities = NOTHING


class ListedModels(ProviderModelMixin):
    """A provider whose service lists its models; until it has done so, every name passes.

    `preferred` names the models that may answer where the operator named none, the best one first: the first that the
    list holds, and does not end, becomes the default; its first one where there is none yet. `known_ends` is what
    was known of ends when this was written, `known` what models take, by the beginning of their names. `own_context` is
    what the operator says, who knows best; `context_tokens` counts where nobody says anything.
    """

    preferred: Sequence[str] = ()
    known_ends: Mapping[str, str] = {}
    context_tokens: int
    own_context: int = 0
    known: Mapping[str, Capabilities] = {}
    _told_ends: Mapping[str, str] = {}
    _told: Mapping[str, Capabilities] = {}

    def get_model(self, model: str | None) -> str:
        """Resolve a name; see the base class."""
        return model if model and not self.models else super().get_model(model)

    def ends(self, model: str) -> str:
        """Return the day on which a model is switched off, as YYYY-MM-DD; empty where none is known."""
        known = self.known_ends.get(model) or self.known_ends.get(_SNAPSHOT.sub("", model), "")
        return self._told_ends.get(model) or known

    def capabilities(self, model: str | None) -> Capabilities:
        """Return what is known of a model: what the operator says, then the service, then we."""
        try:
            name = self.get_model(model)
        except ModelNotSupported:
            name = ""
        own, otherwise = Capabilities(self.own_context), Capabilities(self.context_tokens)
        return own.over(self._told.get(name, NOTHING)).over(self._known(name)).over(otherwise)

    def room(self, model: str | None) -> int:
        """Return how much of a conversation is sent, its answer included, in estimated tokens."""
        return self.own_context or min(self.capabilities(model).context_tokens, MOST_ROOM)

    def tell(self, name: str, able: Capabilities) -> None:
        """Take what the service says of one model elsewhere than in its list."""
        self._told = {**self._told, name: able.over(self._told.get(name, NOTHING))}

    def _known(self, name: str) -> Capabilities:
        near = (begins for begins in self.known if name == begins or name.startswith(f"{begins}-"))
        return self.known.get(max(near, key=len, default=""), NOTHING)

    def take_list(self, listed: Sequence[Listed]) -> None:
        """Take what the service lists."""
        self._told = {each.name: each.able for each in listed if each.able != NOTHING}
        self._told_ends = {each.name: each.ends for each in listed if each.ends}
        names = [each.name for each in listed][:MAX_MODELS]
        lasting = [name for name in names if not self.ends(name)]
        found = next((name for living in (lasting, names) for name in self.preferred if name in living), "")
        self.default_model = found or self.default_model or next(iter([*lasting, *names]), "")
        self.models = list(dict.fromkeys([self.default_model, *names])) if names else []


def entry_list(item: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    """Return the objects in the list `key` of a document, or the document itself where it is one of a plain list."""
    entries = item.get(key) if key in item else [item]
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def name_in(entry: Mapping[str, object], key: str) -> str:
    """Return the name of a model; empty where it has none, or one that nobody could choose."""
    name = entry.get(key)
    return name if isinstance(name, str) and len(name) <= MAX_NAME and name.isprintable() else ""


def listed_in(entries: Sequence[Mapping[str, object]], key: str) -> list[Listed]:
    """Return the models for chats in a list whose entries hold the name under `key`."""
    found: list[Listed] = []
    for entry in entries:
        if len(found) == MAX_MODELS:
            break
        if (name := name_in(entry, key)) and not is_gone(entry) and is_for_chat(entry):
            able = capabilities_in(entry)
            found.append(Listed(name, able.ends, able))
    return found
