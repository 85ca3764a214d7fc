"""Load: the providers that are wanted are built; what of them no log may show."""

from pathlib import Path
from random import Random
from typing import Literal

from pydantic import SecretStr

from providers.base import AsyncGeneratorProvider, Clock
from providers.care.health import Health
from providers.care.keyring import Keyring, name_of
from providers.care.wrapped import Wrapped
from providers.errors import ConfigurationError
from providers.registry.beside import BESIDE, own_settings
from providers.registry.filled import filled
from providers.registry.kinds import DEMO, FALLBACK, kinds
from providers.registry.wanted import Chosen, has_key, wanted
from providers.settings import is_local
from providers.wire.http import Http
from providers.wire.masking import mask, passwords_in


def load(
    http: Http,
    *,
    clock: Clock,
    random: Random,
    env_file: Path | None = Path(".env"),
    providers_file: Path | None = None,
    demo: Literal["auto", "on", "off"] = "auto",
    play: bool = False,
    health: Health | None = None,
) -> dict[str, AsyncGeneratorProvider]:
    """Build all providers that are configured, by id; the first one is the default of a new chat.

    Settings come from the environment, then from `env_file`. `demo` "auto": offered in `play`, and where there is no
    other provider; a fallback may name it all the same. It comes last. `health` is what fallbacks know and note.

    Raises ConfigurationError.
    """
    known, known_health = kinds(), health or Health(clock, random)
    offered: dict[str, AsyncGeneratorProvider] = {}

    def build(each: Chosen, **more: object) -> AsyncGeneratorProvider:
        arranged = each.arrangement
        headers = {name: value.get_secret_value() for name, value in arranged.headers.items()}
        proxy = arranged.proxy.get_secret_value() if arranged.proxy else None
        way = http.through(proxy=proxy, headers=headers) if proxy or headers else http
        made = []
        for key in arranged.api_keys or (None,):
            settings = each.settings if key is None else each.settings.model_copy(update={"api_key": key})
            provider = each.kind.make(settings, http=way, clock=clock, random=random, **more)
            provider.id = each.id
            provider.label = arranged.label or (each.kind.label if each.id == each.kind.id else each.id)
            made.append(provider)
        names = [name_of(each.id, key.get_secret_value()) for key in arranged.api_keys]
        ring = Keyring(made, clock=clock, random=random, names=names, health=known_health)
        whole = made[0] if len(made) == 1 else ring
        return Wrapped(whole, arranged, clock=clock) if arranged.is_wrapped else whole

    guide = build(Chosen(DEMO, known[DEMO], filled(known[DEMO], {}, env_file=env_file)))
    for each in wanted(known, env_file=env_file, providers_file=providers_file):
        members = {**({} if demo == "off" else {DEMO: guide}), **offered}
        more = {"providers": members, "health": known_health} if each.kind.id == FALLBACK else {}
        try:
            offered[each.id] = build(each, **more)
        except ConfigurationError as mistake:
            raise each.placed(mistake) from None
    if demo == "on" or (demo == "auto" and (play or not offered)):
        return {**offered, DEMO: guide}
    return offered


def secrets(*, env_file: Path | None = Path(".env"), providers_file: Path | None = None) -> list[str]:
    """Return the keys that providers are given, and the passwords in their addresses. Raises ConfigurationError."""
    chosen = list(wanted(kinds(), env_file=env_file, providers_file=providers_file))
    arranged = [secret for each in chosen for secret in each.arrangement.secrets]
    values = [value for each in chosen for value in dict(each.settings).values()]
    keys = [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
    keys += [own.get_secret_value() for beside in BESIDE if (own := own_settings(beside, env_file).api_key)]
    urls = [str(getattr(each.settings, "base_url", "")) for each in chosen]
    return keys + arranged + [password for url in urls for password in passwords_in(url)]


def exposed(*, env_file: Path | None = Path(".env"), providers_file: Path | None = None) -> dict[str, str]:
    """Return the addresses in foreign networks to which a key goes unencrypted, by id. Raises ConfigurationError."""
    chosen = wanted(kinds(), env_file=env_file, providers_file=providers_file)
    urls = {each.id: str(getattr(each.settings, "base_url", "")) for each in chosen if has_key(each)}
    for beside in BESIDE:
        if (own := own_settings(beside, env_file)).api_key:
            urls[beside.id] = own.base_url or ""
    return {id_: mask(url) for id_, url in urls.items() if url.startswith("http:") and not is_local(url)}
