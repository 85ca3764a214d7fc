"""Recordings that this machine writes down: by a program that may fail, hang, or be missing its package."""

import asyncio
import importlib.util
import sys
from pathlib import Path

import pytest

from bot.extract.found import Reason, Unread
from bot.work.attachments.dictation import Dictation
from bot.work.attachments.sound import seconds_of
from bot.work.attachments.transcription import Transcription
from providers.media.transcription import Transcriber
from tests.clock import FakeClock

VOICE = b"OggS" + bytes(24) + b"OpusHead" + bytes(40) + b"OggS\0\4" + (48_000 * 2).to_bytes(8, "little") + bytes(9)


def stand_in(tmp_path: Path, code: str, **limits: float) -> Dictation:
    """Return what asks a program of the test in the place of the real one."""
    program = tmp_path / "stand_in.py"
    program.write_text(f"import json, os, sys, time\ndata = sys.stdin.buffer.read()\n{code}\n", encoding="utf-8")
    return Dictation(tmp_path / "model", program=(sys.executable, str(program)), **limits)


async def reason(dictation: Dictation) -> Reason:
    with pytest.raises(Unread) as unread:
        await dictation.write_down(VOICE)
    return unread.value.reason


async def test_its_words_are_the_transcript_and_no_service_is_asked(tmp_path: Path) -> None:
    dictation = stand_in(tmp_path, 'print(json.dumps({"text": f"{len(data)} {os.path.basename(sys.argv[1])}"}))')
    hearing = Transcription(Transcriber([], clock=FakeClock(), silence_s=1), dictation)

    heard = await hearing.hear(VOICE, "audio/ogg")

    assert heard.text == f"{len(VOICE)} model"


async def test_it_knows_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", "1:secret")

    said = await stand_in(tmp_path, 'print(json.dumps({"text": " ".join(os.environ)}))').write_down(VOICE)

    assert "TOKEN" not in said


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ('print(json.dumps({"reason": "no extra"}))', Reason.DEAF),
        ('print(json.dumps({"reason": "broken", "error": "of the model"}))', Reason.NOT_HEARD),
        ("os._exit(9)", Reason.CRASHED),
        ("os.kill(os.getpid(), 11)", Reason.CRASHED),
        ("os.kill(os.getpid(), 9)", Reason.TOO_LARGE),
        ("os.kill(os.getpid(), 24)", Reason.TOO_SLOW),
        ('print("x" * (3 << 20), flush=True)', Reason.NOT_HEARD),
        ("time.sleep(60)", Reason.TOO_SLOW),
    ],
)
async def test_what_goes_wrong_is_told_and_takes_no_longer_than_it_may(tmp_path: Path, code: str, why: Reason) -> None:
    assert await reason(stand_in(tmp_path, code, base_s=1.5, times=0)) is why


async def test_one_that_says_it_lasts_a_day_has_the_time_that_its_size_allows(tmp_path: Path) -> None:
    day = VOICE[:-17] + (48_000 * 86_000).to_bytes(8, "little") + bytes(9)
    assert seconds_of(day) == 86_000

    with pytest.raises(Unread) as unread:
        await stand_in(tmp_path, "time.sleep(60)", base_s=0.1, times=1).write_down(day)

    assert unread.value.reason is Reason.TOO_SLOW


async def test_a_short_one_does_not_wait_for_a_long_one(tmp_path: Path) -> None:
    """The long one ends when the short one has come."""
    came = tmp_path / "came"
    code = (
        f"came = {str(came)!r}\nwhile len(data) > 60_000 and not os.path.exists(came): time.sleep(0.01)\n"
        'open(came, "w").close()\nprint(json.dumps({"text": str(len(data))}))'
    )
    dictation = stand_in(tmp_path, code)
    long = VOICE[:28] + b"OpusHead" + bytes(70_000) + VOICE[36:-17] + (48_000 * 130).to_bytes(8, "little") + bytes(9)
    assert (seconds_of(long), seconds_of(VOICE)) == (130, 2)

    slow = asyncio.ensure_future(dictation.write_down(long, of=1))
    await asyncio.sleep(0)

    assert await dictation.write_down(VOICE, of=2) == str(len(VOICE))
    assert await slow == str(len(long))


@pytest.mark.skipif(importlib.util.find_spec("faster_whisper") is None, reason="the extra voice is not installed")
async def test_the_real_package_is_loaded_in_the_program_and_misses_a_model(tmp_path: Path) -> None:
    """A model cannot be fetched here; that it is looked for in the folder alone is what can be seen."""
    assert await reason(Dictation(tmp_path / "nothing")) is Reason.NOT_HEARD
    assert "faster_whisper" not in sys.modules


def test_a_voice_message_says_how_long_it_is() -> None:
    assert seconds_of(VOICE) == 2.0
    assert seconds_of(b"ID3" + bytes(99)) is None
    assert seconds_of(b"OggS") is None
