"""What is read of files, hostile ones too: the program itself, as the bot runs it."""

import platform
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from bot.extract.found import MAX_CHARACTERS, MAX_SIDE, Found, Pdf, Reason, Unread, dump, load
from bot.extract.picture import as_it_is
from bot.extract.picture import picture as picture_of
from bot.work.attachments.extraction import Extraction
from tests.thorough import times

pil = pytest.importorskip("PIL.Image")
pypdf = pytest.importorskip("pypdf")

Read = Callable[..., "object"]

# As a hardened unit of systemd does: a system call is refused, then the program that follows is run.
REFUSING = """
import ctypes, os, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
steps = [(0x20, 0, 0, 0), (0x15, 0, 1, int(sys.argv[1])), (0x06, 0, 0, 0x50001), (0x06, 0, 0, 0x7FFF0000)]
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code)))
refused = libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, program)
os.execv(sys.executable, [sys.executable, "-m", *sys.argv[2:]]) if not refused else sys.exit("no filter")
"""
SETPRIORITY = {"x86_64": "141", "aarch64": "140"}  # its number


async def read(tmp_path: Path, data: bytes, name: str = "") -> Found:
    file = tmp_path / "file"
    file.write_bytes(data)
    return await Extraction().read(file, name)


async def reason(tmp_path: Path, data: bytes, name: str = "") -> Reason:
    with pytest.raises(Unread) as unread:
        await read(tmp_path, data, name)
    return unread.value.reason


def picture(mode: str, size: tuple[int, int], kind: str, **options: object) -> bytes:
    file = BytesIO()
    pil.new(mode, size).save(file, kind, **options)
    return file.getvalue()


def packed(level: int = zipfile.ZIP_DEFLATED, **files: str | bytes) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", level) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return file.getvalue()


def pdf(pages: int, password: str = "") -> bytes:
    writer = pypdf.PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(100, 100)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    file = BytesIO()
    writer.write(file)
    return file.getvalue()


def pdf_of_words(*pages: str) -> bytes:
    """Return a PDF by hand, a line a page."""
    kids = " ".join(f"{3 + 2 * number} 0 R" for number in range(len(pages)))
    objects = ["<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>"]
    font = "<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"
    for number, words in enumerate(pages):
        stream = f"BT /F1 12 Tf 20 50 Td ({words}) Tj ET"
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Resources{font}/Contents {4 + 2 * number} 0 R>>"
        )
        objects.append(f"<</Length {len(stream)}>>stream\n{stream}\nendstream")
    body, places = "%PDF-1.4\n", []
    for number, each in enumerate(objects, start=1):
        places.append(f"{len(body):010} 00000 n \n")
        body += f"{number} 0 obj{each}endobj\n"
    size = len(objects) + 1
    table = f"xref\n0 {size}\n0000000000 65535 f \n{''.join(places)}trailer<</Size {size}/Root 1 0 R>>"
    return f"{body}{table}\nstartxref\n{len(body)}\n%%EOF".encode()


def test_files_are_read_where_no_priority_may_be_changed() -> None:
    number = SETPRIORITY.get(platform.machine())
    if sys.platform != "linux" or number is None:
        pytest.skip("nothing is known of this machine's system calls")

    command = [sys.executable, "-c", REFUSING, number, "bot.extract", "a.txt"]
    run = subprocess.run(command, input=b"hello words", capture_output=True, check=False)

    if b"no filter" in run.stderr:
        pytest.skip("this machine lets nobody refuse system calls")
    assert load(run.stdout).body == b"hello words"


@pytest.mark.parametrize(
    ("mode", "kind"), [("RGB", "JPEG"), ("RGBA", "PNG"), ("P", "GIF"), ("CMYK", "TIFF"), ("I;16", "PNG"), ("LA", "PNG")]
)
async def test_a_picture_becomes_a_jpeg_that_no_service_scales_down(tmp_path: Path, mode: str, kind: str) -> None:
    found = await read(tmp_path, picture(mode, (3000, 1000), kind), "anything.txt")

    assert found.media_type == "image/jpeg"
    assert max(pil.open(BytesIO(found.body)).size) == MAX_SIDE


