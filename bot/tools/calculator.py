"""Calculator: arithmetic that a model writes, reckoned exactly as far as that goes, at a bounded cost; pure.

The text is parsed, never executed: numbers, + - * / // % ** ^, parentheses, and the functions of `FUNCTIONS`.
"""

import ast
import math
from collections.abc import Callable, Mapping
from fractions import Fraction

MAX_LENGTH = 500  # characters
MAX_BITS = 20_000  # of a number on the way: about 6,000 digits
MAX_DIGITS = 400  # of a result as it is told
MAX_FACTORIAL = 1_000

Number = Fraction | float

CONSTANTS: Mapping[str, float] = {"pi": math.pi, "e": math.e, "tau": math.tau}
_OF_ONE: Mapping[str, Callable[[float], float]] = {
    each.__name__: each
    for each in (
        *(math.sin, math.cos, math.tan, math.asin, math.acos, math.atan, math.sinh, math.cosh, math.tanh),
        *(math.exp, math.log2, math.log10, math.degrees, math.radians, math.cbrt),
    )
}
FUNCTIONS = (*_OF_ONE, "abs", "sqrt", "log", "round", "floor", "ceil", "min", "max", "factorial", "gcd")
_SIGNS = str.maketrans({"×": "*", "·": "*", "÷": "/", "−": "-", "–": "-", ":": "/"})


class NoNumber(ValueError):
    """The text is no arithmetic, or too much of it; its words are for the model."""


def calculate(text: str) -> str:
    """Return what a text comes to, exactly where it is a whole number, else with 15 digits. Raises NoNumber."""
    if len(text) > MAX_LENGTH:
        raise NoNumber(f"more than {MAX_LENGTH} characters")
    try:
        tree = ast.parse(text.translate(_SIGNS).strip(), mode="eval")
        return _told(_value(tree.body))
    except NoNumber:
        raise
    except (SyntaxError, RecursionError, MemoryError):
        raise NoNumber("this is no arithmetic that can be read") from None
    except ZeroDivisionError:
        raise NoNumber("a division by zero") from None
    except OverflowError:
        raise NoNumber("the number is too large") from None
    except (ValueError, TypeError) as error:
        raise NoNumber(str(error)) from None


def _value(node: ast.expr) -> Number:
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return _bounded(Fraction(ast.unparse(node)) if math.isfinite(value) else value)
        case ast.Name(id=name) if name in CONSTANTS:
            return CONSTANTS[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _value(operand)
        case ast.BinOp(left=left, op=op, right=right):
            return _bounded(_binary(op, _value(left), _value(right)))
        case ast.Call(func=ast.Name(id=name), args=given, keywords=[]):
            return _bounded(_called(name, [_value(each) for each in given]))
    raise NoNumber(f"only numbers, + - * / // % **, parentheses and {', '.join(FUNCTIONS)}")


def _binary(op: ast.operator, left: Number, right: Number) -> Number:
    match op:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right
        case ast.FloorDiv():
            return Fraction(math.floor(left / right))
        case ast.Mod():
            return left % right
        case ast.Pow() | ast.BitXor():
            return _power(left, right)
    raise NoNumber("only + - * / // % **")


def _power(base: Number, exponent: Number) -> Number:
    if isinstance(base, Fraction) and isinstance(exponent, Fraction) and exponent.denominator == 1:
        if _bits(base) * abs(exponent.numerator) > MAX_BITS and abs(base) != 1:
            return _real(float(base) ** exponent.numerator)
        times = abs(exponent.numerator)
        up: int = base.numerator**times
        down: int = base.denominator**times
        return Fraction(up, down) if exponent.numerator >= 0 else Fraction(down, up)
    return _real(float(base) ** float(exponent))


def _called(name: str, given: list[Number]) -> Number:
    if name in _OF_ONE and len(given) == 1:
        return _OF_ONE[name](float(given[0]))
    match name, given:
        case "abs", [value]:
            return max(value, -value)
        case "sqrt", [value]:
            return _root(value)
        case "log", [value]:
            return math.log(value)
        case "log", [value, base]:
            return math.log(value, base)
        case "round", [value]:
            return Fraction(round(value))
        case "round", [value, places]:
            return Fraction(round(Fraction(value), min(100, max(-100, int(places)))))
        case "floor", [value]:
            return Fraction(math.floor(value))
        case "ceil", [value]:
            return Fraction(math.ceil(value))
        case (("min" | "max"), [_, *_]):
            return min(given) if name == "min" else max(given)
        case "factorial", [Fraction(denominator=1, numerator=value)] if 0 <= value <= MAX_FACTORIAL:
            return Fraction(math.factorial(value))
        case "gcd", [_, *_] if all(isinstance(each, Fraction) and each.denominator == 1 for each in given):
            return Fraction(math.gcd(*(int(each) for each in given)))
    raise NoNumber(f"no function {name} of {len(given)} such numbers; there are {', '.join(FUNCTIONS)}")


def _root(value: Number) -> Number:
    if isinstance(value, Fraction) and value >= 0:
        root = Fraction(math.isqrt(value.numerator), math.isqrt(value.denominator))
        if root * root == value:
            return root
    return math.sqrt(value)


def _real(value: object) -> float:
    if not isinstance(value, float):
        raise NoNumber("no real number")
    return value


def _bits(value: Fraction) -> int:
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def _bounded(value: Number) -> Number:
    if isinstance(value, Fraction) and _bits(value) > MAX_BITS:
        raise NoNumber("the number is too large")
    return value


def _told(value: Number) -> str:
    if isinstance(value, Fraction) and value.denominator == 1:
        if value.numerator.bit_length() < MAX_DIGITS * 3:
            return str(value.numerator)
        digits = str(value.numerator) if value.numerator.bit_length() < 14_000 else ""
        if digits and len(digits) <= MAX_DIGITS:
            return digits
        exponent = int(value.numerator.bit_length() * math.log10(2)) - 20
        head = Fraction(value.numerator, 10**exponent)
        mantissa, power = f"{float(head):.14e}".split("e")
        return f"{mantissa}e+{int(power) + exponent}"
    number = float(value)
    if not math.isfinite(number):
        raise NoNumber("the number is too large" if math.isinf(number) else "no number")
    return f"{number:.15g}"
