"""Password rules after NIST SP 800-63B-4."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth import authenticate
from django.contrib.auth.hashers import make_password
from django.test import RequestFactory

from simplr.accounts.services import PasswordRefused, add_person, check_password_rules
from simplr.base.actors import SYSTEM

if TYPE_CHECKING:
    from tests.conftest import MakePerson


def test_passwords_are_costly(usual_cost: None) -> None:
    """As much as the OWASP Password Storage Cheat Sheet asks of Argon2id, and more memory."""
    kind, version, cost = make_password("a sentence nobody would guess").split("$")[1:4]
    used = dict(part.split("=") for part in cost.split(","))

    assert (kind, version) == ("argon2id", "v=19")
    assert int(used["m"]) >= 19 * 1024
    assert int(used["t"]) >= 2


def test_fifteen_characters_are_needed_and_enough_alone(make_person: MakePerson) -> None:
    ada = make_person("Ada")

    check_password_rules(password="tr0mbone-walnut", person=ada)
    with pytest.raises(PasswordRefused):
        check_password_rules(password="tr0mbone-walnu", person=ada)


def test_eight_characters_are_enough_beside_a_second_factor(make_person: MakePerson) -> None:
    ada = make_person("Ada")
    TOTP.activate(ada, generate_totp_secret())
    assert Authenticator.objects.filter(user=ada).exists()

    check_password_rules(password="tr0mbone", person=ada)
    with pytest.raises(PasswordRefused):
        check_password_rules(password="tr0mbon", person=ada)


@pytest.mark.parametrize(
    "password",
    [
        "passwordpassword",
        "123456789123456789",
        "qwertyuiopasdfghjkl",
        "aaaaaaaaaaaaaaaaaaaa",
        "Password 12345678",
    ],
)
def test_a_password_that_everybody_tries_is_refused(password: str, make_person: MakePerson) -> None:
    with pytest.raises(PasswordRefused):
        check_password_rules(password=password, person=make_person("Ada"))


def test_a_password_that_is_the_address_is_refused(make_person: MakePerson) -> None:
    with pytest.raises(PasswordRefused):
        add_person(
            email="ada.lovelace@example.org",
            name="Ada Lovelace",
            organisation=None,
            password="ada.lovelace@example.org",
            actor=SYSTEM,
        )


def test_long_passwords_count_to_the_last_character(make_person: MakePerson) -> None:
    long = "a sentence of many words, and then some more of them " * 4
    ada = make_person("Ada", password=long)

    assert ada.check_password(long)
    assert not ada.check_password(long[:-1])


def test_no_rule_of_composition_is_asked(make_person: MakePerson) -> None:
    check_password_rules(password="only small letters here", person=make_person("Ada"))


def test_the_same_characters_from_another_keyboard_are_the_same_password(
    make_person: MakePerson,
) -> None:
    composed, decomposed = "caf\u00e9 with r\u00e9sum\u00e9", "cafe\u0301 with re\u0301sume\u0301"
    make_person("Ada", password=composed)

    request = RequestFactory().post("/account/login/")
    person = authenticate(request, email="ada@example.org", password=decomposed)
    assert person is not None


def test_spaces_at_the_ends_of_a_password_are_kept(make_person: MakePerson) -> None:
    ada = make_person("Ada", password="  a padded sentence  ")

    assert not ada.check_password("a padded sentence")
