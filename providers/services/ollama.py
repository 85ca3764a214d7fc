"""Ollama's own protocol, for models on the operator's machines.

Source: https://github.com/ollama/ollama/blob/main/docs/api.md.
"""

from base64 import b64encode
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress
from random import Random

from pydantic import PositiveInt
from pydantic_settings import SettingsConfigDict

from providers.base import (
    NO_FILES,
    Alive,
    AsyncGeneratorProvider,
    Clock,
    Delta,
    Message,
    Role,
    Usage,
    contents_of,
    texts_of,
)
from providers.blocks import MADE, Content, Image, Text, ToolCall, text_of
from providers.capabilities import capabilities_in, from_show
from providers.errors import NotTaken, ProviderError, ServiceFailed
from providers.settings import ApiKey, BaseUrl, ProviderSettings
from providers.tools import arguments_in, may_call, tools_in
from providers.wire.calling import Calling, made, replayed
from providers.wire.completion import Completion, End, count
from providers.wire.encoding import calls_in, own_message, results_in
from providers.wire.exchange import Exchange
from providers.wire.extras import Extras
from providers.wire.glued_calls import GluedCalls, functions
from providers.wire.http import Http
from providers.wire.leisure import leisure_in
from providers.wire.listed import name_in
from providers.wire.reading import Reading
from providers.wire.sight import SeeingModels, Sight, has_images
from providers.wire.status import error_in

LOOK_TIMEOUT = 2.0  # seconds of silence, for a look whether it loads or reads

_OPTIONS = {"temperature": "temperature", "top_p": "top_p", "max_tokens": "num_predict"}
_THINK: Mapping[str, object] = {"none": False, "minimal": "low", "xhigh": "high", "max": "high"}  # it has three levels
_ENDS = {
    "stop": End.WHOLE,
    "length": End.TOO_LONG,
    "load": End.BROKEN,  # the model was loaded, and nothing said: asked again, it answers
    "unload": End.BROKEN,
}


class Settings(ProviderSettings):
    """Where Ollama listens.

    `context_tokens`, where the operator sets it, is also what Ollama is told to reserve (num_ctx): a loaded model with
    another value is loaded anew. Without it Ollama decides, and the bot goes by what it says of the loaded model, at
    first by the least that Ollama takes: it cuts off the beginning of a longer conversation in silence.
    """

    model_config = SettingsConfigDict(env_prefix="OLLAMA_")

    api_key: ApiKey | None = None
    base_url: BaseUrl = "http://localhost:11434"
    model: str = ""
    context_tokens: PositiveInt = 4096  # https://docs.ollama.com/context-length: below 24 GiB of VRAM

    @property
    def configured(self) -> bool:
        """Tell whether any of the fields is set: the address of a local Ollama goes without saying."""
        return bool(self.model_fields_set)


