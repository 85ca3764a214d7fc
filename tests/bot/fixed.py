"""Fixed: a provider that says what a test gave it."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence

from providers.base import AsyncGeneratorProvider, Delta, Message, ProviderModelMixin


class Fixed(AsyncGeneratorProvider, ProviderModelMixin):
    """Streams fixed deltas; `refreshes` counts how often it was refreshed, and `on_refresh` is done then."""

    url = "http://127.0.0.1"

    def __init__(
        self,
        provider_id: str,
        *,
        models: Sequence[str] = (),
        aliases: Mapping[str, str] | None = None,
        label: str = "",
        deltas: Sequence[Delta] = ("Hello.",),
        on_refresh: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.id = provider_id
        self.label = label
        self.models = models
        self.default_model = models[0] if models else ""
        self.model_aliases = aliases or {}  # type: ignore[misc]  # a class variable elsewhere; here each has its own
        self.refreshes = 0
        self._deltas = deltas
        self._on_refresh = on_refresh

    async def create_async_generator(
        self,
        model: str | None,
        messages: Sequence[Message],
        *,
        proxy: str | None = None,
        timeout: float | None = None,  # the contract's name
        **options: object,
    ) -> AsyncGenerator[Delta, None]:
        for delta in self._deltas:
            yield delta

    async def refresh(self) -> None:
        self.refreshes += 1
        if self._on_refresh:
            await self._on_refresh()
