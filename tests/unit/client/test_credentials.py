"""The stored token: for its owner alone, for its installation alone."""

from __future__ import annotations

import os
import stat

import pytest

from simplr_client import Invalid, NotSignedIn, Refused, connect, credentials
from simplr_client.credentials import Credential

ONE = Credential(url="https://one.example.org", token="token-of-one", email="ada@example.org")
TWO = Credential(url="https://two.example.org", token="token-of-two")


def test_a_stored_token_comes_back_and_the_last_sign_in_is_current() -> None:
    credentials.store(ONE)
    credentials.store(TWO)

    assert credentials.stored() == TWO
    assert credentials.stored(ONE.url) == ONE
    assert credentials.stored("https://three.example.org") is None


def test_the_file_is_for_its_owner_alone() -> None:
    os.umask(0)
    try:
        kept = credentials.store(ONE)
    finally:
        os.umask(0o022)

    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_file_that_others_may_read_is_refused(mode: int) -> None:
    credentials.store(ONE).chmod(mode)

    with pytest.raises(Refused) as caught:
        connect()

    assert caught.value.code == "credentials-exposed"
    assert "token-of-one" not in str(caught.value)


def test_a_damaged_file_is_said_to_be_damaged() -> None:
    credentials.store(ONE).write_text("{")

    with pytest.raises(Invalid):
        connect()


def test_a_stored_token_is_never_sent_to_another_installation() -> None:
    credentials.store(ONE)

    with pytest.raises(NotSignedIn):
        connect("https://two.example.org")


def test_the_environment_comes_before_what_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    credentials.store(ONE)
    monkeypatch.setenv("SIMPLR_URL", TWO.url)
    monkeypatch.setenv("SIMPLR_TOKEN", "token-of-two")

    with connect() as session:
        assert session.url == TWO.url


def test_without_anything_it_says_how_to_sign_in() -> None:
    with pytest.raises(NotSignedIn, match="simplr signin URL"):
        connect()


def test_no_repr_shows_a_token() -> None:
    assert "token-of-one" not in repr(ONE)


def test_forgetting_leaves_the_others() -> None:
    credentials.store(ONE)
    credentials.store(TWO)

    assert credentials.forget() == TWO.url
    assert credentials.stored() == ONE
    assert credentials.forget(ONE.url) == ONE.url
    assert credentials.stored() is None
    assert credentials.forget() is None
