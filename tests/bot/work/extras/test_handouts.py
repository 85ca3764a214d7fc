"""What of an answer can be had as a file, and that no text makes that slow or dangerous."""

import csv
from io import StringIO
from time import process_time

import pytest

from bot.work.extras.handouts import MOST, WHOLE, handouts

CODE = "\n".join(f"print({number})" for number in range(25))
TABLE = "| a | **b** |\n|---|:-:|\n" + "".join(f"| {number} | x |\n" for number in range(5))


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(StringIO(text.removeprefix("\ufeff"))))


def test_a_short_answer_with_short_code_is_had_as_nothing_else() -> None:
    assert handouts("Try this:\n\n```python\nprint(1)\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n") == []


def test_a_long_answer_is_had_whole_and_its_code_and_tables_by_themselves() -> None:
    answer = f"{'Word. ' * WHOLE}\n\n```python\n{CODE}\n```\n\n{TABLE}\n```c++\n{CODE}\n```"

    whole, code, table, other = handouts(answer)

    assert (whole.name, whole.text) == ("answer.md", answer)
    assert (code.name, code.text) == ("code1.py", f"{CODE}\n")
    assert (table.name, rows(table.text)[:2]) == ("table1.csv", [["a", "b"], ["0", "x"]])
    assert other.name == "code2.cpp"


@pytest.mark.parametrize("before", ["   ", "> ", "1. ", "> - "])
def test_code_in_a_list_or_a_quotation_is_had_without_what_stands_before_it(before: str) -> None:
    inside = "".join(sign if sign in " >" else " " for sign in before)
    lines = [f"{before}```js", *(f"{inside}{line}" for line in CODE.split("\n")), f"{inside}```", "Then."]

    (code,) = handouts("\n".join(lines))

    assert code.text == f"{CODE}\n"


def test_what_looks_like_a_fence_inside_code_does_not_end_it() -> None:
    (code,) = handouts(f"````md\n```\n{CODE}\n```\n````\n")

    assert code.text == f"```\n{CODE}\n```\n"


def test_a_block_of_code_that_never_ends_is_had_to_its_end() -> None:
    (code,) = handouts(f"```sh\n{CODE}")

    assert (code.name, code.text) == ("code1.sh", f"{CODE}\n")


def test_no_cell_is_a_formula_and_numbers_stay_numbers() -> None:
    cells = ["=HYPERLINK(1)", "@sum", "-5", "+1,5 %", r"a \| b"]
    answer = "| a |\n|---|\n" + "".join(f"| {cell} |\n" for cell in cells)

    (table,) = handouts(answer)

    assert rows(table.text) == [["a"], ["'=HYPERLINK(1)"], ["'@sum"], ["-5"], ["+1,5 %"], ["a | b"]]


def test_rows_have_as_many_cells_as_the_head() -> None:
    (table,) = handouts("a | b\n--|--\n1\\||\n1 | 2 | 3\n| 4\n5 |\n")

    assert rows(table.text) == [["a", "b"], ["1|", ""], ["1", "2"], ["4", ""], ["5", ""]]


def test_there_are_no_more_than_a_keyboard_has_room_for() -> None:
    assert len(handouts(f"```\n{CODE}\n```\n" * 50)) == MOST


@pytest.mark.parametrize(
    "text",
    [
        *("|" * 200_000, "|-" * 100_000 + "\n" + "|-" * 100_000, "`" * 200_000, "```\n" * 50_000, " " * 200_000 + "x"),
        *("> " * 100_000, "- " * 100_000 + "```", "|\n" * 100_000, "~~~\n````\n" * 20_000, "a|" + "\\|" * 99_000),
    ],
)
def test_no_text_takes_long(text: str) -> None:
    began = process_time()

    handouts(text)

    assert process_time() - began < 1
