"""Mail leaves by SMTP where `SIMPLR_MAIL_URL` names a server; else nothing is sent and it is said.

An invitation's link can always be copied from the page, so a missing mail server blocks nobody.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend as Smtp

log = logging.getLogger("simplr.mail")


def mail_is_configured() -> bool:
    return bool(settings.ENV.mail_url)


class Backend(BaseEmailBackend):
    """`smtp://user:password@host:port` or `smtps://…`."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        if not mail_is_configured():
            log.warning("no mail server is configured; %d messages not sent", len(email_messages))
            return 0
        address = urlsplit(settings.ENV.mail_url)
        smtp = Smtp(
            host=address.hostname,
            port=address.port or (465 if address.scheme == "smtps" else 587),
            username=unquote(address.username or ""),
            password=unquote(address.password or ""),
            use_tls=address.scheme == "smtp" and bool(address.username),
            use_ssl=address.scheme == "smtps",
            fail_silently=False,
        )
        return smtp.send_messages(email_messages) or 0
