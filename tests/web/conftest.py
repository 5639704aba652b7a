"""What tests of pages share: a real institute, made once for each module and rolled back after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from django.test import Client
    from tests.institute import Institute


@pytest.fixture(scope="module")
def institute(django_db_setup: None, django_db_blocker: Any) -> Iterator[Institute]:
    """The institute. Each test works in a transaction inside the module's, so it finds it whole."""
    from django.db import transaction
    from tests.institute import build

    aliases = ("default", "vault", "audit")
    with django_db_blocker.unblock(), ExitStack() as stack:
        for alias in aliases:
            stack.enter_context(transaction.atomic(using=alias))
        yield build()
        for alias in aliases:
            transaction.set_rollback(True, using=alias)


@pytest.fixture
def as_(institute: Institute) -> Callable[[str], Client]:
    """`as_("steward")`: a browser in which that person of the institute is signed in."""

    from django.test import Client

    def signed_in(role: str) -> Client:
        client = Client()
        client.force_login(getattr(institute, role))
        return client

    return signed_in
