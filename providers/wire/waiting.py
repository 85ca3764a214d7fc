"""Waiting: for how long a service wants not to be asked, as it says it.

    Retry-After (seconds or a date), retry-after-ms     OpenAI has both
    error.details[].retryDelay                          Gemini
    "Please try again in 7m12s"                         in words alone
    x-ratelimit-reset-requests: 6m0s, -tokens: 250ms    OpenAI, Groq; where nothing remains of that
    anthropic-ratelimit-requests-reset: a date          Anthropic, likewise
    X-RateLimit-Reset: Unix milliseconds or seconds     OpenRouter, GitHub, likewise

The first of them that says a time counts.
"""

import math
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_RESET_S = 86_400.0  # what is longer is no time of a limit

_SECONDS = re.compile(r"(\d{1,7}(?:\.\d{1,9})?)s")
_AGAIN = re.compile(  # OpenAI and Groq: "Please try again in 7m12.5s", "… in 20ms"; LiteLLM: "Try again in 5 seconds"
    r"try again in (?:(\d{1,3})h)?(?:(\d{1,4})m(?!s))?(?:(\d{1,7}(?:\.\d{1,9})?) ?(ms|s))?", re.IGNORECASE
)
_DURATION = re.compile(r"(?:(\d{1,3})h)?(?:(\d{1,4})m(?!s))?(?:(\d{1,7}(?:\.\d{1,9})?)(ms|s))?")
_RESETS = re.compile(
    r"(?P<of>(?:x|anthropic)-ratelimit-)(?:reset(?P<after>-\w+)?|(?P<before>[\w-]+)-reset)", re.IGNORECASE
)
_MILLISECONDS = 1e11  # Unix times above it are in these


def retry_after(value: str | None, *, wall: float) -> float | None:
    """Return the seconds to wait that a Retry-After header names, as seconds or as a date; None for nonsense."""
    if value is None:
        return None
    with suppress(ValueError):
        seconds = float(value)
        return seconds if math.isfinite(seconds) and seconds >= 0 else None
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, date.replace(tzinfo=date.tzinfo or UTC).timestamp() - wall)


def wait_in(headers: Mapping[str, str], error: object, words: str, *, wall: float) -> float | None:
    """Return the seconds to wait after a refusal; None where nothing says them. `wall`: Unix seconds, now."""
    milliseconds = retry_after(headers.get("retry-after-ms"), wall=wall)
    if milliseconds is not None:
        return milliseconds / 1000
    named = retry_after(headers.get("Retry-After"), wall=wall)
    told = (named, _delay_in(error), _told_in(words), _reset_in(headers, wall=wall))
    return next((seconds for seconds in told if seconds is not None), None)


def _delay_in(error: object) -> float | None:
    """Return the seconds in `error.details[].retryDelay`, such as "34s" (google.rpc.RetryInfo)."""
    details = error.get("details") if isinstance(error, dict) else None
    delays = [each.get("retryDelay") for each in details if isinstance(each, dict)] if isinstance(details, list) else []
    found = [_SECONDS.fullmatch(delay) for delay in delays if isinstance(delay, str)]
    return next((float(match[1]) for match in found if match), None)


def _told_in(words: str) -> float | None:
    """Return the seconds to wait that a service names in its words alone."""
    found = _AGAIN.search(words)
    if found is None or not any(found.groups()):
        return None
    return _seconds(found)


def _reset_in(headers: Mapping[str, str], *, wall: float) -> float | None:
    """Return the seconds until the limits of which nothing remains begin anew; None where no header says so."""
    small = {name.lower(): value.strip() for name, value in headers.items()}
    found: list[float] = []
    for name, value in small.items():
        if match := _RESETS.fullmatch(name):
            before, after = match["before"], match["after"] or ""
            remaining = f"{match['of']}{before}-remaining" if before else f"{match['of']}remaining{after}"
            seconds = _until(value, wall=wall) if small.get(remaining) == "0" else None
            found += [seconds] if seconds is not None and 0 <= seconds <= LONGEST_RESET_S else []
    return max(found, default=None)


def _until(value: str, *, wall: float) -> float | None:
    """Return the seconds that a duration, a Unix time or an ISO date says."""
    with suppress(ValueError):
        number = float(value)
        if not math.isfinite(number):
            return None
        return number if number <= LONGEST_RESET_S else (number / 1000 if number > _MILLISECONDS else number) - wall
    if (match := _DURATION.fullmatch(value)) and any(match.groups()):
        return _seconds(match)
    with suppress(ValueError):
        date = datetime.fromisoformat(value)
        return date.replace(tzinfo=date.tzinfo or UTC).timestamp() - wall
    return None


def _seconds(match: re.Match[str]) -> float:
    hours, minutes, seconds = (float(each or 0) for each in match.groups()[:3])
    return hours * 3600 + minutes * 60 + (seconds / 1000 if (match[4] or "").lower() == "ms" else seconds)
