"""Follows docs/providers.md as a newcomer would: makes the files it shows, in a copy of the project, and uses them."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from bot.clock import Clock
from providers.base import AsyncGeneratorProvider, ProviderModelMixin
from providers.registry import load
from providers.services import chatgptfree, chatgptt, fakegpt, gptalk
from providers.services.openai import OPENAI
from providers.services.presets import PRESETS, Preset
from providers.wire.http import Http

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "providers.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"`([\w/]+\.py)`:\n\n```python\n(.*?)```", PAGE, re.DOTALL))
OFFERED = """
from random import Random
from pathlib import Path
from bot.clock import Clock
from providers.wire.http import Http
from providers.registry import load
found = load(Http(), clock=Clock(), random=Random(), providers_file=Path("providers.toml"))
print(*found, found["polly"].url)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("project")
    without_cache = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "providers", path / "providers", ignore=without_cache)
    for name in ("bot/__init__.py", "bot/clock.py", "pyproject.toml", *FILES):
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(FILES.get(name) or (ROOT / name).read_text(encoding="utf-8"), encoding="utf-8")
    tutorial = PAGE.partition("## Write a provider")[2]
    (path / "providers.toml").write_text(tutorial.partition("```toml\n")[2].partition("```")[0], encoding="utf-8")
    return path


def run(project: Path, *arguments: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=project, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_provider_of_the_tutorial_passes_its_test(project: Path) -> None:
    assert list(FILES) == ["providers/services/parrot.py", "tests/providers/services/test_parrot.py"]
    assert "3 passed" in run(
        project, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/providers/services/test_parrot.py"
    )


@pytest.mark.parametrize(
    ("endpoint", "model"),
    [
        ("/audio/transcriptions", lambda preset: preset.hears),
        ("/images/generations", lambda preset: preset.draws),
        ("/audio/speech", lambda preset: preset.speaks),
    ],
)
def test_the_page_names_the_services_that_have_an_endpoint_in_their_order(
    endpoint: str, model: Callable[[Preset], str]
) -> None:
    (row,) = (line for line in PAGE.splitlines() if f"`{endpoint}`" in line and "first configured service" in line)
    named = re.findall(r"`(\w+)`", row.partition("first configured service")[2].partition(";")[0])

    assert named == [preset.id for preset in (OPENAI, *PRESETS) if model(preset)]


def test_the_provider_of_the_tutorial_is_offered(project: Path) -> None:
    found = run(project, "-c", OFFERED, PARROT_API_KEY="secret").split()

    assert found == ["parrot", "polly", "https://polly.example/v1"]


def test_the_code_of_the_tutorial_is_in_house_style(project: Path) -> None:
    run(project, "-m", "ruff", "check", "--no-cache", *FILES)
    run(project, "-m", "ruff", "format", "--no-cache", "--check", *FILES)


async def test_the_table_tells_what_the_four_services_are(tmp_path: Path) -> None:
    addresses = re.findall(r"^([A-Z]+_BASE_URL=\S+)$", PAGE, re.MULTILINE)
    (tmp_path / ".env").write_text("\n".join(addresses), encoding="utf-8")
    async with Http() as http:
        found = load(http, clock=Clock(), random=Random(), env_file=tmp_path / ".env")

    assert list(found) == ["fakegpt", "gptalk", "chatgptt", "chatgptfree"]
    for module in (fakegpt, gptalk, chatgptt, chatgptfree):
        name = module.__name__.rpartition(".")[2]
        row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{name}` |"))
        provider: AsyncGeneratorProvider = found[name]
        assert f"`{module.Settings().base_url}`" in row
        assert f"{name.upper()}_BASE_URL={provider.url}" in addresses
        assert ("not working" in row) is not provider.working
        models = provider.get_models() if isinstance(provider, ProviderModelMixin) else ["gpt-3.5-turbo"]
        assert all(f"`{model}`" in row for model in models)
