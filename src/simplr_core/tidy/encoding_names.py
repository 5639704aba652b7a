"""The encodings that a text may be read by, and what each is called here."""

from __future__ import annotations

import codecs

LIKELY_ELSEWHERE = {
    *("cp1250", "iso8859_2", "cp1251", "koi8_r", "koi8_u", "iso8859_5", "cp866", "mac_cyrillic"),
    *("cp1253", "iso8859_7", "cp1254", "iso8859_9", "cp1255", "iso8859_8", "cp1256", "iso8859_6"),
    *("cp1257", "iso8859_13", "cp1258", "cp874", "tis_620", "shift_jis", "cp932", "euc_jp"),
    *("iso2022_jp", "gb2312", "gbk", "gb18030", "big5", "big5hkscs", "euc_kr", "cp949", "johab"),
}
"""Pages that files of other regions are really in; any other finding is taken for Western."""

WIDE = {"utf-32-le": 4, "utf-32-be": 4, "utf-16-le": 2, "utf-16-be": 2}
"""Encodings of more than one byte for each character, and how many."""

_OTHERS = ("cp1252", "iso8859_15", "mac_roman", "cp437", "cp850", "cp852", *WIDE)
_CALLED = {codecs.lookup(name).name: codecs.lookup(name).name for name in LIKELY_ELSEWHERE}
_CALLED |= {codecs.lookup(name).name: codecs.lookup(name).name for name in _OTHERS}
_CALLED |= {codecs.lookup("latin-1").name: "latin-1"}
_CALLED |= dict.fromkeys(("utf-8", "ascii", "utf-8-sig"), "utf-8")
_CALLED |= {"utf-16": "utf-16-le", "utf-32": "utf-32-le"}
"""Names of codecs, to what we call their encoding; without its order of bytes, the usual one."""

ENCODINGS = ("utf-8", "cp1252", *sorted({*_CALLED.values()} - {"utf-8", "cp1252"}))
"""Every encoding that a text may be read by, the usual ones first."""


def encoding_named(name: str) -> str | None:
    """What the encoding is called here that goes by `name` elsewhere; None where there is none."""
    try:
        return _CALLED.get(codecs.lookup(name).name)
    except (LookupError, ValueError):
        return None
