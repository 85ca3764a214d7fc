"""Tokens: about how many of a model's tokens a text takes, by its writing; pure.

With the vocabularies of today's models (o200k and its like) four Latin letters go into a token, two to three of
Cyrillic, Greek, Arabic and Hebrew; a Chinese, Japanese or Korean character is about one, one of India or South-East
Asia somewhat less; an emoji takes two.
"""

import re

_TWO = re.compile("[\u0080-\u08ff\u10a0-\u10ff]")  # accented Latin to Arabic, Georgian
_WIDE = re.compile("[\u0900-\u109f\u1100-\uffff]")  # India and South-East Asia, Hangul to the end of the first plane

ASCII_PER_TOKEN = 4.0
TWO_PER_TOKEN = 2.3
WIDE_PER_TOKEN = 1.1
TOKENS_PER_RARE = 2.0  # beyond the first plane


def tokens_in(text: str) -> int:
    """Return about how many tokens a text takes."""
    length = len(text)
    if text.isascii():
        return int(length / ASCII_PER_TOKEN)
    two, wide = len(_TWO.findall(text)), len(_WIDE.findall(text))
    plain = len(text.encode("ascii", "ignore"))
    rare = length - two - wide - plain
    return int(plain / ASCII_PER_TOKEN + two / TWO_PER_TOKEN + wide / WIDE_PER_TOKEN + rare * TOKENS_PER_RARE)
