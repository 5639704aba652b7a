"""Jobs of accounts: the mail of a password reset, and forgetting sessions that are over."""

from __future__ import annotations

from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from simplr.accounts import sessions
from simplr.accounts.models import Person
from simplr.base import jobs


@jobs.app.task(name="accounts.send_password_reset")
def send_password_reset(email: str) -> bool:
    """Mail a reset link to the person with this address; nothing happens when there is none."""
    person = Person.objects.filter(email=email.strip().lower(), is_active=True).first()
    if person is None:
        return False
    key = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(person)
    path = reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(person), "key": key},
    )
    send_mail(
        _("Choose a new password"),
        _(
            "Somebody, you we hope, asked for a new password at %(address)s.\n\n"
            "Open this link to choose one:\n%(link)s\n\nElse do nothing: nothing was changed."
        )
        % {"address": settings.BASE_URL, "link": settings.BASE_URL + path},
        None,
        [person.email],
    )
    return True


@jobs.app.periodic(cron="17 * * * *")
@jobs.app.task(name="accounts.forget_sessions", queueing_lock="forget-sessions")
def forget_sessions(timestamp: int) -> int:
    """Remove browser sessions that are over."""
    return sessions.forget_expired(now=timezone.now())
