"""Where browser sessions are kept: Django's session protocol over rows that a thief cannot use.

The cookie's value is a random secret of 165 bits. The row holds its SHA-256 and the content under a
key made from the same secret (Fernet), so a copy of the database signs nobody in and tells nothing
of what a session holds, even to somebody who has the installation's keys.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import IntegrityError, connection, transaction
from django.db.models import Model
from django.utils import timezone

from simplr.accounts.models import Person, Session

BROWSER = "simplr-browser"
"""Session entry: the browser in words, copied to the row for the list of one's sessions."""
_SEEN_EVERY = timedelta(minutes=5)


def digest_of(secret: str) -> bytes:
    """What a session is found by."""
    return hashlib.sha256(b"simplr session\0" + secret.encode()).digest()


def _cipher(secret: str) -> Fernet:
    key = hashlib.sha256(b"simplr session content\0" + secret.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def lives(session: Session, *, now: datetime) -> bool:
    """Whether a session is not over: neither too long open, whatever was done in it, nor idle.

    Signing in makes a new row, so a session is as old as its sign-in.
    """
    return (
        session.expires_at > now
        and session.created_at > now - timedelta(seconds=settings.SESSION_COOKIE_AGE)
        and session.seen_at > now - timedelta(seconds=settings.SESSION_IDLE_SECONDS)
    )


def _names_of(model: type[Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in model._meta.concrete_fields)


_SESSION, _PERSON = _names_of(Session), _names_of(Person)
# Asked by each request of a browser: put together by the ORM it was a tenth of a small answer.
_BY_DIGEST = f"""
SELECT {", ".join(f"session.{name}" for name in _SESSION)},
       {", ".join(f"person.{name}" for name in _PERSON)}
FROM accounts_session session LEFT JOIN accounts_person person ON person.id = session.person_id
WHERE session.digest = %s
"""  # noqa: S608 - put together of constants alone


def _session_and_person(secret: str) -> tuple[Session, Person | None] | None:
    with connection.cursor() as cursor:
        cursor.execute(_BY_DIGEST, [digest_of(secret)])
        row = cursor.fetchone()
    if row is None:
        return None
    session = Session.from_db(None, _SESSION, row[: len(_SESSION)])
    if session.person_id is None:
        return session, None
    return session, Person.from_db(connection.alias, _PERSON, row[len(_SESSION) :])


class SessionStore(SessionBase):
    """Django's session store over `accounts.Session`."""

    person: Person | None = None
    """Whom the loaded row belongs to, read with it: each request of a browser asks for both."""

    def load(self) -> dict[str, Any]:
        now = timezone.now()
        found = _session_and_person(self.session_key) if self.session_key else None
        if found is None or self.session_key is None or not lives(found[0], now=now):
            self._session_key = None
            return {}
        row, self.person = found
        try:
            content = _cipher(self.session_key).decrypt(bytes(row.sealed))
        except InvalidToken:
            self._session_key = None
            return {}
        if row.seen_at < now - _SEEN_EVERY:
            Session.objects.filter(id=row.id).update(seen_at=now)
        loaded: dict[str, Any] = self.serializer().loads(content)
        return loaded

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(digest=digest_of(session_key)).exists()

    def create(self) -> None:
        while True:
            self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        if self.session_key is None:
            self.create()
            return
        content: dict[str, Any] = self._get_session(  # type: ignore[attr-defined]
            no_load=must_create
        )
        person = content.get(SESSION_KEY)
        values = {
            "sealed": _cipher(self.session_key).encrypt(self.serializer().dumps(content)),
            "person_id": UUID(person) if person else None,
            "browser": str(content.get(BROWSER, ""))[:80],
            "seen_at": timezone.now(),
            "expires_at": self.get_expiry_date(),
        }
        digest = digest_of(self.session_key)
        if not must_create:
            if not Session.objects.filter(digest=digest).update(**values):
                raise UpdateError
            return
        try:
            with transaction.atomic():
                Session.objects.create(digest=digest, **values)
        except IntegrityError as error:
            raise CreateError from error

    def delete(self, session_key: str | None = None) -> None:
        secret = session_key or self.session_key
        if secret:
            Session.objects.filter(digest=digest_of(secret)).delete()

    @classmethod
    def clear_expired(cls) -> None:
        forget_expired(now=timezone.now())


def forget_expired(*, now: datetime) -> int:
    """Remove rows of sessions that are over; returns how many."""
    return Session.objects.filter(expires_at__lt=now).delete()[0]


def browser_in_words(user_agent: str) -> str:
    """A user agent as a person would say it: `Firefox on Linux`. Never the whole string."""
    names = (
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("python-httpx", "Python"),
    )
    systems = (
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    )
    name = next((word for part, word in names if part in user_agent), "")
    system = next((word for part, word in systems if part in user_agent), "")
    return " on ".join(filter(None, (name, system)))
