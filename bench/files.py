"""What reading a file costs: `python -m bench.files` prints time and memory of the program that reads it, per kind.

Each file is read as the bot reads it, by `python -m bot.extract`, one after the other, the usual ones several times;
the kernel says what that process took. The hostile set is made to cost the most, or to break what reads it. Needs the
extra `files`.
"""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from bot.extract.found import Unread, load

TIMES = 3
WORDS = tuple("the quick brown fox jumps over the lazy dog and naps in the long grass".split())  # noqa: SIM905
LAUNCH = """
import json, os, subprocess, sys, time
began = time.monotonic()
with open(sys.argv[2], "rb") as given, open(sys.argv[3], "wb") as file:
    command = [sys.executable, "-m", "bot.extract", sys.argv[1]]
    child = subprocess.Popen(command, stdin=given, stdout=subprocess.PIPE, cwd="/")
    file.write(child.stdout.read())
    usage = os.wait4(child.pid, 0)[2]
print(json.dumps([time.monotonic() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024]))
"""  # a process of its own: a child begins with the memory of who makes it
_ENV = {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), *sys.path]), "PYTHONDONTWRITEBYTECODE": "1"}


@dataclass(frozen=True, slots=True)
class Read:
    """One reading: seconds, seconds of processor time, the most memory in MB, and what came of it."""

    seconds: float
    cpu_s: float
    memory: float
    outcome: str


def main() -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory() as folder:
        print("| file | bytes | seconds, median | worst | processor, median | memory, MB | comes to |")
        print("|---|---|---|---|---|---|---|")
        for name, data in usual():
            _row(name, data, Path(folder), TIMES)
        worst: list[Read] = []
        print("\n| hostile | bytes | seconds | processor | memory, MB | comes to |\n|---|---|---|---|---|---|")
        for name, data in hostile():
            last = read(data, name, Path(folder))
            worst.append(last)
            figures = f"{last.seconds:.2f} | {last.cpu_s:.2f} | {last.memory:.0f}"
            print(f"| {name} | {len(data):,} | {figures} | {last.outcome} |", flush=True)
        seconds, cpu_s = max(each.seconds for each in worst), max(each.cpu_s for each in worst)
        print(f"| **worst** | | {seconds:.2f} | {cpu_s:.2f} | {max(each.memory for each in worst):.0f} | |")


def _row(name: str, data: bytes, folder: Path, times: int) -> None:
    reads = [read(data, name, folder) for _ in range(times)]
    seconds = [each.seconds for each in reads]
    cpu_s, memory = statistics.median(each.cpu_s for each in reads), max(each.memory for each in reads)
    figures = f"{statistics.median(seconds):.2f} | {max(seconds):.2f} | {cpu_s:.2f} | {memory:.0f}"
    print(f"| {name} | {len(data):,} | {figures} | {reads[0].outcome} |", flush=True)


def read(data: bytes, name: str, folder: Path) -> Read:
    """Read one file as the bot does."""
    source, target = folder / "in", folder / "out"
    source.write_bytes(data)
    command = [sys.executable, "-S", "-c", LAUNCH, name, str(source), str(target)]
    told = subprocess.run(command, env=_ENV, capture_output=True, check=True).stdout
    seconds, cpu_s, memory = json.loads(told)
    return Read(seconds, cpu_s, memory, _outcome(target.read_bytes()))


def _outcome(said: bytes) -> str:
    if not said:
        return "killed by its limits"
    try:
        found = load(said)
    except Unread as unread:
        return f"refused: {unread.reason}"
    told = f"{len(found.body):,} bytes of {found.media_type}"
    pages = f", pages 1–{found.pages_read} of {found.pages}" if found.pages else ""
    return told + pages + (f", PDF of {found.pdf.pages} pages" if found.pdf else "")


def usual() -> Iterator[tuple[str, bytes]]:
    """Yield files as people send them."""
    text = words(200_000)
    yield "a photo of 12 megapixels, JPEG", picture(4_000, 3_000, "JPEG")
    yield "a screenshot, PNG", picture(1_920, 1_080, "PNG")
    yield "a text of 200,000 characters", text.encode()
    yield "page.html", f"<html><body>{'<p>'.join(text.splitlines())}</body></html>".encode()
    yield "a PDF of 10 pages", pdf(10)
    yield "a PDF of 100 pages", pdf(100)
    yield "a DOCX of 50 pages", docx(words(150_000))
    yield "an XLSX of 10,000 rows", xlsx(10_000)


