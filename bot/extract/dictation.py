"""Dictation: what is said in a recording, by faster-whisper on this machine; a program of its own.

    python -m bot.extract.dictation FOLDER    the recording on standard input; its words, or why there are none, as JSON

FOLDER holds a model of Whisper as CTranslate2 has it; nothing is fetched. The package and the model are loaded in this
process alone, which holds itself to limits on memory and time.
"""

import json
import resource
import signal
import sys
from io import BytesIO

from bot.extract.clockwork import stand_back

MEMORY = 6 << 30  # bytes of addresses: the model and what its threads reserve
CPU_S = 3_600
MAX_TEXT = 200_000  # characters
NO_EXTRA, BROKEN = "no extra", "broken"


def main() -> None:
    """Write down, under limits, and say what came of it."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 1))  # it ends by SIGXCPU, which says why
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    stand_back()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        said = {"text": words(sys.stdin.buffer.read(), sys.argv[1])}
    except ImportError:
        said = {"reason": NO_EXTRA}
    except Exception as error:  # noqa: BLE001 - of the model or the recording: an operator reads it in the log
        said = {"reason": BROKEN, "error": " ".join(f"{type(error).__name__}: {error}".split())[:300]}
    sys.stdout.write(json.dumps(said))


def words(data: bytes, folder: str) -> str:
    """Return what is said in a recording. Raises ImportError, and whatever the package raises."""
    from faster_whisper import WhisperModel

    model = WhisperModel(folder, device="cpu", compute_type="int8", local_files_only=True)
    segments, _ = model.transcribe(BytesIO(data), beam_size=1, condition_on_previous_text=False)
    found, length = [], 0
    for segment in segments:
        found.append(segment.text)
        length += len(segment.text)
        if length > MAX_TEXT:
            break
    return "".join(found).strip()[:MAX_TEXT]


if __name__ == "__main__":
    main()
