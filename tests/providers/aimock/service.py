"""aimock as a service: a program that nobody here wrote (node)."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
PROGRAM = HERE / "node_modules/@copilotkit/aimock/dist/aimock-cli.js"
IS_THERE = shutil.which("node") is not None and PROGRAM.exists()
MISSING = "aimock is not installed (.ci/run)"


@contextmanager
def aimock() -> Iterator[str]:
    """Run it; give its address."""
    command = ("node", PROGRAM, "--config", "config.json", "--port", "0")
    with subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as program:
        try:
            assert program.stdout is not None
            said = (re.search(rb"server listening on (http://\S+)", line) for line in program.stdout)
            yield next(found[1].decode() for found in said if found)
        finally:
            program.kill()
