"""Exit: the codes that the program ends with, and the sentence that says why."""

import sys

DAMAGED, MISCONFIGURED = 1, 2


def fail(sentence: str, code: int) -> int:
    print(sentence, file=sys.stderr)
    return code