class Ollama(SeeingModels, AsyncGeneratorProvider):
    """A local Ollama. Without a configured model the first one that it has is the default."""

    id = "ollama"
    label = "Ollama"
    supports_system_message = True
    supports_message_history = True
    look_s = 2.5  # seconds between two looks whether it is still at work

    def __init__(self, settings: Settings, *, http: Http, clock: Clock, random: Random) -> None:
        self.url = settings.base_url
        self.default_model = settings.model
        self.context_tokens = settings.context_tokens
        self.own_context = settings.own_context
        self._options = {"num_ctx": settings.context_tokens} if "context_tokens" in settings.model_fields_set else {}
        key = settings.api_key.get_secret_value() if settings.api_key else ""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._exchange = Exchange(http, clock, headers=headers, secret=key)
        self._sight = Sight(clock)
        self._reading = Reading(clock)
        self._extras = Extras(clock)
        self._calling = Calling(clock)
        self._thinks: dict[str, bool] = {}  # as Ollama says it

    async def create_async_generator(
        self,
        model: str | None,
        messages: Sequence[Message],
        *,
        proxy: str | None = None,
        timeout: float | None = None,
        files: Mapping[str, bytes] = NO_FILES,
        **options: object,
    ) -> AsyncGenerator[Delta, None]:
        """Stream the answer; raises ServiceFailed where no model has been pulled.

        `temperature`, `top_p`, `max_tokens`, `effort` and `keep_alive` are sent on where they are given.
        `thoughts`: a model that has some is asked to tell them apart; one that has none refuses that, which teaches.
        """
        texts_of(messages)  # where nothing is to be sent, nothing is asked
        if not model and not self.default_model:
            await self._list_models(proxy)
        name = self.get_model(model)
        tools = tools_in(options) if may_call(options) else []
        if tools:
            await self._learn(name, proxy)
        takes = self.takes(name)
        tools = tools if ToolCall in takes else []
        talk = contents_of(replayed(messages, self.id, name), takes, files)
        if has_images(talk):
            await self._look(name, proxy)
        body: dict[str, object] = {
            "model": name,
            "messages": [message for role, content in talk for message in _messages(role, content, files)],
            "stream": True,
        }
        if tools:
            body["tools"] = functions(tools)
        asked = {theirs: options[ours] for ours, theirs in _OPTIONS.items() if options.get(ours) is not None}
        if asked := {**self._options, **asked}:
            body["options"] = asked
        if options.get("keep_alive") is not None:
            body["keep_alive"] = options["keep_alive"]

        async def is_at_work() -> Alive | None:
            return Alive(loading=True) if await self._running(proxy) is not None else None

        effort = options.get("effort")
        asks = bool(options.get("thoughts")) and self._thinks.get(name, True)
        wanted = {"effort"} if isinstance(effort, str) else {"thoughts"} if asks else set()
        extras: frozenset[str] | None = self._extras.willing(name, wanted)
        while extras is not None:
            sent = extras
            think = _THINK.get(str(effort), effort) if "effort" in sent else True
            answer = self._exchange.answer(
                self.id,
                f"{self.url}/api/chat",
                {**body, "think": think} if sent else body,
                _Chat((self.id, name), made=made(messages)),
                proxy=proxy,
                silence_s=timeout,
                is_at_work=is_at_work,
                look_s=self.look_s,
                leisure=leisure_in(options),
            )
            try:
                with self._sight.watched(name, has_images=has_images(talk)), self._calling.watched(name, tools):
                    async with aclosing(answer) as deltas:
                        async for delta in deltas:
                            self._calling.note(name, delta)
                            yield delta
                return
            except ServiceFailed as error:
                if (extras := self._extras.without(name, sent, error)) is None:
                    raise

    async def refresh(self) -> None:
        """Read which models have been pulled, and how much of a conversation a loaded one takes."""
        await self._list_models(None)
        if name := self.get_model(None):
            await self._show(name, None)
        for entry in await self._running(None) or []:
            loaded, able = name_in(entry, "name"), capabilities_in(entry)
            for name in (loaded, loaded.removesuffix(":latest")):
                self.tell(name, able)

    def get_model(self, model: str | None) -> str:
        """Resolve a name, also one without its tag: `llama3.2` is `llama3.2:latest`."""
        tagged = f"{model}:latest"
        return tagged if model and model not in self.models and tagged in self.models else super().get_model(model)

    async def _list_models(self, proxy: str | None) -> None:
        entries = await self._exchange.entries(self.id, f"{self.url}/api/tags", "models", proxy=proxy)
        names = [name for entry in entries if (name := name_in(entry, "name"))]
        if not names and not self.default_model:
            raise ServiceFailed("no model there yet: ollama pull", provider=self.id, status=200)
        self.models = names
        self.default_model = self.default_model or names[0]

    async def _look(self, name: str, proxy: str | None) -> None:
        """Ask once whether a model sees: many that do not pass over pictures in silence. Raises NotTaken."""
        await self._learn(name, proxy)
        if not self._sight.takes(name):
            raise NotTaken({Image}, provider=self.id)

    async def _learn(self, name: str, proxy: str | None) -> None:
        """Ask what a model can, where that is not known."""
        if not self._sight.knows(name):
            await self._show(name, proxy)

    async def _show(self, name: str, proxy: str | None) -> None:
        """Ask what a model can; an Ollama that does not say so is fine."""
        with suppress(ServiceFailed):
            details = await self._exchange.details(self.id, f"{self.url}/api/show", {"model": name}, proxy=proxy)
            if isinstance(listed := details.get("capabilities"), list):
                self._thinks[name] = "thinking" in listed
            able = from_show(details)
            self.tell(name, able)
            self._sight.learn(name, able.images)

    async def _running(self, proxy: str | None) -> list[Mapping[str, object]] | None:
        """Return which models are loaded; None where Ollama does not say so."""
        url = f"{self.url}/api/ps"
        try:
            return await self._exchange.entries(self.id, url, "models", proxy=proxy, silence_s=LOOK_TIMEOUT)
        except ProviderError:
            return None


def _messages(role: Role, content: Content, files: Mapping[str, bytes]) -> list[object]:
    """Return a message as the protocol has it, one for each result."""
    if results := results_in(content):
        return [{"role": "tool", "tool_name": each.name, "content": each.text} for each in results]
    if calls := calls_in(content):
        return [own_message(content) or _called(text_of(content), calls)]
    return [{"role": role, **_encoded(content, files)}]


def _called(words: str, calls: Sequence[ToolCall], thought: str = "") -> dict[str, object]:
    """Return an assistant's message that ended in calls."""
    made = [{"function": {"name": call.name, "arguments": arguments_in(call.arguments) or {}}} for call in calls]
    return {"role": "assistant", "content": words, **({"thinking": thought} if thought else {}), "tool_calls": made}


def _encoded(content: Content, files: Mapping[str, bytes]) -> dict[str, object]:
    """Return a content as the protocol has it: words and pictures apart."""
    images = [b64encode(files[block.sha256]).decode() for block in content if isinstance(block, Image)]
    words = "\n".join(block.text for block in content if isinstance(block, Text))
    return {"content": words, **({"images": images} if images else {})}


class _Chat(Completion):
    """A chat answer, one object per line."""

    def __init__(self, asked: tuple[str, str] = ("", ""), *, made: str = MADE) -> None:
        super().__init__(asked, made=made)
        self._calls = GluedCalls(made)
        self._thought: list[str] = []

    def calls(self) -> list[ToolCall]:
        """Return the calls, which come whole."""
        return self._calls.calls()

    def raw(self) -> object:
        """Return the message with its calls, and what was thought before them."""
        return _called(self.words, self._calls.calls(), "".join(self._thought))

    def take(self, item: Mapping[str, object]) -> list[Delta]:
        """Take a line: a piece of the message, and at the end how it ended."""
        if error := error_in(item):
            raise error
        message = item.get("message")
        deltas: list[Delta] = []
        if isinstance(message, dict):
            self._thought += [message["thinking"]] if isinstance(message.get("thinking"), str) else []
            self._calls.add(message.get("tool_calls"))
            deltas = [*self.reasoning(message.get("thinking")), *self.text(message.get("content"))]
        if item.get("done") is True:
            self.finished = True
            self.ended(_ENDS, str(item.get("done_reason") or "stop"))
            self.usage = Usage(count(item.get("prompt_eval_count")), count(item.get("eval_count")))
        return deltas
