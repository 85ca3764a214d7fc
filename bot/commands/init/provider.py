"""Who is to answer: `init` asks for a provider, its key or address, and tries it."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from random import Random

from pydantic import ValidationError

from bot.app.services import make_http
from bot.clock import Clock
from bot.commands.checks.line import Line
from bot.commands.checks.one_provider import try_provider
from bot.commands.init.terminal import Terminal
from bot.settings import Settings
from providers.registry import Kind, kinds
from providers.services.presets import LOCAL, REMOTE
from providers.settings import ProviderSettings, is_local

OFFERED = ("openai", "anthropic", "gemini", "ollama", *(preset.id for preset in (*REMOTE, *LOCAL)), "g4f", "azure")
GUIDE = 0  # the number of the built-in guide


def ask_for_provider(terminal: Terminal, settings: Settings) -> Mapping[str, str]:
    """Ask until a provider answers; return the variables that make it, none for the built-in guide. Raises Ended."""
    known = kinds()
    offered = [known[id_] for id_ in OFFERED if id_ in known]
    terminal.say("\nWho shall answer?")
    width = max(len(kind.label) for kind in offered) + 2
    cells = [f"{number:>3} {kind.label:<{width}}" for number, kind in enumerate(offered, start=1)]
    for at in range(0, len(cells), 3):
        terminal.say("".join(cells[at : at + 3]).rstrip())
    terminal.say(f"{GUIDE:>3} nobody yet: the built-in guide, which is no AI")
    while True:
        number = _number(terminal.ask("Number: "), offered)
        if number == GUIDE:
            return {}
        if number is None:
            terminal.say(f"A number from {GUIDE} to {len(offered)}, please.")
        elif variables := _ask_for_means(terminal, settings, offered[number - 1]):
            return variables


def _number(wanted: str, offered: Sequence[Kind]) -> int | None:
    if wanted.isascii() and wanted.isdecimal() and len(wanted) < 4 and int(wanted) <= len(offered):
        return int(wanted)
    names = {name.casefold(): at for at, kind in enumerate(offered, start=1) for name in (kind.id, kind.label)}
    return names.get(wanted.casefold())


def _ask_for_means(terminal: Terminal, settings: Settings, kind: Kind) -> Mapping[str, str] | None:
    """Ask for what a provider needs until it answers; None where the person wants another one."""
    prefix, usual = str(kind.settings.model_config["env_prefix"]), str(kind.settings.model_fields["base_url"].default)
    if not usual:
        return _ask_for_resource(terminal, settings, kind, prefix)
    given = os.environ.get(f"{prefix}BASE_URL", "")
    if is_local(usual):
        return _ask_for_address(terminal, settings, kind, prefix, given or usual)
    while key := _ask_for_key(terminal, kind):
        variables = {f"{prefix}BASE_URL": given} if given else {}
        variables[f"{prefix}API_KEY"] = key
        if (line := _try(terminal, settings, kind, prefix, variables)) and line.ok:
            return variables
    return None


def _ask_for_address(
    terminal: Terminal, settings: Settings, kind: Kind, prefix: str, usual: str
) -> Mapping[str, str] | None:
    """Ask for the address of a server on the own machine until it answers, and for its key where it wants one."""
    variables: dict[str, str] = {}
    wants_key = False
    while True:
        if not wants_key:
            variables = {f"{prefix}BASE_URL": terminal.ask(f"Address of {kind.label} [{usual}]: ") or usual}
        elif key := _ask_for_key(terminal, kind):
            variables[f"{prefix}API_KEY"] = key
        else:
            return None
        line = _try(terminal, settings, kind, prefix, variables)
        if line is None:
            continue
        if line.ok:
            return variables
        if "SignInFailed" in line.detail:
            wants_key = True
        elif terminal.ask("Empty: try again; a: another provider: ") == "a":
            return None


def _ask_for_resource(terminal: Terminal, settings: Settings, kind: Kind, prefix: str) -> Mapping[str, str] | None:
    """Ask for a service that lies at an address of the operator's, with a key, until it answers."""
    address, model = os.environ.get(f"{prefix}BASE_URL", ""), ""
    while True:
        again = f" [{address}]" if address else " (empty: choose another provider)"
        address = terminal.ask(f"Address of {kind.label}, as its page shows it{again}: ") or address
        if not address:
            return None
        usual = model or "the one in the address, or the first that is listed"
        model = terminal.ask(f"Deployment [{usual}]: ") or model
        if not (key := _ask_for_key(terminal, kind)):
            return None
        variables = {f"{prefix}BASE_URL": address, f"{prefix}API_KEY": key}
        variables |= {f"{prefix}MODEL": model} if model else {}
        line = _try(terminal, settings, kind, prefix, variables)
        if line is None:
            address = ""
        elif line.ok:
            return variables


def _ask_for_key(terminal: Terminal, kind: Kind) -> str:
    return terminal.ask(f"Key of {kind.label} (empty: choose another provider): ", is_secret=True)


def _try(terminal: Terminal, settings: Settings, kind: Kind, prefix: str, variables: Mapping[str, str]) -> Line | None:
    """Say whether a provider answers; None where these variables make none, which is said too."""
    fields = {name.removeprefix(prefix).lower(): value for name, value in variables.items()}
    try:
        made = kind.settings(_env_file=None, _env_prefix=prefix, **fields)  # type: ignore[arg-type]  # pydantic checks
    except ValidationError as invalid:
        terminal.say(f"{invalid.errors()[0]['msg'].removeprefix('Value error, ').capitalize()}.")
        return None
    terminal.say(f"Asking {kind.label} …")
    line = asyncio.run(_tried(settings, kind, made))
    if line.ok:
        terminal.say(f"It answers: {line.detail}.")
    else:
        terminal.tell(line)
    return line


async def _tried(settings: Settings, kind: Kind, made: ProviderSettings) -> Line:
    async with make_http(settings) as http:
        provider = kind.make(made, http=http, clock=Clock(), random=Random())
        provider.id = kind.id
        try:
            return await try_provider(settings, provider)
        finally:
            await provider.close()
