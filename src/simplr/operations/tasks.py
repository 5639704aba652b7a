"""The daily mail to those who asked for it."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from simplr.accounts import notice_queries, notice_services
from simplr.base import events, plugs
from simplr.base.actors import SYSTEM
from simplr.base.jobs import Patient, app
from simplr.base.mail import mail_is_configured


@app.periodic(cron="0 6 * * *")
@app.task(name="operations.send_digests", queueing_lock="send-digests")
def send_digests(timestamp: int) -> int:
    """Queue one mail for each person who wants it; returns how many. Nothing without a server."""
    if not mail_is_configured():
        return 0
    people = notice_queries.who_want_digests()
    for person_id in people:
        send_digest.defer(person_id=str(person_id))
    return len(people)


@app.task(name="operations.send_digest", retry=Patient())
def send_digest(person_id: str) -> bool:
    """Send one person the mail of this day, once; nothing when nothing is unread."""
    from simplr.operations.notices import digest_text

    to = UUID(person_id)
    text = digest_text(to)
    if text is None or not notice_services.begin_digest(person_id=to, now=timezone.now()):
        return False
    subject, body = text
    plugs.reach(person_id=to, subject=subject, body=body)
    events.record(code=events.Event.DIGEST_SENT, actor=SYSTEM, subject=("person", to))
    return True
