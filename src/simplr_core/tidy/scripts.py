"""Telling Greek and Cyrillic code pages by how words look when they are read in them.

A word in such a script has hardly any ASCII letter, where a Western word has many. Read in the
right page its capitals stand first or everywhere, and its most frequent letters are those of the
language; read in another page they are not.
"""

from __future__ import annotations

import re

GREEK = frozenset("αοιετσνηρςκάίόέύήλ")
CYRILLIC = frozenset("оеаинтсрвлкід")
PAGES = {
    **{"cp1253": GREEK, "iso8859-7": GREEK},
    **{"cp1251": CYRILLIC, "koi8-r": CYRILLIC, "iso8859-5": CYRILLIC, "cp866": CYRILLIC},
}
"""The pages, and the letters that make up most of a text in their script."""

ENOUGH_WORDS = 3
CONVINCING = 0.45
_WORD = re.compile(r"[^\W\d_]{2,}")
_BYTES_OF_WORDS = re.compile(rb"[A-Za-z\x80-\xff]{2,}")


def page_of_another_script(sample: bytes) -> str:
    """The Greek or Cyrillic page that `sample` is in; empty where its words are not of these."""
    words = [w for w in _BYTES_OF_WORDS.findall(sample) if not w.isascii()]
    length = sum(map(len, words))
    beyond = sum(byte > 127 for word in words for byte in word)
    if len(words) < ENOUGH_WORDS or beyond < 0.7 * length:
        return ""
    joined = b" ".join(words)
    scores = {page: _score(joined, page, common) for page, common in PAGES.items()}
    best = max(scores, key=lambda page: scores[page])
    return best if scores[best] > CONVINCING else ""


def _score(joined: bytes, page: str, common: frozenset[str]) -> float:
    """How many of the characters are in well-cased words, and are frequent letters."""
    try:
        text = joined.decode(page)
    except UnicodeDecodeError:
        return 0.0
    words = [word for word in _WORD.findall(text) if _is_well_cased(word)]
    letters = "".join(words).casefold()
    size = len(text) - text.count(" ")
    # casefold makes one sigma of two: both are in the set
    return sum(c in common for c in letters) / max(1, size)


def _is_well_cased(word: str) -> bool:
    return word.islower() or word.isupper() or (word[0].isupper() and word[1:].islower())
