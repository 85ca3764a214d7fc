"""Plural: which form of a word goes with a number, by the cardinal rules of Unicode CLDR for whole numbers; pure.

A text gives the forms, in the order of its language's rule, behind the name of a field: `{count} {count:day|days}`.
Source: unicode.org/cldr/charts/latest/supplemental/language_plural_rules.html.
"""

from collections.abc import Callable

Rule = Callable[[int], int]  # the place of a number's form


def one_other(number: int) -> int:
    """Return the place of the form in English and German: one, other."""
    return 0 if number == 1 else 1


def one_few_many(number: int) -> int:
    """Return the place of the form in Russian: one (1, 21, 101), few (2–4, 22), many (0, 5–20, 111)."""
    tens, ones = number % 100 // 10, number % 10
    if tens == 1 or ones == 0 or ones > 4:
        return 2
    return 0 if ones == 1 else 1


class Counting(str):
    """A text in which words change with numbers; `format` takes the numbers as they are."""

    __slots__ = ("_rule",)

    _rule: Rule

    @classmethod
    def of(cls, template: str, rule: Rule) -> "Counting":
        """Return a text of a language with this rule."""
        text = cls(template)
        text._rule = rule
        return text

    def format(self, *args: object, **fields: object) -> str:
        """Fill the text."""
        given = {name: self.counted(value) if isinstance(value, int) else value for name, value in fields.items()}
        return super().format(*args, **given)

    def counted(self, number: int) -> "Count":
        """Return a number that is formatted by the rule of this text."""
        return Count(number, self._rule)


class Count:
    """A number; its format is the forms that it chooses from, without any it stands as it is."""

    __slots__ = ("_number", "_rule")

    def __init__(self, number: int, rule: Rule) -> None:
        self._number = number
        self._rule = rule

    def __format__(self, forms: str) -> str:
        """Return the form for this number, or the number."""
        return forms.split("|")[self._rule(self._number)] if forms else str(self._number)
