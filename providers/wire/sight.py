"""Sight: which models of a service see pictures: as its list of models says, else as its refusals taught."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from providers.base import Clock, Role
from providers.blocks import Block, Content, Document, Image, ToolCall
from providers.capabilities import Capabilities
from providers.errors import ModelNotSupported, NotTaken, ServiceFailed
from providers.wire.calling import Calling
from providers.wire.listed import Listed, ListedModels
from providers.wire.reading import Reading

FORGET_S = 3600.0  # what a refusal taught: another model may be served under the name

# As OpenAI, OpenRouter, Mistral, vLLM, llama.cpp, LM Studio, Ollama, and servers that take strings only, say it. What
# is said of one picture that is broken, too large or of the wrong format must not match: the next one may do well.
_SEEING = r"(image|picture|vision|visual|multi-?modal|modalit)"
_BLIND = re.compile(
    rf"{_SEEING}[\w`'\"]*.{{0,60}}\b(not|n't|only) (be )?support"
    rf"|(not|n't|cannot) (support|accept|take)\w* (\w+ ){{0,3}}{_SEEING}(?!.{{0,30}}(format|type|data))"
    r"|support(s|ing)? image inputs?$|unsupported (content|message|part).{0,40}image|not an? (multi-?modal|vision)"
    r"|at most 0 image|missing data required for image|mmproj|vision model not found|unknown variant.{0,4}image"
    r"|content\W.{0,20}(must|should) be an? (valid )?string|input should be 'text'|concatenate str",
    re.IGNORECASE,
)


class Sight:
    """What is known of a service's models; of one that nothing is known of, a picture shows it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._listed: dict[str, bool] = {}
        self._blind_until: dict[str, float] = {}

    def knows(self, model: str) -> bool:
        """Tell whether the service has said whether a model sees."""
        return model in self._listed

    def learn(self, model: str, sees: bool | None) -> None:
        """Take what the service says of a model, None where it says nothing."""
        if sees is not None:
            self._listed[model] = sees

    def takes(self, model: str) -> frozenset[type[Block]]:
        """Return what a model takes beside text."""
        is_blind = self._clock.now() < self._blind_until.get(model, 0.0)
        return frozenset() if is_blind or not self._listed.get(model, True) else frozenset({Image})

    @contextmanager
    def watched(self, model: str, *, has_images: bool) -> Iterator[None]:
        """Learn from a refusal of the pictures that were sent, and raise it as NotTaken."""
        try:
            yield
        except ServiceFailed as error:
            if not has_images or not _BLIND.search(error.reason):
                raise
            self._blind_until[model] = self._clock.now() + FORGET_S
            raise NotTaken({Image}, said=error.said, provider=error.provider, status=error.status) from None


class SeeingModels(ListedModels):
    """A provider whose models see, read PDFs, call tools or not, as its `_sight`, `_reading` and `_calling` know."""

    _sight: Sight
    _reading: Reading
    _calling: Calling

    def take_list(self, listed: Sequence[Listed]) -> None:
        """Take what the service lists."""
        super().take_list(listed)
        for each in listed:
            self._sight.learn(each.name, each.able.images)

    def takes(self, model: str | None) -> frozenset[type[Block]]:
        """Return what a model takes beside text; nothing, where the service has no such model (any more)."""
        try:
            name = self.get_model(model)
        except ModelNotSupported:
            return frozenset()
        taken: set[type[Block]] = {*self._sight.takes(name)}
        able = self.capabilities(model)
        if self._reading.takes(name, self._is_read(name, able.documents)):
            taken.add(Document)
        return frozenset(taken if able.tools is False else taken | {ToolCall})

    def _is_read(self, name: str, told: bool | None) -> bool | None:
        """Return whether a model reads PDFs as they are, by what the service `told`."""
        return told

    def capabilities(self, model: str | None) -> Capabilities:
        """Return what is known of a model; whether it takes tools, as its answers and refusals taught."""
        able = super().capabilities(model)
        try:
            return replace(able, tools=self._calling.takes(self.get_model(model), able.tools))
        except ModelNotSupported:
            return able


def has_images(talk: Sequence[tuple[Role, Content]]) -> bool:
    """Tell whether a conversation, as it is sent, holds pictures."""
    return any(isinstance(block, Image) for _, content in talk for block in content)
