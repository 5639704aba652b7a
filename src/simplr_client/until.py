"""Reading a time as people write it: “friday”, “2026-11-27”, “in 3 days”.

A day means until its end, in the time zone of whoever writes it. What is not understood is
refused, never guessed, and so is a time that has passed.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, tzinfo

from simplr_client.errors import Invalid

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SPAN = re.compile(r"(?:in )?(\d{1,4}) (minute|hour|day|week)s?")
_END_OF_DAY = time(23, 59, 59)


def parse_until(text: str, *, now: datetime, zone: tzinfo | None = None) -> datetime:
    """The aware instant that `text` means at `now`, in `zone` (else the zone of this machine).

    Understood: a date (2026-11-27), a date and time (2026-11-27T17:00, with or without a zone), a
    day of the week (the coming one, today included), today, tomorrow, and spans such as "in 3
    days", "2 weeks", "in 90 minutes". Raises Invalid for anything else and for the past.
    """
    words = " ".join(text.strip().casefold().split())
    here = now.astimezone(zone)
    found = _span(words, now=now) or _day(words, today=here.date(), zone=zone)
    found = found or _instant(text.strip(), zone=zone)
    if found is None:
        raise Invalid(
            f"“{text}” is not a time that is understood. Write 2026-11-27, 2026-11-27T17:00, "
            "friday, tomorrow or “in 3 days”.",
            code="time-not-understood",
        )
    if found <= now:
        raise Invalid(f"“{text}” has passed.", code="time-passed")
    return found


def parse_since(text: str, *, now: datetime, zone: tzinfo | None = None) -> datetime:
    """The start of a day, or an instant, that lies in the past: 2026-11-20, yesterday, today."""
    words = text.strip().casefold()
    here = now.astimezone(zone)
    if words in ("today", "yesterday"):
        day = here.date() - timedelta(days=words == "yesterday")
        return _local(datetime.combine(day, time.min), zone)
    try:
        return _local(datetime.combine(date.fromisoformat(text.strip()), time.min), zone)
    except ValueError:
        found = _instant(text.strip(), zone=zone)
    if found is None:
        raise Invalid(
            f"“{text}” is not a time that is understood. Write 2026-11-20, 2026-11-20T08:00, "
            "yesterday or today.",
            code="time-not-understood",
        )
    return found


def _span(words: str, *, now: datetime) -> datetime | None:
    parts = _SPAN.fullmatch(words)
    if parts is None:
        return None
    return now + timedelta(**{f"{parts[2]}s": int(parts[1])})


def _day(words: str, *, today: date, zone: tzinfo | None) -> datetime | None:
    if words == "today":
        day = today
    elif words == "tomorrow":
        day = today + timedelta(days=1)
    elif words in _DAYS:
        day = today + timedelta(days=(_DAYS.index(words) - today.weekday()) % 7)
    else:
        try:
            day = date.fromisoformat(words)
        except ValueError:
            return None
    return _local(datetime.combine(day, _END_OF_DAY), zone)


def _instant(text: str, *, zone: tzinfo | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else _local(found, zone)


def _local(naive: datetime, zone: tzinfo | None) -> datetime:
    """`naive` in `zone`, else in the zone of this machine as it will be on that day."""
    return naive.replace(tzinfo=zone) if zone is not None else naive.astimezone()
