"""What nothing can come of any more is forgotten; what still guards something is not."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone
from tests.web.oauth.asking import Program, registered, status_of

from simplr.access.models import AccessToken, CodeGrant, DeviceGrant, RefreshToken
from simplr.access.oauth import devices, forgetting, programs, standing
from simplr.access.oauth.programs import Kind, register_program
from simplr.base.actors import SYSTEM

if TYPE_CHECKING:
    from tests.conftest import MakePerson

    from simplr.accounts.models import Person


@pytest.fixture
def ada(make_person: MakePerson) -> Person:
    return make_person("Ada")


def test_codes_stay_for_a_day_and_renewals_as_long_as_their_consent_and_a_month(
    ada: Person,
) -> None:
    web, now = Program(registered()), timezone.now()
    code = web.code_of(ada)
    told = web.redeem(code).json()
    told = web.renew(told["refresh_token"]).json()

    assert forgetting.forget_over(now=now + timedelta(hours=23)) == 0
    assert forgetting.forget_over(now=now + timedelta(days=20)) == 1
    assert not CodeGrant.objects.exists()
    assert RefreshToken.objects.count() == 2  # the used one too: it would end the consent
    assert status_of(told["access_token"]) == 200

    forgetting.forget_over(now=now + timedelta(days=59))
    assert RefreshToken.objects.count() == 2
    forgetting.forget_over(now=now + timedelta(days=61))
    assert not RefreshToken.objects.exists()
    assert AccessToken.objects.count() == 1  # its person sees that it was there


def test_waiting_devices_and_hourly_tokens_are_forgotten_a_day_after_their_end(
    ada: Person,
) -> None:
    command_line = programs.program_of_client(programs.COMMAND_LINE)
    assert command_line is not None
    devices.begin(command_line, scope="project:read")
    new = register_program(
        name="Nightly copy",
        kind=Kind.SERVICE,
        scopes=["token:read"],
        acts_for=ada.id,
        actor=SYSTEM,
    )
    now = timezone.now()
    standing.allow(new.program, person=ada, until=now + timedelta(days=90))
    Program(new).post("token", grant_type="client_credentials")

    assert forgetting.forget_over(now=now + timedelta(hours=24)) == 0
    assert forgetting.forget_over(now=now + timedelta(hours=26)) == 2
    assert not DeviceGrant.objects.exists()
    assert AccessToken.objects.filter(made_with=None).count() == 1
    assert AccessToken.objects.count() == 1
