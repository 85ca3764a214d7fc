"""Ask a provider, with limits on its silence."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any

from providers.base import NO_FILES, AsyncGeneratorProvider, Delta, Leisure, Message
from providers.care.patience import Timeouts, patient
from providers.tools import Tool

NO_OPTIONS: Mapping[str, object] = MappingProxyType({})


def stream(
    provider: AsyncGeneratorProvider,
    model: str | None,
    messages: Sequence[Message],
    timeouts: Timeouts,
    files: Mapping[str, bytes] = NO_FILES,
    *,
    thoughts: bool = False,
    tools: Sequence[Tool] = (),
    may_call: bool = True,
    options: Mapping[str, object] = NO_OPTIONS,
    leisure: Leisure | None = None,
) -> AsyncGenerator[Delta, None]:
    """Return a provider's deltas, which raise ProviderError; use it inside `aclosing`: it closes the connection.

    `thoughts`: those are asked for too, where they come on request alone. `tools`: what the model may call, unless it
    may call none now. `options`: what else the provider is told. `leisure`: for how long what
    comes may wait.
    """
    more: dict[str, Any] = dict(options)  # whose names are those of options, not of the other parameters
    ask = partial(
        provider.create_async_generator,
        model,
        messages,
        files=files,
        first_token_s=timeouts.first_token_s,
        token_s=timeouts.token_s,
        thoughts=thoughts,
        leisure=leisure,
        **more,
    )
    deltas = ask(tools=tools, tool_choice="auto" if may_call else "none") if tools else ask()
    return patient(deltas, timeouts, provider=provider.id)
