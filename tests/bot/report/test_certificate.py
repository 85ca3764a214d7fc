"""Which certificates Telegram is shown: those that nobody else vouches for."""

import shutil
import subprocess
from pathlib import Path

import pytest

from bot.report.certificate import shown_to_telegram
from bot.settings import ConfigurationError

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl here")

MADE = ("-newkey", "rsa:2048", "-nodes", "-subj", "/CN=bot.example.org")


def openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def joined(folder: Path, *files: str) -> Path:
    made = folder / "own.pem"
    made.write_text("".join((folder / each).read_text() for each in files))
    return made


def test_one_that_vouches_for_itself_is_shown_without_its_key(tmp_path: Path) -> None:
    openssl(tmp_path, "req", "-x509", *MADE, "-keyout", "key", "-out", "crt")

    shown = shown_to_telegram(joined(tmp_path, "key", "crt"))

    assert shown.strip() == (tmp_path / "crt").read_text().strip()


def test_one_that_an_authority_vouches_for_is_not_shown(tmp_path: Path) -> None:
    openssl(tmp_path, "req", "-x509", *MADE[:-1], "/CN=authority", "-keyout", "ca.key", "-out", "ca")
    openssl(tmp_path, "req", *MADE, "-keyout", "key", "-out", "wish")
    openssl(tmp_path, "x509", "-req", "-in", "wish", "-CA", "ca", "-CAkey", "ca.key", "-set_serial", "7", "-out", "crt")

    assert shown_to_telegram(joined(tmp_path, "crt", "ca", "key")) == ""


@pytest.mark.parametrize("is_there", [True, False])
def test_a_file_that_cannot_be_served_with_is_told_by_the_setting(tmp_path: Path, *, is_there: bool) -> None:
    openssl(tmp_path, "req", "-x509", *MADE, "-keyout", "key", "-out", "crt")
    file = joined(tmp_path, "crt") if is_there else tmp_path / "missing.pem"

    with pytest.raises(ConfigurationError, match="WEBHOOK_CERTIFICATE"):
        shown_to_telegram(file)
