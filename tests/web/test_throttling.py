"""Row 27: guessing is slowed by name and by address, and no owner is kept out by it for ever."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from axes.models import AccessAttempt
from django.core.cache import cache, caches
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import reverse

from simplr.accounts import signin_links
from simplr.base.actors import SYSTEM

if TYPE_CHECKING:
    from tests.conftest import MakePerson

    from simplr.accounts.models import Person

PASSWORD = "a sentence nobody would guess"
LOGIN = "/account/login/"


@pytest.fixture(autouse=True)
def _no_limits_left_over() -> None:
    cache.clear()


@pytest.fixture
def ada(make_person: MakePerson) -> Person:
    return make_person("Ada")


def attempt(
    name: str = "ada", password: str = PASSWORD, browser: Client | None = None, **meta: Any
) -> int:
    form = {"login": f"{name}@example.org", "password": password}
    return int((browser or Client()).post(LOGIN, form, **meta).status_code)


FORGED = (
    {},
    {"HTTP_X_FORWARDED_FOR": "203.0.113.{n}"},
    {"HTTP_X_REAL_IP": "203.0.113.{n}"},
    {"HTTP_FORWARDED": "for=203.0.113.{n}"},
    {"HTTP_CF_CONNECTING_IP": "203.0.113.{n}"},
)


@pytest.mark.prove
def test_two_hundred_names_are_not_sprayed_whatever_address_is_claimed() -> None:
    found: Counter[int] = Counter()
    for n in range(200):
        forged = {name: text.format(n=n) for name, text in FORGED[n % len(FORGED)].items()}
        found[attempt(f"person{n}", "Spring2026!", **forged)] += 1

    assert found == {200: 20, 429: 180}


@pytest.mark.prove
def test_behind_a_proxy_each_address_counts_for_itself(settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    stranger = {"HTTP_X_FORWARDED_FOR": "198.51.100.1, 203.0.113.9"}
    tried = [attempt(f"person{n}", "Spring2026!", **stranger) for n in range(22)]
    assert tried[-2:] == [429, 429]
    claims_another = {"HTTP_X_FORWARDED_FOR": "198.51.100.77, 203.0.113.9"}
    assert attempt("person99", "Spring2026!", **claims_another) == 429

    assert attempt("eve", "wrong", HTTP_X_FORWARDED_FOR="203.0.113.10") == 200


def test_the_proxy_is_believed_as_the_settings_say() -> None:
    from django.conf import settings

    assert settings.ALLAUTH_TRUSTED_PROXY_COUNT == int(settings.ENV.trusted_proxy) == 0


def test_the_lock_of_a_name_ends_five_minutes_after_the_fifth_failure(ada: Person) -> None:
    for n in range(5):
        attempt(password=f"wrong {n}")
    assert attempt() == 429
    for n in range(4):  # somebody goes on trying: it does not get longer
        attempt(password=f"wrong again {n}")

    for row in AccessAttempt.objects.all():
        AccessAttempt.objects.filter(pk=row.pk).update(
            attempt_time=row.attempt_time - timedelta(minutes=5, seconds=1)
        )
    cache.clear()  # its counters are as old

    assert attempt() == 302


def test_who_keeps_guessing_does_not_keep_out_the_owners_browser(ada: Person) -> None:
    hers = Client()
    assert attempt(browser=hers) == 302
    hers.post("/account/logout/")
    for n in range(18):
        attempt(password=f"wrong {n}", REMOTE_ADDR="203.0.113.9")

    assert attempt(REMOTE_ADDR="198.51.100.7") == 429
    assert attempt(browser=hers, REMOTE_ADDR="198.51.100.8") == 302


def test_a_link_from_the_server_opens_though_the_name_is_locked(ada: Person) -> None:
    for n in range(8):
        attempt(password=f"wrong {n}")
    browser = Client()

    secret = signin_links.issue_signin_link(person_id=ada.id, actor=SYSTEM)
    browser.post(reverse("welcome", urlconf="simplr.accounts.urls", args=[secret]))

    assert browser.get("/api/v1/me").status_code == 200


def test_a_stolen_session_is_no_place_to_guess_the_password(ada: Person) -> None:
    browser = Client()
    attempt(browser=browser)

    answers = [
        browser.post("/account/reauthenticate/", {"password": f"guess {n}"}).status_code
        for n in range(14)
    ]

    assert 429 in answers[:12]
    refused: Any = browser.post("/account/reauthenticate/", {"password": PASSWORD})
    assert refused.status_code == 429


def test_counters_lie_in_the_database_that_all_processes_share(ada: Person) -> None:
    attempt(password="wrong")

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM base_cache")
        assert cursor.fetchone()[0] > 0
    assert type(caches["default"]).__module__ == "django.core.cache.backends.db"
    assert AccessAttempt.objects.count() == 1
    assert RequestFactory().get("/").META["REMOTE_ADDR"] not in str(
        AccessAttempt.objects.values("username")
    )
