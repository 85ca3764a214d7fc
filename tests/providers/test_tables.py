"""A mistake is told with its line, also in a file whose texts look like tables."""

import time
import tomllib

from providers.tables import Tables


def tables(text: str) -> Tables:
    return Tables("providers.toml", text, tomllib.loads(text))


def test_a_line_within_a_longer_text_or_list_is_none_of_the_table() -> None:
    text = '''[x]
prompt = """
[y]
type = 1 # "
\\""" [
"""
list = [  # ]
  "]", '[',
]
other = \'\'\'
[y]\'\'\'

[y]
type = 2
'''

    assert tables(text).place("y", "type") == "providers.toml:14 [y] type"
    assert tables(text).place("y") == "providers.toml:13 [y]"


def test_a_file_of_texts_that_look_like_tables_takes_no_time() -> None:
    lines = 30_000 * "[y]\n"
    text = f'[x]\nprompt = """\n{lines}"""\n[y]\ntype = 1\n'
    before = time.process_time()

    place = tables(text).place("y", "type")

    assert place == "providers.toml:30005 [y] type"
    assert time.process_time() - before < 30  # reading all before each such line again takes hours
