"""Which providers the operator's configuration makes."""

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Literal

import pytest

import providers
from providers.base import AsyncGeneratorProvider
from providers.errors import ConfigurationError
from providers.guide.code import NEW_PROVIDER
from providers.registry import ORDER, exposed, kinds, load, secrets
from providers.services.openai import OpenAI
from providers.services.presets import LOCAL, REMOTE
from providers.wire.http import Http
from tests.clock import FakeClock
from tests.providers.outcome import HELLO, outcome

Load = Callable[..., dict[str, AsyncGeneratorProvider]]


@pytest.fixture
def configured(http: Http, environment: pytest.MonkeyPatch, tmp_path: Path) -> Load:
    """Load with these lines of .env, this providers.toml and these environment variables."""

    def run(
        env: str = "",
        toml: str | None = None,
        *,
        demo: Literal["auto", "on", "off"] = "auto",
        play: bool = False,
        **variables: str,
    ) -> dict[str, AsyncGeneratorProvider]:
        for name, value in variables.items():
            environment.setenv(name, value)
        env_file = tmp_path / ".env"
        env_file.write_text(env, encoding="utf-8")
        providers_file = tmp_path / "providers.toml"
        if toml is not None:
            providers_file.write_text(toml, encoding="utf-8")
        return load(
            http,
            clock=FakeClock(),
            random=Random(1),
            env_file=env_file,
            providers_file=providers_file if toml is not None else None,
            demo=demo,
            play=play,
        )

    return run


def test_without_configuration_there_is_the_guide_alone(configured: Load) -> None:
    assert list(configured()) == ["demo"]
    assert list(configured(demo="off")) == []


def test_a_provider_is_offered_where_its_key_or_address_is_set(configured: Load) -> None:
    assert list(configured(OPENAI_API_KEY="k")) == ["openai"]


def test_settings_come_from_the_env_file_and_the_environment_wins(configured: Load) -> None:
    found = configured("OPENAI_BASE_URL=http://file/v1\nOPENAI_MODEL=file\nOTHER=1\n", OPENAI_MODEL="environment")

    openai = found["openai"]
    assert isinstance(openai, OpenAI)
    assert (openai.url, openai.default_model) == ("http://file/v1", "environment")


def test_googles_own_name_of_its_key_is_taken_where_ours_is_not_set(configured: Load) -> None:
    assert list(configured("GOOGLE_API_KEY=k\n")) == ["gemini"]
    assert list(configured("GEMINI_API_KEY=\n", GOOGLE_API_KEY="k")) == ["gemini"]


