"""What a person is told of files that were not read."""

import pytest

from bot.extract.found import Reason
from bot.texts import LANGUAGES
from bot.work.attachments.loading import Missed
from bot.work.attachments.unread import told
from providers.blocks import Attached

VOICE = Missed(Attached("1", is_picture=False, name="", size=1, media_type="audio/ogg"), Reason.TOO_SLOW)
PICTURE = Missed(Attached("2", is_picture=True, name="", size=1), Reason.TOO_SLOW)
REPORT = Missed(Attached("3", is_picture=False, name="report.pdf", size=1), Reason.TOO_SLOW)


@pytest.mark.parametrize(
    ("language", "missed", "beginning"),
    [
        ("en", VOICE, "⚠️ I could not read the recording: "),
        ("en", PICTURE, "⚠️ I could not read the picture: "),
        ("en", REPORT, "⚠️ I could not read report.pdf: "),
        ("de", VOICE, "⚠️ Nicht lesbar – Aufnahme: "),
        ("ru", VOICE, "⚠️ Не получилось прочитать — запись: "),
    ],
)
def test_what_has_no_name_is_named_by_its_kind(language: str, missed: Missed, beginning: str) -> None:
    (line,) = told([missed], LANGUAGES[language], is_all=True)

    assert line.startswith(beginning)
