"""Small workbooks, made here: xlsx by a writer, ods by hand."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Sequence
from html import escape
from typing import Any

import xlsxwriter

Rows = Sequence[Sequence[Any]]
MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest '
    'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry '
    'manifest:full-path="/" '
    'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>'
)
Area = tuple[int, int, int, int]


def xlsx(sheets: dict[str, Rows], *, merged: dict[str, list[Area]] | None = None) -> bytes:
    """A workbook; the first cell of a merged area keeps its value."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for r, row in enumerate(rows):
                for c, cell in enumerate(row):
                    if type(cell).__name__ in ("date", "datetime"):
                        whole = type(cell).__name__ == "date"
                        sheet.write_datetime(r, c, cell, day if whole else moment)
                    elif cell is not None:
                        sheet.write(r, c, cell)
            for area in (merged or {}).get(name, []):
                top, left = area[0], area[1]
                sheet.merge_range(*area, rows[top][left] or "")
    return content.getvalue()


def ods(sheets: dict[str, Rows]) -> bytes:
    """A workbook in OpenDocument; every cell is text or a number."""

    def cell(value: Any) -> str:
        if value is None:
            return "<table:table-cell/>"
        if isinstance(value, int | float):
            return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
        return (
            '<table:table-cell office:value-type="string">'
            f"<text:p>{escape(str(value))}</text:p></table:table-cell>"
        )

    tables = "".join(
        f'<table:table table:name="{escape(name)}">'
        + "".join(
            "<table:table-row>" + "".join(map(cell, row)) + "</table:table-row>" for row in rows
        )
        + "</table:table>"
        for name, rows in sheets.items()
    )
    spaces = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
        for short in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces}>'
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("META-INF/manifest.xml", MANIFEST)
        package.writestr("content.xml", content)
    return packed.getvalue()


def xlsb(sheets: dict[str, Rows]) -> bytes:
    """A binary workbook, record by record as [MS-XLSB] lays them out; no writer of them is at hand."""

    def number(value: int) -> bytes:
        found = bytearray()
        while True:
            found.append(value & 0x7F | (0x80 if value > 0x7F else 0))
            value >>= 7
            if not value:
                return bytes(found)

    def record(kind: int, body: bytes = b"") -> bytes:
        return number(kind) + number(len(body)) + body

    def text(value: str) -> bytes:
        return struct.pack("<I", len(value)) + value.encode("utf-16-le")

    def cell(column: int, value: Any) -> bytes:
        head = struct.pack("<II", column, 0)
        if value is None:
            return record(0x01, head)  # BrtCellBlank
        if isinstance(value, bool):
            return record(0x04, head + bytes([value]))  # BrtCellBool
        if isinstance(value, int | float):
            return record(0x05, head + struct.pack("<d", value))  # BrtCellReal
        return record(0x06, head + text(str(value)))  # BrtCellSt

    def sheet(rows: Rows) -> bytes:
        wide = max(map(len, rows), default=1)
        return b"".join(
            [
                record(0x81),  # BrtBeginSheet
                record(0x94, struct.pack("<4I", 0, max(0, len(rows) - 1), 0, wide - 1)),  # BrtWsDim
                record(0x91),  # BrtBeginSheetData
                *(
                    record(0x00, struct.pack("<II", r, 0) + bytes(17))  # BrtRowHdr
                    + b"".join(cell(c, value) for c, value in enumerate(row))
                    for r, row in enumerate(rows)
                ),
                record(0x92),  # BrtEndSheetData
                record(0x82),  # BrtEndSheet
            ]
        )

    bundle = b"".join(
        record(0x9C, struct.pack("<II", 0, n) + text(f"rId{n}") + text(name))  # BrtBundleSh
        for n, name in enumerate(sheets, start=1)
    )
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{office}/worksheet" Target="worksheets/sheet{n}.bin"/>'
        for n in range(1, len(sheets) + 1)
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        )
        package.writestr(
            "xl/workbook.bin",
            # BrtBeginBook, BrtWbProp, BrtBeginBundleShs … BrtEndBundleShs, BrtEndBook
            record(0x83)
            + record(0x99, bytes(12))
            + record(0x8F)
            + bundle
            + record(0x90)
            + record(0x84),
        )
        package.writestr(
            "xl/_rels/workbook.bin.rels",
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f"{relations}</Relationships>",
        )
        for n, rows in enumerate(sheets.values(), start=1):
            package.writestr(f"xl/worksheets/sheet{n}.bin", sheet(rows))
    return packed.getvalue()