@pytest.mark.parametrize(
    ("mode", "kind", "greys", "shown"),
    [
        ("I;16", "PNG", (0, 32_896, 65_535), (0, 128, 255)),
        ("I;16", "TIFF", (0, 2_048, 4_096), (0, 128, 255)),  # a scanner's 12 bits
        ("I;16B", "TIFF", (1_000, 2_000, 3_000), (0, 128, 255)),
        ("I", "TIFF", (-500, 0, 500), (0, 128, 255)),
        ("F", "TIFF", (0.0, 0.5, 1.0), (0, 128, 255)),
        ("I;16", "TIFF", (7, 7, 7), (0, 0, 0)),
    ],
)
def test_greys_of_more_than_eight_bits_are_seen(
    mode: str, kind: str, greys: tuple[float, ...], shown: tuple[int, ...]
) -> None:
    width, file = 7_000, BytesIO()  # so wide that it is scaled down in two steps
    form = {"I;16": "<H", "I;16B": ">H", "I": "=i", "F": "=f"}[mode]
    row = b"".join(struct.pack(form, grey) * width for grey in greys)
    pil.frombytes(mode, (3 * width, 30), row * 30).save(file, kind)

    found = pil.open(BytesIO(picture_of(file.getvalue()).body)).convert("L")

    seen = [found.getpixel((found.width * (2 * place + 1) // 6, 0)) for place in range(3)]
    assert all(abs(each - grey) <= 2 for each, grey in zip(seen, shown, strict=True))


@pytest.mark.parametrize("how", [{}, {"lossless": True}])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_webp_that_takes_too_much_memory_is_told_as_too_large(mode: str, how: dict[str, bool]) -> None:
    small = BytesIO()
    pil.new(mode, (300, 200), "red" if mode == "RGB" else "#ff000080").save(small, "WEBP", **how)
    data = small.getvalue()
    assert picture_of(data).media_type == "image/jpeg"

    sizes = {b"VP8 ": (26, "<HH", (9_000, 9_000)), b"VP8L": (21, "<I", (8_999 | 8_999 << 14,))}
    at, form, size = sizes.get(data[12:16], (24, "<HBHB", (9_000, 0, 9_000, 0)))
    with pytest.raises(Unread) as unread:
        picture_of(data[:at] + struct.pack(form, *size) + data[at + struct.calcsize(form) :])
    assert unread.value.reason is Reason.TOO_LARGE


async def test_what_a_camera_noted_is_not_sent_on_and_the_picture_stands_upright(tmp_path: Path) -> None:
    image = pil.new("RGB", (40, 20))
    exif = image.getexif()
    exif[0x0112], exif[0x010F] = 6, "Secret Camera"
    file = BytesIO()
    image.save(file, "JPEG", exif=exif)

    found = await read(tmp_path, file.getvalue())

    assert pil.open(BytesIO(found.body)).size == (20, 40)
    assert b"Secret" not in found.body


async def test_a_large_jpeg_is_read_up_to_a_hundred_megapixels_and_a_bomb_is_not(tmp_path: Path) -> None:
    side = times(2_000, 10_000)
    assert (await read(tmp_path, picture("L", (side, side), "JPEG"))).media_type == "image/jpeg"
    assert await reason(tmp_path, picture("1", (times(8_000, 30_000),) * 2, "PNG")) is Reason.TOO_LARGE


def test_without_pillow_a_small_picture_goes_as_it_is() -> None:
    small, large = picture("RGB", (100, 50), "PNG"), picture("1", (9_000, 10), "PNG")

    assert as_it_is(small) == Found("image/png", small)
    for data, why in ((large, Reason.NO_EXTRA), (b"GIF89a", Reason.NO_EXTRA), (small[:20], Reason.BROKEN)):
        with pytest.raises(Unread) as unread:
            as_it_is(data)
        assert unread.value.reason is why


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("Grüße".encode(), "Grüße"),
        ("Grüße aus Köln".encode("cp1252"), "Grüße aus Köln"),
        ("Привет, мир".encode("cp1251"), "Привет, мир"),
        ("Привет".encode("utf-16"), "Привет"),
        (b"\xef\xbb\xbfa,b\n1,2\n", "a,b\n1,2\n"),
        (b"<!DOCTYPE html><title>T</title><script>no</script><p>one<p>two &amp; three", "T\none\ntwo & three"),
        (b'{"a": 1}', '{"a": 1}'),
    ],
)
async def test_text_is_read_whatever_its_letters(tmp_path: Path, data: bytes, text: str) -> None:
    assert (await read(tmp_path, data)).body.decode() == text


async def test_of_a_long_text_the_first_part_is_read(tmp_path: Path) -> None:
    found = await read(tmp_path, b"word " * 100_000)

    assert (len(found.body), found.characters, found.characters_read) == (MAX_CHARACTERS, 500_000, MAX_CHARACTERS)


async def test_a_document_and_its_tables(tmp_path: Path) -> None:
    row = "<w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>b</w:t></w:r></w:p></w:tc></w:tr>"
    words = "<w:p><w:r><w:t>Hi </w:t></w:r><w:r><w:t>there</w:t></w:r></w:p>"
    document = f'<w:document xmlns:w="w"><w:body>{words}<w:tbl>{row}</w:tbl></w:body></w:document>'

    assert (await read(tmp_path, packed(word__document_xml=document))).body == b"Hi there\na\tb"


async def test_a_workbook_with_strings_numbers_and_dates(tmp_path: Path) -> None:
    data = packed(
        xl__workbook_xml='<workbook><sheets><sheet name="Sums" sheetId="1"/></sheets></workbook>',
        xl__sharedStrings_xml="<sst><si><t>Day</t></si></sst>",
        xl__styles_xml='<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
        xl__worksheets__sheet1_xml="<worksheet><sheetData>"
        '<row><c r="A1" t="s"><v>0</v></c><c r="C1"><v>2.5</v></c></row>'
        '<row><c r="A2" s="1"><v>45000</v></c></row></sheetData></worksheet>',
    )

    assert (await read(tmp_path, data)).body == b"[sheet Sums]\nDay\t\t2.5\n2023-03-15"


async def test_the_words_of_a_pdf_and_how_many_pages_were_read(tmp_path: Path) -> None:
    found = await read(tmp_path, pdf_of_words("One", "Two"))
    long = await read(tmp_path, pdf_of_words(*["Page"] * 140))

    assert found.body == b"[page 1]\nOne\n\n[page 2]\nTwo"
    assert (found.pages, long.pages, long.pages_read) == (0, 140, 100)


@pytest.mark.proof
async def test_of_a_pdf_that_takes_too_long_on_a_busy_machine_those_pages_are_had_that_were_read(
    tmp_path: Path,
) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(pdf_of_words(*["a) Tj " + "1 0 0 1 5 5 Tm " * 40_000 + "(b"] * 60))

    found = await Extraction(enough_s=8.0).read(file, "a.pdf")

    assert found.pages == 60
    assert 0 < found.pages_read < 60


async def test_a_pdf_can_be_sent_as_it_is_its_first_pages_and_without_a_cipher(tmp_path: Path) -> None:
    short = await read(tmp_path, pdf_of_words("One", "Two"))
    scans = await read(tmp_path, pdf(3))
    pages = times(200, 10_000)
    long = await read(tmp_path, pdf_of_words(*["Page"] * pages))

    assert short.pdf == Pdf(2, 2)
    assert (scans.body, scans.pdf) == (b"", Pdf(3, 3))
    assert long.pdf is not None
    assert (long.pages_read, long.pages, long.pdf.pages, long.pdf.of) == (100, pages, 100, pages)
    assert len(pypdf.PdfReader(BytesIO(long.pdf.body)).pages) == 100


@pytest.mark.parametrize("cipher", ["RC4-128", "AES-256"])
async def test_one_that_anybody_may_open_goes_without_its_cipher(tmp_path: Path, cipher: str) -> None:
    writer = pypdf.PdfWriter(BytesIO(pdf_of_words("One")))
    writer.encrypt("", "owner", algorithm=cipher)
    file = BytesIO()
    writer.write(file)

    found = await read(tmp_path, file.getvalue())

    assert found.body == b"[page 1]\nOne"
    assert found.pdf is not None
    assert not pypdf.PdfReader(BytesIO(found.pdf.body)).is_encrypted


@pytest.mark.parametrize(("page", "found"), [(pdf_of_words("One"), b"[page 1]\nOne"), (pdf(1), Reason.TOO_LARGE)])
async def test_one_that_unpacks_to_too_much_goes_nowhere_as_it_is(
    tmp_path: Path, page: bytes, found: bytes | Reason
) -> None:
    writer, stream = pypdf.PdfWriter(BytesIO(page)), pypdf.generic.EncodedStreamObject()
    twice = [pypdf.generic.NameObject("/FlateDecode")] * 2
    stream[pypdf.generic.NameObject("/Filter")] = pypdf.generic.ArrayObject(twice)
    stream._data = zlib.compress(bytes(300_000))  # deflated once more it may be a thousand times that
    writer._add_object(stream)
    file = BytesIO()
    writer.write(file)

    if isinstance(found, Reason):
        assert await reason(tmp_path, file.getvalue()) is found
    else:
        read_of_it = await read(tmp_path, file.getvalue())
        assert (read_of_it.body, read_of_it.pdf) == (found, None)


LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(2, 10))
HOSTILE: list[tuple[str, bytes | Callable[[], bytes], Reason]] = [
    ("nothing", b"", Reason.EMPTY),
    ("blanks", b"  \n ", Reason.EMPTY),
    ("noise", bytes(range(256)) * 99, Reason.UNKNOWN),
    ("a program", b"\x7fELF" + bytes(999), Reason.UNKNOWN),
    ("half a JPEG", b"\xff\xd8\xff\xe0" + bytes(99), Reason.BROKEN),
    ("half a PNG", b"\x89PNG\r\n\x1a\n" + bytes(99), Reason.BROKEN),
    ("half a PDF", b"%PDF-1.7 garbage", Reason.BROKEN),
    ("half a ZIP", b"PK\x03\x04" + bytes(99), Reason.BROKEN),
    ("a ZIP of something", lambda: packed(readme="x"), Reason.UNKNOWN),
    ("a bomb", lambda: packed(word__document_xml=b"<x>" + b" " * (20 << 20) + b"</x>"), Reason.TOO_LARGE),
    ("broken XML", lambda: packed(word__document_xml="<x><y></x>"), Reason.BROKEN),
    (
        "entities that blow up",
        lambda: packed(word__document_xml=f'<!DOCTYPE l [<!ENTITY a1 "aaaaaaaaaa">{LAUGHS}]><p><t>&a9;</t></p>'),
        Reason.BROKEN,
    ),
    ("XML, very deep", lambda: packed(word__document_xml="<p>" * 100_000), Reason.BROKEN),
    ("an old or locked file of Office", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), Reason.UNKNOWN),
    (
        "a locked file of Office",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
        Reason.LOCKED,
    ),
    ("a locked PDF", lambda: pdf(1, "secret"), Reason.LOCKED),
    ("a PDF without pages", lambda: pdf(0), Reason.EMPTY),
]


