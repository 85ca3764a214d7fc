"""Which providers there are: every module and preset of this package whose settings the operator has set.

A provider is one file. It holds two classes, and nothing else in the project needs to know of them:

    class Settings(ProviderSettings):                     # providers.settings; a BaseSettings of pydantic-settings
        model_config = SettingsConfigDict(env_prefix="ECHO_")
        base_url: BaseUrl = "https://echo.example"        # ECHO_BASE_URL, in the environment or in .env
        api_key: ApiKey | None = None                     # ECHO_API_KEY

    class Echo(AsyncGeneratorProvider):                   # the only such class that the module defines
        id = "echo"

        def __init__(self, settings: Settings, *, http: Http, clock: Clock, random: Random) -> None: ...

The provider is offered if `settings.configured`: by default where the operator has set its `base_url` or its `api_key`;
a provider with another rule overrides that property. A table of providers.toml is one more instance, with its own id:

    [mine]                                                # the id
    type = "openai"                                       # the id of a provider; without it the table's name is that
    base_url = "https://llm.example.org/v1"               # the fields of its Settings; what is left out is looked for
    model = "llama-3.3-70b"                               # under the table's name: MINE_API_KEY, in .env as well

A key goes only to the address that it was given for: a table of its own name with a key names its `base_url`. A table
with the name of a provider stands in its place; of the same type, it has its address and its variables.

    [either]
    type = "fallback"
    providers = ["mine", "openai"]                        # those above it, and the built-in ones
"""

from providers.registry.beside import BESIDE, painter, speaker, transcriber
from providers.registry.kinds import DEMO, FALLBACK, ORDER, Kind, kinds
from providers.registry.load import exposed, load, secrets

__all__ = [
    "BESIDE",
    "DEMO",
    "FALLBACK",
    "ORDER",
    "Kind",
    "exposed",
    "kinds",
    "load",
    "painter",
    "secrets",
    "speaker",
    "transcriber",
]