def test_our_name_of_a_key_wins_and_no_table_takes_the_others(
    http: Http, environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment.setenv("GOOGLE_API_KEY", "theirs")
    file = tmp_path / "providers.toml"
    file.write_text('[mine]\ntype = "gemini"\nbase_url = "http://elsewhere"\n', encoding="utf-8")
    assert secrets(env_file=None, providers_file=file).count("theirs") == 1

    environment.setenv("GEMINI_API_KEY", "ours")

    assert {"ours", "theirs"} & {*secrets(env_file=None, providers_file=file)} == {"ours"}


def test_a_wrong_key_is_told_by_the_name_that_was_used(configured: Load) -> None:
    with pytest.raises(ConfigurationError, match=r"^GOOGLE_API_KEY=\*\*\*: expected a key"):
        configured(GOOGLE_API_KEY="a b")


def test_an_env_file_may_begin_with_a_byte_order_mark(configured: Load) -> None:
    assert list(configured("\ufeffOPENAI_API_KEY=k\n")) == ["openai"]


def test_an_env_file_that_is_no_utf8_is_told(http: Http, environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(b"OPENAI_MODEL=\xff\xfe")

    with pytest.raises(ConfigurationError, match="in UTF-8"):
        load(http, clock=FakeClock(), random=Random(1), env_file=file)


def test_an_empty_variable_is_not_set(configured: Load) -> None:
    assert list(configured("OPENAI_API_KEY=\nOPENAI_BASE_URL=\n")) == ["demo"]


def test_providers_are_offered_in_their_order(configured: Load) -> None:
    variables = {
        **{f"{preset.prefix}API_KEY": "k" for preset in REMOTE},
        **{f"{preset.prefix}BASE_URL": "http://h/v1" for preset in LOCAL},
        "AZURE_OPENAI_ENDPOINT": "http://h",
        "G4F_BASE_URL": "http://h/v1",
        "CHATGPTFREE_BASE_URL": "http://h",
        "CHATGPTT_BASE_URL": "http://h",
        "GPTALK_BASE_URL": "http://h",
        "FAKEGPT_BASE_URL": "http://h",
        "OLLAMA_MODEL": "m",
        "GEMINI_API_KEY": "k",
        "ANTHROPIC_API_KEY": "k",
        "OPENAI_API_KEY": "k",
    }

    found = configured("", '[mine]\ntype = "openai"\nbase_url = "http://h"\n', demo="on", **variables)

    assert list(found) == [*ORDER, "mine", "demo"]
    assert {name: provider.id for name, provider in found.items()} == {name: name for name in found}


def test_in_play_the_guide_is_offered_after_what_is_configured(configured: Load) -> None:
    assert list(configured(play=True)) == ["demo"]
    assert list(configured(OPENAI_API_KEY="k", play=True)) == ["openai", "demo"]


def test_the_guide_is_offered_beside_others_only_on_demand(configured: Load) -> None:
    assert list(configured(OPENAI_API_KEY="k")) == ["openai"]
    assert list(configured(OPENAI_API_KEY="k", demo="on")) == ["openai", "demo"]
    assert list(configured(OPENAI_API_KEY="k", demo="off", play=True)) == ["openai"]


GROQ = '[groq]\ntype = "openai"\nbase_url = "http://groq/v1/"\nmodel = "llama"\ncontext_tokens = 5000\n'


def test_a_table_is_one_more_instance_with_its_own_id(configured: Load) -> None:
    found = configured("", GROQ, OPENAI_API_KEY="k")

    groq = found["groq"]
    assert list(found) == ["openai", "groq"]
    assert isinstance(groq, OpenAI)
    assert (groq.id, groq.url, groq.default_model, groq.context_tokens) == ("groq", "http://groq/v1", "llama", 5000)


def test_a_table_never_takes_the_settings_of_the_built_in_provider(configured: Load) -> None:
    found = configured(
        "", '[groq]\ntype = "openai"\nbase_url = "http://groq/v1"\n', OPENAI_MODEL="gpt", OPENAI_API_KEY="k"
    )

    groq = found["groq"]
    assert isinstance(groq, OpenAI)
    assert groq.default_model == ""


def test_a_table_of_a_providers_own_name_stands_in_its_place_with_its_variables(configured: Load) -> None:
    found = configured("GROQ_API_KEY=k\nOPENAI_API_KEY=k\nMISTRAL_API_KEY=k\n", '[groq]\nmodel = "llama"\n')

    groq = found["groq"]
    assert isinstance(groq, OpenAI)
    assert list(found) == ["openai", "groq", "mistral"]
    assert (groq.url, groq.default_model, groq.label) == ("https://api.groq.com/openai/v1", "llama", "Groq")


def test_a_table_with_a_presets_name_and_another_type_is_the_operators_own(configured: Load) -> None:
    found = configured(
        "GROQ_API_KEY=k\nGEMINI_API_KEY=k\nGPTALK_BASE_URL=http://h\n",
        '[groq]\ntype = "openai"\nbase_url = "https://proxy.example/v1"\n',
    )

    assert list(found) == ["gemini", "gptalk", "groq"]
    assert found["groq"].url == "https://proxy.example/v1"


def test_what_a_table_leaves_out_is_looked_for_under_its_name(configured: Load) -> None:
    found = configured("MY_GROQ_MODEL=llama\n", '[my-groq]\ntype = "openai"\nbase_url = "http://groq/v1"\n')

    groq = found["my-groq"]
    assert isinstance(groq, OpenAI)
    assert groq.default_model == "llama"


@pytest.mark.parametrize(
    ("env", "toml", "told"),
    [
        ("GROQ_API_KEY=k", '[groq]\ntype = "openai"', ["[groq] base_url=:", "GROQ_API_KEY"]),
        ("", '[groq]\ntype = "openai"\napi_key = "k"', ["[groq] base_url=:"]),
        ("DEEPSEEK_API_KEY=k", '[deepseek]\ntype = "anthropic"', ["[deepseek] base_url=:"]),
        ("MINE_API_KEY=k", '[mine]\ntype = "gemini"', ["[mine] base_url=:"]),
        ("MINE_API_KEY=k", '[mine]\ntype = "ollama"', ["[mine] base_url=:"]),
        ("MINE_API_KEY=k", '[mine]\ntype = "g4f"', ["[mine] base_url=:"]),
        ("OLLAMA_API_KEY=k", None, ["OLLAMA_BASE_URL=:", "OLLAMA_API_KEY"]),
        ("G4F_API_KEY=k", None, ["G4F_BASE_URL=:"]),
        ("OPENAI_API_KEY=k", '[OpenAI]\ntype = "openai"\nbase_url = "http://h/v1"', ["[OpenAI]", "those of openai"]),
        ("GEMINI_API_KEY=k", '[Gemini]\ntype = "openai"\nbase_url = "http://h/v1"', ["[Gemini]", "those of gemini"]),
        (
            "MY_GROQ_API_KEY=k",
            '[my-groq]\ntype = "openai"\nbase_url = "http://h/v1"\n[my_groq]\ntype = "openai"\nbase_url = "http://i/v1"',
            ["[my_groq]", "those of my-groq"],
        ),
        (
            "GROQ_API_KEY=k\nGROQ_BASE_URL=https://right/v1",
            '[groq]\ntype = "openai"\nbase_url = "https://other/v1"',
            ["[groq] base_url=https://other/v1", "GROQ_BASE_URL"],
        ),
    ],
)
def test_a_key_goes_to_no_address_that_it_was_not_given_for(
    configured: Load, env: str, toml: str | None, told: list[str]
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        configured(env, toml)

    assert [part for part in told if part not in str(caught.value)] == []
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("env", "toml"),
    [
        ("GROQ_API_KEY=k", '[groq]\ntype = "openai"\nbase_url = "https://right/v1"'),
        ("GROQ_API_KEY=k\nGROQ_BASE_URL=https://right/v1", '[groq]\ntype = "openai"'),
        ("GROQ_API_KEY=k\nGROQ_BASE_URL=https://right/v1", '[groq]\ntype = "openai"\nbase_url = "https://right/v1"'),
        ("GROQ_BASE_URL=https://other/v1", '[groq]\ntype = "openai"\nbase_url = "https://right/v1"\napi_key = "k"'),
    ],
)
def test_a_key_goes_to_the_address_beside_it(configured: Load, env: str, toml: str) -> None:
    assert configured(env, toml)["groq"].url == "https://right/v1"


def test_a_members_key_stays_its_own_in_a_fallback(configured: Load) -> None:
    toml = f'{GROQ}\n[either]\ntype = "fallback"\nproviders = ["groq"]\n'

    assert configured("EITHER_API_KEY=k\n", toml)["either"].url == "http://groq/v1"


@pytest.mark.parametrize("kind", ["openai", "ollama", "g4f"])
def test_a_password_in_the_address_and_a_key_exclude_each_other(configured: Load, kind: str) -> None:
    env = f"{kind.upper()}_BASE_URL=http://user:p/w@host@h/v1\n{kind.upper()}_API_KEY=secret\n"

    with pytest.raises(ConfigurationError, match="without user and password") as caught:
        configured(env.replace("p/w@host", "hunter2"))

    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("kind", ["anthropic", "gemini"])
def test_where_the_key_has_a_header_of_its_own_a_proxy_may_want_a_password_too(configured: Load, kind: str) -> None:
    assert kind in configured(f"{kind.upper()}_BASE_URL=http://user:pw@h\n{kind.upper()}_API_KEY=secret\n")


def test_keys_that_go_unencrypted_into_foreign_networks_are_known(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    addresses = ["http://8.8.8.8/v1", "http://api.example.org/v1", "http://u:pw@example.org/v1"]
    local = ["http://localhost/v1", "http://10.1.2.3/v1", "http://[::1]/v1", "http://vllm:8000/v1", "http://a.lan/v1"]
    key = 'api_key = "k"\n'
    tables = [
        f'[p{number}]\ntype = "openai"\nbase_url = "{url}"\n{"" if "@" in url else key}'
        for number, url in enumerate([*addresses, *local, "https://example.org/v1"])
    ]
    file = tmp_path / "providers.toml"
    file.write_text("".join(tables), encoding="utf-8")

    found = exposed(env_file=None, providers_file=file)

    assert list(found) == ["p0", "p1", "p2"]
    assert "pw" not in str(found)


def test_a_fallback_is_made_of_providers_above_it_and_of_the_guide(configured: Load) -> None:
    found = configured(
        "", f'{GROQ}\n[either]\ntype = "fallback"\nproviders = ["groq", "openai", "demo"]\n', OPENAI_API_KEY="k"
    )

    assert list(found) == ["openai", "groq", "either"]
    assert found["either"].id == "either"


@pytest.mark.parametrize(
    ("env", "toml", "told"),
    [
        ("OPENAI_BASE_URL=nonsense", None, ["OPENAI_BASE_URL=nonsense", "expected an address"]),
        ("OPENAI_BASE_URL=ftp://user:pw@host", None, ["OPENAI_BASE_URL=ftp://***@host"]),
        ("OPENAI_API_KEY=two words", None, ["OPENAI_API_KEY=***", "expected a key"]),
        ("OPENAI_API_KEY=k\nOPENAI_CONTEXT_TOKENS=many", None, ["OPENAI_CONTEXT_TOKENS=many", "integer"]),
        ("DEMO_TOKENS_PER_SECOND=0", None, ["DEMO_TOKENS_PER_SECOND=0", "greater than 0"]),
        ("", "[groq", ["PROVIDERS_FILE=", "a TOML file"]),
        ("", "groq = 1", ["groq=***", "a table"]),
        ("", '[mine]\nbase_url = "http://h"', ["[mine] type=", "one of openai"]),
        ("", '[groq]\ntype = "opneai"', ["[groq] type=opneai", "one of openai"]),
        ("", '[groq]\ntype = "openai"\nbase_ulr = "http://h"', ["[groq] base_ulr=***", "base_url"]),
        ("", '[groq]\ntype = "openai"\nbase_url = "h"', ["[groq] base_url=h", "expected an address"]),
        ("", '[groq]\ntype = "openai"\nbase_url = 7', ["[groq] base_url=7", "string"]),
        ("GROQ_API_KEY=a b", '[groq]\ntype = "openai"', ["GROQ_API_KEY=***", "expected a key"]),
        ("", '[demo]\ntype = "openai"', ["[demo]=demo", "a new id"]),
        ("", '["a b"]\ntype = "openai"', ["=a b", "a new id"]),
        ("", '[either]\ntype = "fallback"\nproviders = ["groq"]', ["providers=groq", "ids out of"]),
    ],
)
def test_a_mistake_is_told_in_one_line_with_its_place(
    configured: Load, env: str, toml: str | None, told: list[str]
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        configured(env, toml)

    line = str(caught.value)
    assert "\n" not in line
    assert [part for part in told if part not in line] == []


def test_a_providers_file_that_is_missing_is_told(http: Http, environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="PROVIDERS_FILE"):
        load(http, clock=FakeClock(), random=Random(1), env_file=None, providers_file=tmp_path / "none.toml")


@pytest.fixture
def extra_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder whose modules count as modules of the package."""
    folder = tmp_path / "more"
    folder.mkdir()
    providers.__path__.append(str(folder))
    yield folder
    providers.__path__.remove(str(folder))


async def test_the_guides_example_of_a_new_provider_works_as_one_file(
    configured: Load, extra_folder: Path, environment: pytest.MonkeyPatch
) -> None:
    (extra_folder / "twice.py").write_text(NEW_PROVIDER, encoding="utf-8")

    found = configured("TWICE_BASE_URL=https://twice.example\n", OPENAI_API_KEY="k")

    assert list(found) == ["openai", "twice"]
    answer = await outcome(found["twice"].create_async_generator(None, HELLO))
    assert answer.text == "Hello Hello "


def test_every_kind_says_what_it_is_called_and_how_it_is_set() -> None:
    prefixes = [kind.settings.model_config["env_prefix"] for kind in kinds().values()]

    assert [kind_id for kind_id in ORDER if kind_id not in kinds()] == []
    assert len(set(prefixes)) == len(prefixes)
