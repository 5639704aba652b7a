"""Changes to people, organisations, groups, invitations and sign-in links."""

from __future__ import annotations

from uuid import UUID

from django.core.mail import send_mail

from simplr.accounts.models import Person


def reach(*, person_id: UUID, subject: str, body: str) -> None:
    """Send one person a message by mail. Without a mail server nothing is sent (base.mail)."""
    person = Person.objects.get(id=person_id)
    send_mail(subject, body, None, [person.email])
