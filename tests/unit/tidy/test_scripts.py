"""Code pages of Greek, Cyrillic and Western files are told apart by the words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from simplr_core.tidy.scripts import page_of_another_script

GREEK = ["Αθήνα", "Δήμος Πατρέων", "ύδρευση", "καλημέρα", "οδός Ερμού"]
RUSSIAN = ["Москва", "улица Ленина", "водоснабжение", "Санкт-Петербург", "добрый день"]
WESTERN = ["Straße", "naïve", "piñata", "São Paulo", "Église", "Ærø", "smörgåsbord"]


@pytest.mark.parametrize(
    ("words", "page"),
    [
        (GREEK, "cp1253"),
        (GREEK, "iso8859-7"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (RUSSIAN, "iso8859-5"),
        (RUSSIAN, "cp866"),
        (WESTERN, "cp1252"),
    ],
)
def test_a_table_in_an_old_code_page_comes_back(
    take_in: Callable[..., Any], words: list[str], page: str
) -> None:
    values = words * 5
    text = "n;place\n" + "".join(f"{n};{word}\n" for n, word in enumerate(values))

    taken = take_in(text.encode(page))

    assert taken.column("place") == values


@pytest.mark.parametrize("page", ["cp1252", "latin-1"])
def test_western_words_are_of_no_other_script(page: str) -> None:
    assert page_of_another_script(" ".join(WESTERN).encode(page)) == ""
