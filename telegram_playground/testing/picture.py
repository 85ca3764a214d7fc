"""A picture of the page, for a test that failed; Chromium takes it where there is one."""

import shutil
import subprocess
import tempfile
from pathlib import Path

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_TIMEOUT_S = 20
_SETTLED_MS = 1500  # of the page's own time: what it loads and draws is there by then


def taken(url: str, file: Path) -> bool:
    """Take a picture of a page; False where there is no browser or no such folder, or it takes too long."""
    browser = next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        return False
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError:  # the test's own failure is what is to be told
        return False
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [
            browser,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--window-size=900,800",
            f"--user-data-dir={profile}",
            f"--virtual-time-budget={_SETTLED_MS}",
            f"--screenshot={file}",
            url,
        ]
        try:
            subprocess.run(command, capture_output=True, timeout=_TIMEOUT_S, check=False)  # noqa: S603  # our own words
        except (OSError, subprocess.TimeoutExpired):
            return False
    return file.is_file()
