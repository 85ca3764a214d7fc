"""Kinds: every service and preset of this package, and what others say of themselves, is a kind of provider."""

import importlib
import pkgutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import entry_points

import providers
from providers import services
from providers.base import AsyncGeneratorProvider
from providers.services.openai import OpenAI, settings_of
from providers.services.presets import PRESETS
from providers.settings import ProviderSettings

ORDER = (
    *("openai", "anthropic", "gemini", "ollama"),
    *(preset.id for preset in PRESETS),
    "azure",
    *("fakegpt", "gptalk", "chatgptt", "chatgptfree", "g4f"),
)
PLUGINS = "deltagram.providers"  # entry points of other packages; the value is a module like those of this one
DEMO = "demo"
FALLBACK = "fallback"


@dataclass(frozen=True, slots=True)
class Kind:
    """A provider's class and the class of its settings; `label` is its name for people."""

    id: str
    settings: type[ProviderSettings]
    make: Callable[..., AsyncGeneratorProvider]
    label: str = ""


def kinds() -> dict[str, Kind]:
    """Return the kinds of provider that this package holds, by id, in the order in which they are offered."""
    found = list(_presets())
    ours = [
        f"{package.__name__}.{entry.name}"
        for package in (services, providers)  # one that makes providers of others lies above them, or an operator's own
        for entry in pkgutil.iter_modules(package.__path__)
    ]
    for name in dict.fromkeys([*ours, *_plugins(tuple(sys.path))]):
        module = importlib.import_module(name)
        for value in vars(module).values():
            own = isinstance(value, type) and value.__module__ == module.__name__
            if own and issubclass(value, AsyncGeneratorProvider) and hasattr(module, "Settings"):
                found.append(Kind(value.id, module.Settings, value, value.label))
    found.sort(key=lambda kind: (ORDER.index(kind.id) if kind.id in ORDER else len(ORDER), kind.id))
    return {kind.id: kind for kind in found}


@lru_cache(maxsize=2)
def _plugins(path: tuple[str, ...]) -> list[str]:  # they are other ones on another path
    """Return the modules of other packages; to look for them takes 20 ms."""
    return [entry.value for entry in entry_points(group=PLUGINS)]


@cache
def _presets() -> tuple[Kind, ...]:
    return tuple(Kind(preset.id, settings_of(preset), OpenAI, preset.label) for preset in PRESETS)
