"""The frame and its files keep what the look promises."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import override_settings

import simplr.base
from simplr.base import icons, navigation, shapes

FILES = Path(simplr.base.__file__).parent / "static" / "simplr"
LOOK_URLS = override_settings(ROOT_URLCONF="tests.web.look_urls")


def test_the_style_sheet_of_every_page_stays_small() -> None:
    assert (FILES / "simplr.css").stat().st_size < 30_000


@pytest.mark.parametrize("sheet", ["simplr.css", "work.css", "figures.css"])
def test_every_colour_comes_from_the_tokens(sheet: str) -> None:
    known = set(re.findall(r"(--[\w-]+):", (FILES / "tokens.css").read_text()))
    text = (FILES / sheet).read_text()
    own = set(re.findall(r"(--[\w-]+):", text + (FILES / "simplr.css").read_text()))

    assert set(re.findall(r"var\((--[\w-]+)", text)) <= known | own


@pytest.mark.parametrize("name", sorted(path.name for path in FILES.glob("*")))
def test_no_file_asks_for_anything_from_elsewhere(name: str) -> None:
    text = (FILES / name).read_text().replace("http://www.w3.org/2000/svg", "")

    assert not re.search(r"https?://|//[a-z]+\.[a-z]|@import", text)


@pytest.mark.parametrize("name", sorted(path.name for path in FILES.glob("*.js")))
def test_no_script_needs_more_than_the_strict_policy_gives(name: str) -> None:
    text = (FILES / name).read_text()

    assert not re.search(r"\beval\(|new Function|innerHTML *=|\.style\b|document\.write", text)


def test_an_icon_is_drawn_in_the_colour_of_the_words_beside_it() -> None:
    drawn = icons.icon("seal")

    assert 'aria-hidden="true"' in drawn
    assert "<path" in drawn
    assert "xmlns" not in drawn


def test_an_unknown_icon_is_an_error_and_not_an_empty_place() -> None:
    with pytest.raises(KeyError):
        icons.icon("no-such-icon")


def test_a_bar_of_one_row_among_thousands_is_still_seen() -> None:
    drawn = shapes.spark([10_000, 1, 0], "counts", missing=3)
    heights = re.findall(r'class="(?:gap)?" x="[\d.]+" y="[\d.]+" height="([\d.]+)"', drawn)

    assert [float(height) for height in heights] == [33.0, 1.5, 0.0, 1.5]


def test_the_words_of_a_shape_are_escaped() -> None:
    assert "&lt;b&gt;" in shapes.spark([1], "<b>")


@LOOK_URLS
def test_only_an_administrator_is_offered_the_installation() -> None:
    icons_of = {
        office: [way.icon for way in navigation.ways(current="", administrator=office)]
        for office in (True, False)
    }

    assert "settings" in icons_of[True]
    assert "settings" not in icons_of[False]


@LOOK_URLS
@pytest.mark.parametrize(
    ("view", "entry", "state"),
    [
        ("projects:list", "/projects", "page"),
        ("datasets:dataset", "/projects", "true"),
        ("intake:put", "/projects", "true"),
        ("sharing:received-one", "/received", "true"),
        ("operations:installation-people", "/installation", "true"),
        ("operations:ledger", "/ledger", "page"),
        ("", "", ""),
    ],
)
def test_a_page_is_marked_under_the_entry_that_it_belongs_to(
    view: str, entry: str, state: str
) -> None:
    marked = {
        way.url: way.current
        for way in navigation.ways(current=view, administrator=True)
        if way.current
    }

    assert marked == ({entry: state} if entry else {})


@override_settings(ROOT_URLCONF="simplr.vault.urls")
def test_an_entry_whose_page_does_not_exist_is_not_offered() -> None:
    assert navigation.ways(current="", administrator=True) == []
