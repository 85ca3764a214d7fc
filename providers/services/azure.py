"""Azure OpenAI: OpenAI's protocol at an address, and with a header, of its own.

    https://NAME.openai.azure.com/openai/v1/chat/completions                              no version
    https://NAME.openai.azure.com/openai/deployments/MODEL/chat/completions?api-version=  with a version

The first is asked where no version is named. The address may be that of the resource, or any that Azure's page shows,
with path and version. A model is the name of a deployment.

Source: openai 3.54.0 (lib/azure.py), looked up 2026-11-22; https://learn.microsoft.com/azure/ai-services/openai.
"""

import re
from random import Random
from types import MappingProxyType
from typing import Annotated, ClassVar
from urllib.parse import parse_qs, quote, urlsplit

from pydantic import AfterValidator, Field
from pydantic_settings import SettingsConfigDict

from providers.base import Clock
from providers.errors import ConfigurationError, ServiceFailed
from providers.services import openai
from providers.services.presets import Preset
from providers.settings import checked_url
from providers.wire.forms import Forms
from providers.wire.http import Http

LISTS = "2022-12-01"  # the version of the list of deployments; later ones have none with a key
NO_NAME = "the models are deployments, and none is named: AZURE_OPENAI_MODEL"

_PATH = re.compile(r"(?P<root>.*?)/openai(?:/v1\b(?P<v1>.*)|/deployments/(?P<model>[^/]+).*|/.*)?")


class Settings(openai.Settings):
    """A key and an address; `model` is the name of a deployment, `api_version` chooses the second form."""

    model_config = SettingsConfigDict(env_prefix="AZURE_OPENAI_")
    other_names = MappingProxyType(  # what the official SDK reads, and what Azure's own examples call it
        {
            "base_url": "AZURE_OPENAI_ENDPOINT",
            "api_version": "OPENAI_API_VERSION",
            "model": "AZURE_OPENAI_DEPLOYMENT",
        }
    )
    is_key_bearer: ClassVar[bool] = False
    preset: ClassVar[Preset] = Preset("azure", "Azure OpenAI", "")

    base_url: Annotated[str, AfterValidator(lambda url: checked_url(url) if url else url)] = ""
    api_version: Annotated[str, Field(pattern=r"^(\d{4}-\d{2}-\d{2}(-preview)?|preview|latest|v1)?$")] = ""


class Azure(openai.OpenAI):
    """Deployments of one resource. Without a configured one the first that it lists is the default."""

    id = "azure"
    label = "Azure OpenAI"

    def __init__(self, settings: Settings, *, http: Http, clock: Clock, random: Random) -> None:
        super().__init__(settings, http=http, clock=clock, random=random)
        if not settings.base_url:
            expected = "the address that the key is for, like https://NAME.openai.azure.com"
            raise ConfigurationError("AZURE_OPENAI_ENDPOINT", "", expected=expected, field="base_url")
        parts = urlsplit(settings.base_url)
        found = _PATH.fullmatch(parts.path)
        self._root = f"{parts.scheme}://{parts.netloc}{found['root'] if found else parts.path.rstrip('/')}/openai"
        version = (parse_qs(parts.query).get("api-version") or [settings.api_version])[0]
        is_dated = version[:1].isdigit()
        self._is_v1 = not is_dated or (found is not None and found["v1"] is not None)
        self._query = f"?api-version={quote(version)}" if version and is_dated != self._is_v1 else ""
        self.default_model = settings.model or (found["model"] if found else "") or ""
        self.known = openai.KNOWN
        self._list_url = f"{self._root}/deployments?api-version={LISTS}"
        self._forms = Forms(clock, by_name=True, limits_all=False)

    def _authorized(self, key: str) -> dict[str, str]:
        return {"api-key": key}

    def _address(self, path: str, model: str) -> str:
        """Return where a deployment is asked. Raises ServiceFailed where none is known."""
        if not model:
            raise ServiceFailed(NO_NAME, provider=self.id, status=200)
        if self._is_v1:
            return f"{self._root}/v1/{path}{self._query}"
        if path == "responses":
            return f"{self._root}/{path}{self._query}"
        return f"{self._root}/deployments/{quote(model, safe='')}/{path}{self._query}"
