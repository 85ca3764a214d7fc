"""What the operator's files say, beside the settings: which they are, what is in them, and what of it is secret."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from bot.catalog.personas import load_personas
from bot.settings import Settings
from bot.tools.file import load_tools
from bot.tools.wanted import ToolSettings
from providers.registry import secrets

PROVIDERS_FILE = Path("providers.toml")
PERSONAS_FILE = Path("personas.toml")
TOOLS_FILE = Path("tools.toml")


def providers_file(settings: Settings) -> Path | None:
    """Return the file in which providers are tables, if there is one."""
    return _there(settings.providers_file, PROVIDERS_FILE)


def personas_of(settings: Settings) -> Mapping[str, str]:
    """Return the personas that are configured. Raises ConfigurationError."""
    return load_personas(_there(settings.personas_file, PERSONAS_FILE))


def tools_of(settings: Settings) -> ToolSettings:
    """Return what is configured of tools. Raises ConfigurationError."""
    return load_tools(_there(settings.tools_file, TOOLS_FILE))


def secrets_of(settings: Settings) -> list[str]:
    """Return what no log may show: token, keys, proxies and their passwords. Raises ConfigurationError."""
    proxies = [proxy.get_secret_value() for proxy in (settings.telegram_proxy, settings.provider_proxy) if proxy]
    passwords = [urlsplit(address).password or "" for address in (*proxies, settings.database_url)]
    hooks = [settings.webhook_secret.get_secret_value()] if settings.webhook_secret else []
    keys = secrets(providers_file=providers_file(settings))
    return [settings.bot_token.get_secret_value(), *proxies, *passwords, *keys, *hooks, *tools_of(settings).secrets]


def _there(named: Path | None, usual: Path) -> Path | None:
    """Return the file that is named, else the usual one where it is there."""
    return named or (usual if usual.is_file() else None)