def hostile() -> Iterator[tuple[str, bytes]]:
    """Yield files that were made to cost, or to break."""
    yield "a JPEG of 100 megapixels", picture(10_000, 10_000, "JPEG")
    yield "a PNG that says 60,000 × 60,000", png_bomb(60_000)
    yield "a GIF of one pixel, cut off", picture(1, 1, "GIF")[:20]
    yield "a TIFF of noise", b"II*\0" + random.Random(1).randbytes(1 << 20)
    yield "a PDF of 10,000 pages", pdf(10_000)
    yield (
        "a PDF with JavaScript and a font of 5 MB",
        pdf(3, more=b"<</Type/Action/S/JavaScript/JS(app.alert\\(1\\))>>", font=5 << 20),
    )
    yield "a PDF whose stream unpacks to 500 MB", pdf_bomb(500 << 20)
    yield "a PDF whose pages are their own parents", pdf_loop()
    yield "a PDF, cut off in the middle", pdf(50)[: len(pdf(50)) // 2]
    yield "a zip bomb as DOCX, 1 GB", docx_of(b"<x>" + b" " * (1 << 30 >> 2) + b"</x>")
    yield "a DOCX in a DOCX in a DOCX", nested(3)
    yield "a DOCX with 200,000 files", many(200_000)
    yield "XML, 1,000,000 deep", docx_of(b"<p>" * 1_000_000)
    yield "an XLSX with a row at 16,000,000", xlsx(5, cell="XFD16000000")
    yield "20 MB of one line", b"a" * (20 << 20)
    yield "page.html", b"<div>" * 2_000_000
    yield "20 MB of noise", random.Random(2).randbytes(20 << 20)
    yield "photo.jpg", b"MZ" + bytes(1 << 20)


def words(length: int) -> str:
    """Return a text of so many characters."""
    chance = random.Random(7)
    found, size = [], 0
    while size < length:
        line = " ".join(chance.choices(WORDS, k=12))
        found.append(line)
        size += len(line) + 1
    return "\n".join(found)[:length]


def picture(width: int, height: int, kind: str) -> bytes:
    """Return a picture of stripes."""
    from PIL import Image

    file = BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(file, kind)
    return file.getvalue()


def png_bomb(side: int) -> bytes:
    """Return a PNG whose pixels unpack to far more than memory."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = side.to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0"
    rows = zlib.compress(bytes(50 << 20), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def pdf(pages: int, *, more: bytes = b"", font: int = 0) -> bytes:
    """Return a PDF with some lines on each page."""
    lines = words(1_500).splitlines()
    text = "".join(f"0 -14 Td ({line}) Tj\n" for line in lines)
    stream = f"BT /F1 11 Tf 40 800 Td\n{text}ET".encode()
    objects = [b"<</Type/Catalog/Pages 2 0 R" + (b"/OpenAction " + more if more else b"") + b">>"]
    kids = " ".join(f"{5 + number} 0 R" for number in range(pages))
    objects.append(f"<</Type/Pages/Kids[{kids}]/Count {pages}>>".encode())
    file = b"/FontDescriptor<</Type/FontDescriptor/FontFile 4 0 R>>" if font else b""
    objects.append(b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica" + file + b">>")
    content = stream if not font else bytes(font)
    objects.append(b"<</Length %d>>stream\n" % len(content) + content + b"\nendstream")
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents %d 0 R>>"
    last = 5 + pages
    objects += [page % (last if font else 4)] * pages
    if font:
        objects.append(b"<</Length %d>>stream\n" % len(stream) + stream + b"\nendstream")
    return _joined(objects)


def pdf_bomb(size: int) -> bytes:
    """Return a PDF whose one page unpacks to so many bytes."""
    packer, packed = zlib.compressobj(9), b""
    for _ in range(size >> 20):
        packed += packer.compress(b" " * (1 << 20))
    packed += packer.flush()
    return _joined(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>",
            b"<</Length %d/Filter/FlateDecode>>stream\n" % len(packed) + packed + b"\nendstream",
        ]
    )


def pdf_loop() -> bytes:
    """Return a PDF whose tree of pages has no end."""
    return _joined([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 9/Parent 2 0 R>>"])


def _joined(objects: list[bytes]) -> bytes:
    body, places = bytearray(b"%PDF-1.4\n"), []
    for number, each in enumerate(objects, start=1):
        places.append(b"%010d 00000 n \n" % len(body))
        body += b"%d 0 obj" % number + each + b"endobj\n"
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(places)
    end = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, len(body))
    return bytes(body + table + end)


def docx(text: str) -> bytes:
    """Return a DOCX of a text."""
    lines = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in text.splitlines())
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    return docx_of(f'<w:document xmlns:w="{space}"><w:body>{lines}</w:body></w:document>'.encode())


def docx_of(document: bytes) -> bytes:
    """Return a DOCX with some bytes for a document."""
    return _zipped(lambda archive: archive.writestr("word/document.xml", document))


def nested(depth: int) -> bytes:
    """Return a DOCX in a DOCX, so deep."""
    data = docx("inside")
    for _ in range(depth):
        data = docx_of(data)
    return data


def many(count: int) -> bytes:
    """Return a DOCX of so many files."""

    def fill(archive: zipfile.ZipFile) -> None:
        for number in range(count):
            archive.writestr(f"{number}", b"")

    return _zipped(fill)


def xlsx(rows: int, *, cell: str = "") -> bytes:
    """Return an XLSX of so many rows."""
    kept = '<row><c t="inlineStr"><is><t>row {0}</t></is></c><c><v>{0}</v></c></row>'
    lines = "".join(kept.format(number) for number in range(rows))
    far = f'<row><c r="{cell}"><v>1</v></c></row>' if cell else ""

    def fill(archive: zipfile.ZipFile) -> None:
        archive.writestr("xl/workbook.xml", '<workbook><sheets><sheet name="One"/></sheets></workbook>')
        archive.writestr("xl/worksheets/sheet1.xml", f"<worksheet><sheetData>{lines}{far}</sheetData></worksheet>")

    return _zipped(fill)


def _zipped(fill: Callable[[zipfile.ZipFile], None]) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        fill(archive)
    return file.getvalue()


if __name__ == "__main__":
    main()
