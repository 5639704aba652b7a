"""Small files that are no tables, and small tables: written here, byte by byte."""

from __future__ import annotations

import csv
import io
import random
import struct
import zlib
from datetime import date, timedelta

SEED = 7


def streets() -> bytes:
    """The streets with their rounds: codes with leading zeros, days of the week."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";")
    writer.writerow(["street_code", "street", "length_m", "round", "swept_on"])
    names = ("Harbour Street", "Mill Lane", "Lake Road", "Station Road", "Elm Avenue")
    for number in range(120):
        writer.writerow(
            [
                f"{number + 17:05d}",
                f"{names[number % 5]} {number // 5 + 1}",
                180 + number * 13 % 900,
                f"R{number % 8 + 1}",
                ("Mon", "Tue", "Wed", "Thu", "Fri")[number % 5],
            ]
        )
    return text.getvalue().encode()


def meals() -> bytes:
    """School meals of a term: school codes with leading zeros, kilograms with a comma."""
    chance = random.Random(SEED)
    lines = ["School;Day;Meals served;Vegetarian;Left over kg"]
    for school in range(12):
        for day in range(90):
            when = date(2025, 1, 6) + timedelta(days=day)
            if when.weekday() < 5:
                served = chance.randrange(80, 420)
                left = f"{chance.randrange(0, 900) / 10:.1f}".replace(".", ",")
                lines.append(f"00{school + 31};{when:%d.%m.%Y};{served};{served // 4};{left}")
    return ("\r\n".join(lines) + "\r\n").encode("iso-8859-1")


def contract() -> bytes:
    """A plain text."""
    return (
        b"Hauling contract 2025\n\n"
        b"Article 1. The hauler picks up every Tuesday, in wards 01 to 12.\n"
        b"Article 2. What is missed is picked up within two working days.\n"
        b"Article 3. Complaints are answered by the department of streets.\n"
    )


def map_image() -> bytes:
    """A picture: twelve wards as coloured squares beside a lake (PNG)."""
    wide, high = 320, 240
    raw = bytearray()
    for y in range(high):
        raw.append(0)
        for x in range(wide):
            ward = (y // 60) * 4 + x // 60
            lake = x > 240 + (y - 120) ** 2 // 240
            raw += bytes((70, 130, 180) if lake else (90 + ward * 9, 150 - ward * 4, 90 + ward * 3))
    head = struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"IDAT", zlib.compress(bytes(raw), 9))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def plan() -> bytes:
    """A page of a plan (PDF)."""
    drawing = (
        b"BT /F1 20 Tf 72 760 Td (Street cleaning, rounds of 2025) Tj ET\n"
        b"BT /F1 12 Tf 72 730 Td (Eight rounds. Each street once a week, Monday to Friday.) Tj ET\n"
    )
    things = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%sendstream" % (len(drawing), drawing),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, thing in enumerate(things, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, thing)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(things) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(things) + 1,
        start,
    )
    return bytes(out)
