"""The first administrator: from the printed link to an account with a passkey."""

from __future__ import annotations

from tests.browser.people import HOME, PASSWORD, address_of
from tests.browser.starting import ADMINISTRATOR, Beginning, add_authenticator
from tests.browser.visits import NewWindow


def test_the_first_link_makes_its_holder_administrator_with_a_passkey(beginning: Beginning) -> None:
    assert beginning.titles[0] == "Make this installation yours"
    assert beginning.titles[1] == "Add a passkey"
    assert "Laptop" in beginning.titles[-1]
    assert not beginning.faults, "\n".join(beginning.faults)


def test_who_signed_out_signs_in_again_with_a_passkey_alone(windows: NewWindow, size: str) -> None:
    window = windows(size)
    add_authenticator(window)
    window.go("/accounts/login/")
    window.look("sign-in", manual=True)
    window.fill(login=address_of(ADMINISTRATOR), password=PASSWORD)
    window.leave(window.button("Sign in with password"))
