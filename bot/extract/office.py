"""Office: the words of DOCX, XLSX and OpenDocument files, which are XML in a ZIP; needs no package."""

import re
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO
from xml.etree import ElementTree  # with expat 2.4.1 or later, which stops entities that blow up

from bot.extract.found import MAX_CHARACTERS, Found, Reason, Unread, of_text

MAX_UNPACKED = 100 << 20  # bytes of all files
MAX_RATIO = 100  # of one file's bytes to what they are packed to
SMALL = 1 << 20  # bytes that no ratio makes a bomb
_DAY_0 = datetime(1899, 12, 30)  # noqa: DTZ001 - of Excel's calendar, which knows no zones
_DATES = {*range(14, 23), *range(45, 48)}  # number formats of Excel that are dates
_NO_WORDS = re.compile(r"\"[^\"]*\"|\[[^\]]*\]|\\.")


def office(data: bytes) -> Found:
    """Return the text of a document, a table's rows as lines with tabs. Raises Unread."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            _weigh(archive)
            names = set(archive.namelist())
            if "word/document.xml" in names:
                return of_text(_joined(_paragraphs(archive, "word/document.xml")))
            if "xl/workbook.xml" in names:
                return of_text(_joined(_Workbook(archive).lines()))
            if "content.xml" in names:
                return of_text(_joined(_paragraphs(archive, "content.xml")))
    except MemoryError:
        raise Unread(Reason.TOO_LARGE) from None
    except RuntimeError:  # its files are encrypted
        raise Unread(Reason.LOCKED) from None
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, ValueError, OSError, NotImplementedError, EOFError):
        raise Unread(Reason.BROKEN) from None
    raise Unread(Reason.UNKNOWN)


def _weigh(archive: zipfile.ZipFile) -> None:
    """Raise Unread where there is more in it than a document has."""
    entries = archive.infolist()
    is_bomb = any(entry.file_size > max(SMALL, entry.compress_size * MAX_RATIO) for entry in entries)
    if is_bomb or sum(entry.file_size for entry in entries) > MAX_UNPACKED:
        raise Unread(Reason.TOO_LARGE)


def _joined(lines: Iterator[str]) -> str:
    """Join lines; far more than is sent is not read."""
    found, length = [], 0
    for line in lines:
        found.append(line)
        length += len(line) + 1
        if length > 10 * MAX_CHARACTERS:
            break
    return "\n".join(found)


def _paragraphs(archive: zipfile.ZipFile, name: str) -> Iterator[str]:
    """Return the paragraphs of a text; those of a table's row are one line."""
    words: list[str] = []
    rows = 0
    with archive.open(name) as file:
        for event, element in ElementTree.iterparse(file, events=("start", "end")):
            tag = _local(element.tag)
            if event == "start":
                rows += tag in ("tr", "table-row")
                continue
            if tag in ("t", "span", "a", "h") or (tag == "p" and element.text):
                words.append(element.text or "")
            if tag in ("tab", "s"):
                words.append("\t" if tag == "tab" else " ")
            elif tag in ("br", "line-break", "cr"):
                words.append("\n")
            elif tag in ("tc", "table-cell"):
                words.append("\t")
            if tag not in ("t", "p", "h", "tr") and element.tail and element.tail.strip():
                words.append(element.tail)
            if tag in ("tr", "table-row"):
                rows -= 1
            if (tag in ("p", "h") and not rows) or tag in ("tr", "table-row"):
                if line := "".join(words).rstrip():
                    yield line
                words.clear()
                element.clear()


class _Workbook:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._names = set(archive.namelist())
        self._strings = list(self._shared())
        self._dates = list(self._styles())

    def lines(self) -> Iterator[str]:
        """Return each sheet's name and rows."""
        for title, path in self._sheets():
            yield f"[sheet {title}]"
            with self._archive.open(path) as file:
                for _, element in ElementTree.iterparse(file):
                    if _local(element.tag) == "row":
                        if line := "\t".join(self._cells(element)).rstrip():
                            yield line
                        element.clear()

    def _sheets(self) -> Iterator[tuple[str, str]]:
        targets = {}
        if "xl/_rels/workbook.xml.rels" in self._names:
            for element in self._read("xl/_rels/workbook.xml.rels"):
                target = element.get("Target", "")
                targets[element.get("Id")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        for number, element in enumerate(
            (each for each in self._read("xl/workbook.xml").iter() if _local(each.tag) == "sheet"), start=1
        ):
            key = next((value for name, value in element.items() if _local(name) == "id"), None)
            path = targets.get(key, f"xl/worksheets/sheet{number}.xml")
            if path in self._names:
                yield element.get("name", str(number)), path

    def _cells(self, row: ElementTree.Element) -> Iterator[str]:
        at = 0
        for cell in row:
            column = _column(cell.get("r", ""))
            if column is not None and at < column < at + 1_000:
                yield from [""] * (column - at)
                at = column
            at += 1
            yield self._value(cell)

    def _value(self, cell: ElementTree.Element) -> str:
        kind = cell.get("t", "n")
        value = next((each.text or "" for each in cell if _local(each.tag) == "v"), "")
        if kind == "inlineStr":
            return "".join(each.text or "" for each in cell.iter() if _local(each.tag) == "t")
        if kind == "s":
            return self._strings[int(value)] if value.isdecimal() and int(value) < len(self._strings) else ""
        if kind == "b":
            return "TRUE" if value == "1" else "FALSE"
        style = cell.get("s", "")
        is_date = style.isdecimal() and int(style) < len(self._dates) and self._dates[int(style)]
        return _date(value) if kind == "n" and is_date else value

    def _shared(self) -> Iterator[str]:
        if "xl/sharedStrings.xml" not in self._names:
            return
        with self._archive.open("xl/sharedStrings.xml") as file:
            for _, element in ElementTree.iterparse(file):
                if _local(element.tag) == "si":
                    yield "".join(each.text or "" for each in element.iter() if _local(each.tag) == "t")
                    element.clear()

    def _styles(self) -> Iterator[bool]:
        """Return for each style of cells whether it shows a date."""
        if "xl/styles.xml" not in self._names:
            return
        root = self._read("xl/styles.xml")
        own = {}
        for element in root.iter():
            if _local(element.tag) == "numFmt":
                words = _NO_WORDS.sub("", element.get("formatCode", "")).lower()
                own[element.get("numFmtId")] = any(sign in words for sign in "ymdh")
        for group in root:
            if _local(group.tag) == "cellXfs":
                for element in group:
                    number = element.get("numFmtId", "0")
                    yield own.get(number, number.isdecimal() and int(number) in _DATES)

    def _read(self, name: str) -> ElementTree.Element:
        return ElementTree.fromstring(self._archive.read(name))


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _column(place: str) -> int | None:
    """Return the number of a cell's column, from 0: "B7" is 1."""
    found = 0
    for letter in place:
        if not "A" <= letter <= "Z":
            break
        found = found * 26 + ord(letter) - 64
    return found - 1 if found else None


def _date(value: str) -> str:
    try:
        day = _DAY_0 + timedelta(days=float(value))
    except (ValueError, OverflowError):
        return value
    return day.isoformat(sep=" ", timespec="minutes").removesuffix(" 00:00")
