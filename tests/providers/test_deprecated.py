"""The vendors' packages name the models that they switch off: none is a default of ours, and we know the day."""

import inspect
import re
from collections.abc import Callable
from datetime import datetime

import pytest

from providers.media import images
from providers.media.endpoints import ENDS
from providers.services import anthropic, openai
from providers.services.presets import PRESETS, Preset

TOLD = "2026-11-22"  # when our lists were looked up: what ended before is no choice any more


def of_openai() -> dict[str, str]:
    """Return the models that end and their day, as the text beside openai's list of models says it."""
    module = pytest.importorskip("openai.types.shared.chat_model")
    words = re.sub(r"\s+", " ", inspect.getsource(module).partition("Deprecated values:")[2])
    entries = re.findall(r'- ((?:"[^"]+",? ?)+): Announced shutdown date: (\d{4}-\d{2}-\d{2})', words)
    return {name: day for names, day in entries for name in re.findall(r'"([^"]+)"', names)}


def of_sounds() -> dict[str, str]:
    """Return the same of the models that hear and speak."""
    found: dict[str, str] = {}
    for name in ("openai.types.audio_model", "openai.types.audio.speech_model"):
        words = re.sub(r"\s+", " ", inspect.getsource(pytest.importorskip(name)).partition("Deprecated values:")[2])
        names, _, rest = words.partition("Announced shutdown date:")
        found |= dict.fromkeys(re.findall(r'"([^"]+)"', names), rest.split()[0].rstrip("."))
    return found


def of_pictures() -> set[str]:
    """Return the models that make no pictures any more."""
    module = pytest.importorskip("openai.types.image_model")
    return {*re.findall(r'"([^"]+)"', inspect.getsource(module).partition("Deprecated values:")[2])}


def of_anthropic() -> dict[str, str]:
    """Return the same of anthropic, which warns of them."""
    listed = pytest.importorskip("anthropic.resources.messages.messages").DEPRECATED_MODELS
    days = {name: re.sub(r"(?<=\d)(st|nd|rd|th)", "", day) for name, day in listed.items()}
    return {name: f"{datetime.strptime(day, '%B %d, %Y').date()}" for name, day in days.items()}  # noqa: DTZ007  # a day


def test_the_packages_still_say_it_as_we_read_it() -> None:
    assert of_openai()["gpt-4o"] == "2027-01-14"
    assert of_anthropic()["claude-sonnet-4-5"] == "2026-11-30"
    assert of_sounds()["whisper-1"] == "2027-02-26"
    assert of_sounds()["gpt-4o-mini-tts"] == "2027-01-06"
    assert "dall-e-3" in of_pictures()


def test_no_default_of_ours_ends() -> None:
    assert not {*openai.PREFERRED} & of_openai().keys()
    assert not {*anthropic.PREFERRED} & of_anthropic().keys()


@pytest.mark.parametrize("preset", [openai.OPENAI, *PRESETS], ids=lambda preset: preset.id)
def test_what_hears_draws_and_speaks_at_a_service_does_not_end_untold(preset: Preset) -> None:
    assert preset.draws not in of_pictures()
    assert images.MODEL not in of_pictures()
    is_own = preset is openai.OPENAI or preset.id == "litellm"
    assert not is_own or preset.hears not in of_sounds() or preset.hears in ENDS
    assert not is_own or preset.speaks not in of_sounds() or preset.speaks in ENDS


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.id)
def test_the_first_choice_of_a_preset_does_not_end(preset: Preset) -> None:
    names = (*preset.preferred[:1], *preset.models)
    bare = [name.rpartition("/")[2] for name in names]

    assert not {*names} & preset.ends.keys()
    assert not {*bare} & {*of_openai(), *of_anthropic()}


@pytest.mark.parametrize(
    ("known", "told"),
    [(openai.ENDS, of_openai), (anthropic.ENDS, of_anthropic), (ENDS, of_sounds)],
    ids=["openai", "anthropic", "sounds"],
)
def test_each_end_that_is_to_come_is_known_here(known: dict[str, str], told: Callable[[], dict[str, str]]) -> None:
    snapshot = re.compile(r"-\d{4}-?\d{2}-?\d{2}$")
    for name, day in told().items():
        if day >= TOLD and "-audio" not in name:
            assert known.get(name) or known.get(snapshot.sub("", name)), name
            assert (known.get(name) or known[snapshot.sub("", name)]) == day, name
