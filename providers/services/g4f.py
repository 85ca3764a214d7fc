"""A local g4f server (https://github.com/xtekky/gpt4free, `python -m g4f api`), which speaks OpenAI's protocol."""

from typing import ClassVar

from pydantic import PositiveInt
from pydantic_settings import SettingsConfigDict

from providers.services import openai
from providers.services.presets import Preset
from providers.settings import BaseUrl


class Settings(openai.Settings):
    """Where the server listens."""

    model_config = SettingsConfigDict(env_prefix="G4F_")
    preset: ClassVar[Preset] = Preset("g4f", "g4f", "http://localhost:1337/v1")

    base_url: BaseUrl = "http://localhost:1337/v1"
    model: str = "gpt-4o-mini"
    context_tokens: PositiveInt = 16_000


class G4F(openai.OpenAI):
    """Answers by whichever public service g4f finds for a model."""

    id = "g4f"
    label = "g4f"
    supports_gpt_35_turbo = True
