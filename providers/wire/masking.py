"""Masking: what is secret is taken out of words that somebody else wrote, in whatever form they repeat it."""

import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from html import escape
from urllib.parse import quote, unquote, urlsplit

MASK = "***"
SHORTEST_SECRET = 6  # characters; what is shorter would only spoil an error

_USER_INFO = re.compile(r"(?<=://)[^/\s]*(?=@)")
_KEYS = re.compile(r"\b(?:(?:sk|pk|gsk|xai|hf)[-_]|AIza)[\w-]{12,}|(?<=Bearer )[\w.~+/=-]{4,}", re.IGNORECASE)
_BASIC = re.compile(r"\bBasic [\w+/-]{6,}=*", re.IGNORECASE)


def mask(text: str, *secrets: str) -> str:
    """Replace secrets, keys and passwords in URLs by ***, also a secret that the end of the text cut off.

    A secret is known in any case, percent-encoded, escaped for HTML, in hexadecimal digits and within base64.
    """
    for secret in sorted(filter(None, secrets), key=len, reverse=True):  # one may be part of another
        pattern, forms = _forms(secret)
        text = pattern.sub(MASK, text)
        small = text.lower()
        cuts = (n for form in forms for n in range(len(form) - 1, 5, -1) if small.endswith(form[:n].lower()))
        if cut := max(cuts, default=0):
            text = text[: len(text) - cut] + MASK
    return _KEYS.sub(MASK, _BASIC.sub(MASK, _USER_INFO.sub(MASK, text)))


def passwords_in(url: str) -> Iterator[str]:
    """Yield the password in an address, as it stands there and as it is sent."""
    with suppress(ValueError):
        if password := urlsplit(url).password:
            yield from (each for each in {password, unquote(password)} if len(each) >= SHORTEST_SECRET)


@lru_cache(maxsize=256)
def _forms(secret: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """Return what matches a secret as others may write it, and forms that may be cut off; a short one as it is."""
    if len(secret) < SHORTEST_SECRET:
        return re.compile(re.escape(secret)), ()
    data = secret.encode(errors="replace")
    in_base64 = tuple(_in_base64(data))
    written = "".join(map(_written, secret))  # each character in its own way: services escape what they think they must
    whole, path = (quote(secret, safe=safe, errors="replace") for safe in ("", "/"))
    plain = (secret, escape(secret), whole, path, quote(whole), data.hex())
    pattern = "|".join([f"(?i:{re.escape(secret)}|{written}|{data.hex()})", *map(re.escape, in_base64)])
    return re.compile(pattern), (*dict.fromkeys(plain), *in_base64)


def _written(character: str) -> str:
    """Return what matches a character, percent-encoded once or twice, or escaped for HTML or JSON."""
    code = ord(character)
    bare = character.encode(errors="replace")
    percent = ("".join(f"%{byte:02x}" for byte in bare), "".join(f"%25{byte:02x}" for byte in bare))
    html_and_json = (escape(character), f"&#{code};", f"&#x{code:x};", f"\\u{code:04x}", f"\\{character}")
    forms = sorted({character, *percent, *html_and_json}, key=len, reverse=True)
    return f"(?>{'|'.join(map(re.escape, forms))})"  # a longest form for good: no text makes the search go back


def _in_base64(data: bytes) -> Iterator[str]:
    """Yield what stands for some bytes in any base64 text that they are part of: it depends on where they begin."""
    for before in range(3):
        whole = b64encode(bytes(before) + data).decode().rstrip("=")
        inner = whole[-(-before * 8 // 6) : (before + len(data)) * 8 // 6]
        yield from {inner, inner.translate(str.maketrans("+/", "-_"))}
