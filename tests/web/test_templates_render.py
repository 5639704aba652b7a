"""Every page shows every state that its template documents, whole, valid and without style or script inside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.template.backends.django import DjangoTemplates
from django.test import RequestFactory, override_settings
from django.urls import resolve, reverse
from tests.web.look_samples import ID, PAGES

MISSING = "⟦missing: %s⟧"
VOID = {
    "area",
    "base",
    "br",
    "col",
    "embed",
    "hr",
    "img",
    "input",
    "link",
    "meta",
    "source",
    "track",
    "wbr",
}
CASES = [(name, state) for name, states in PAGES.items() for state in states]


class Outline(HTMLParser):
    """Checks that tags nest and close, that ids are unique, and that nothing breaks the strict policy."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.named: set[str] = set()
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if len(given) != len(attrs):
            self.wrong.append(f"{tag} has an attribute twice: {attrs}")
        if tag == "style" or "style" in given or any(name.startswith("on") for name in given):
            self.wrong.append(f"inline style or handler on {tag}")
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self.wrong.append("inline script")
        if identifier := given.get("id"):
            self.ids.append(identifier)
        for name in ("for", "aria-labelledby", "aria-describedby", "popovertarget", "data-copy"):
            self.named.update((given.get(name) or "").split())
        if tag in {"a", "form", "img"} and "" in (given.get("href", "-"), given.get("action", "-")):
            self.wrong.append(f"{tag} goes nowhere")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> closes nothing at {self.getpos()}")


@pytest.fixture(scope="module")
def engine() -> Iterator[DjangoTemplates]:
    options = deepcopy(settings.TEMPLATES[0])
    options["NAME"] = "strict"
    options["OPTIONS"]["string_if_invalid"] = MISSING
    with override_settings(ROOT_URLCONF="tests.web.look_urls"):
        yield DjangoTemplates(
            {"NAME": "strict", "DIRS": [], "APP_DIRS": True, "OPTIONS": options["OPTIONS"]}
        )


def shown(engine: DjangoTemplates, name: str, context: dict[str, Any]) -> str:
    request = RequestFactory().get("/datasets/" + str(ID))
    request.resolver_match = resolve(reverse("projects:list"))
    request.user = get_user_model()(name="Mara Lindqvist", is_administrator=True)
    return engine.get_template(name).render(
        {
            "state": {
                "attention_count": 3,
                "store_open": True,
                "ledger_sealed_at": None,
                "ledger_whole": True,
            },
            **context,
        },
        request,
    )


@pytest.mark.parametrize(("name", "state"), CASES)
def test_a_page_shows_each_state_whole(engine: DjangoTemplates, name: str, state: str) -> None:
    page = shown(engine, name, PAGES[name][state])

    assert "⟦missing" not in page, re.findall(r".{60}⟦missing: [^⟧]*⟧", page)[:3]
    outline = Outline()
    outline.feed(page)
    assert outline.wrong == []
    assert outline.open == []
    doubled = {each for each in outline.ids if outline.ids.count(each) > 1}
    assert doubled == set()
    assert outline.named <= set(outline.ids)


def test_every_template_of_a_page_has_a_sample() -> None:
    shipped = {
        path.relative_to(folder).as_posix()
        for folder in (settings_folder() / "simplr").glob("*/templates")
        for path in folder.rglob("*.html")
        if not re.search(
            r"(^|/)(parts|allauth|account|mfa|usersessions)/", path.as_posix()[len(str(folder)) :]
        )
    }
    frames = {"simplr/base.html", "simplr/guest.html", "simplr/page.html", "simplr/parts.html"}
    frames |= {"simplr/errors/page.html", "datasets/frame.html", "projects/frame.html"}
    assert shipped - frames <= set(PAGES)


def settings_folder() -> Any:
    from pathlib import Path

    import simplr

    return Path(simplr.__file__).parents[1]
