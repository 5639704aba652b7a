"""Names of kinds of files that need no reader to be asked."""

from __future__ import annotations

DELIMITED = frozenset({"text/csv", "text/tab-separated-values"})
"""Texts whose cells a delimiter parts."""

XLS = "application/vnd.ms-excel"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLSB = "application/vnd.ms-excel.sheet.binary.macroenabled.12"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
PACKED_WORKBOOKS = frozenset({XLSX, XLSB, ODS})
WORKBOOKS = PACKED_WORKBOOKS | {XLS}