@pytest.mark.parametrize(("data", "why"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
async def test_a_hostile_file_is_given_up_with_its_reason(
    tmp_path: Path, data: bytes | Callable[[], bytes], why: Reason
) -> None:
    assert await reason(tmp_path, data if isinstance(data, bytes) else data()) is why


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("os.kill(os.getpid(), 11)", Reason.CRASHED),
        ("sys.exit(1)", Reason.CRASHED),
        ("os.kill(os.getpid(), 9)", Reason.TOO_LARGE),  # by the kernel, which has no memory left
        ("os.kill(os.getpid(), 24)", Reason.TOO_SLOW),
        ("os.kill(os.getpid(), 14)", Reason.TOO_SLOW),
    ],
)
async def test_a_reader_that_dies_is_told_for_what_it_died_of_and_its_half_is_no_whole(
    tmp_path: Path, code: str, why: Reason
) -> None:
    half = 'print(\'{"media_type": "text/plain"}\\nhalf of it\', flush=True)'
    (tmp_path / "file").write_bytes(b"text")

    with pytest.raises(Unread) as unread:
        await Extraction([sys.executable, "-c", f"import os, sys; {half}; {code}"]).read(tmp_path / "file", "a.txt")

    assert unread.value.reason is why


def test_why_a_pdf_has_no_words_comes_over() -> None:
    found = Found("text/plain", b"", pdf=Pdf(1, 1), wordless=Reason.TOO_SLOW)

    assert load(dump(found)) == found


async def test_pages_that_are_broken_are_not_told_as_scans(tmp_path: Path) -> None:
    broken = pdf_of_words("one", "two").replace(b"<</Length ", b"<</Filter/Nonsense/Length ")

    assert (await read(tmp_path, broken, "a.pdf")).wordless is Reason.BROKEN
    assert (await read(tmp_path, pdf(2), "a.pdf")).wordless is Reason.NO_TEXT
