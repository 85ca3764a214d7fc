"""Words: what of a text can be searched, in one form whatever its case, its accents and its script; pure.

`words` writes a text for the index, `terms` reads what a person searches; both write alike. Scripts that put no space
between words are written sign by sign, and so is what is no word but may be searched, as an emoji.
"""

import re
import unicodedata

MAX_TERMS = 10
MAX_QUERY = 200  # characters

# What may be left as it is: most texts hold nothing else once they are folded. All but ASCII letters divide words.
_PLAIN = re.compile(r"[\x00-\x7fа-яіїєґўһәғқңөұү]*")
# Signs that divide words beyond ASCII; what is missing here only sticks to its word, whose beginning is found.
_BETWEEN = re.compile(
    "[\x00-\x1f\x7f-\xa9\xab-\xb1\xb4\xb6-\xb8\xbb\xbf\xd7\xf7\u037e\u0387\u055a-\u055f\u0589\u05be\u05c0\u05c3"
    "\u05f3\u05f4\u060c\u061b\u061f\u066a-\u066d\u06d4\u0964\u0965\u10fb\u1361-\u1368\u2000-\u206f\u20a0-\u20cf"
    "\u2190-\u23ff\u2400-\u25ff\u2e00-\u2e7f\u3000-\u3004\u3007-\u3020\u3030-\u303f\ufe00-\ufe6f\uff01-\uff0f"
    "\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\ue000-\uf8ff]+"
)
_ALONE = re.compile(
    "(["
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3006\u3021-\u3029\u3040-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff\U00020000-\U0003ffff"
    "])"
)
# What stands over letters; not where it makes another letter of a Cyrillic one, as in й.
_ACCENTS = re.compile("(?<![\u0400-\u04ff])[\u0300-\u036f]|[\u0300-\u0305\u0307\u0309-\u036f]")
_WORD = re.compile(r"[0-9a-z\x80-\U0010ffff]+")
_HALVES = re.compile("[\ud800-\udfff\x00]")


def words(text: str) -> str:
    """Return a text as the index holds it: folded, without accents, its words apart."""
    folded = text.casefold().replace("ё", "е")
    if _PLAIN.fullmatch(folded):
        return folded.replace("\x00", " ")
    folded = _BETWEEN.sub(" ", _HALVES.sub(" ", folded))
    if _PLAIN.fullmatch(folded):
        return folded
    bare = unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", folded)))
    return _ALONE.sub(r" \1 ", bare.casefold().replace("ё", "е"))


def terms(query: str) -> list[list[str]]:
    """Return what a person searches: each piece between spaces as the words that stand there in a row."""
    found = [_WORD.findall(words(piece)) for piece in query[:MAX_QUERY].split()]
    return [term for term in found if term][:MAX_TERMS]
