"""How numbers, sizes, times and names are written for people.

Figures follow the reader's language; no more digits are shown than are known. Times are written
near ("yesterday, 17:30", "Friday, 18:00") where people read, and in full where they compare.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

MINUS = "\u2212"
NARROW = "\u00a0"
_SIZES = ("kB", "MB", "GB", "TB", "PB")


def number(value: int | float | Decimal | str | None, places: int | None = None) -> str:
    """`value` with thousands grouped as the reader's language does, and a true minus."""
    if value is None or value == "":
        return "–"
    if isinstance(value, str):
        value = Decimal(value)
    amount = -value if value < 0 else value
    if places is not None:
        amount = Decimal(str(amount)).quantize(
            Decimal(1).scaleb(-places)
        )  # Django's own formatting would cut, not round
    text: str = number_format(amount, decimal_pos=places, force_grouping=True)
    return MINUS + text if value < 0 else text


def percent(share: float | None) -> str:
    """A share between 0 and 1 as a percentage that never rounds something to nothing or to all."""
    if share is None:
        return "–"
    if share <= 0:
        return f"0{NARROW}%"
    if share >= 1:
        return f"100{NARROW}%"
    if share < 0.001:
        return _("under %(share)s") % {"share": f"{number(0.1, 1)}{NARROW}%"}
    if share > 0.999:
        return _("over %(share)s") % {"share": f"{number(99.9, 1)}{NARROW}%"}
    places = 0 if 0.1 <= share <= 0.9 else 1
    return f"{number(share * 100, places)}{NARROW}%"


def size(octets: int | None) -> str:
    """A number of bytes in the largest unit that leaves a figure of at least 1."""
    if octets is None:
        return "–"
    if octets < 1000:
        return ngettext("%(count)s byte", "%(count)s bytes", octets) % {"count": number(octets)}
    value = float(octets)
    for unit in _SIZES:
        value /= 1000
        if value < 999.5 or unit == _SIZES[-1]:
            break
    places = 1 if value < 100 and round(value, 1) != round(value) else 0
    return f"{number(value, places)}{NARROW}{unit}"


def duration(seconds: float | timedelta | None) -> str:
    """A length of time that is still to come or has passed, to the nearest useful unit."""
    if seconds is None:
        return "–"
    whole = round(seconds.total_seconds() if isinstance(seconds, timedelta) else seconds)
    if whole < 60:
        return ngettext("%(n)s second", "%(n)s seconds", whole) % {"n": number(whole)}
    if whole < 5400:
        minutes = round(whole / 60)
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": number(minutes)}
    if whole < 129_600:
        hours = round(whole / 3600)
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": number(hours)}
    days = round(whole / 86_400)
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": number(days)}


def near(value: datetime | date, now: datetime) -> str:
    """`value` as people say it at `now`: today's time, yesterday, a weekday to come, else the day."""
    if not isinstance(value, datetime):
        return _near_day(value, timezone.localtime(now).date(), "")
    local = timezone.localtime(value)
    return _near_day(local.date(), timezone.localtime(now).date(), date_format(local, "H:i"))


def _near_day(day: date, today: date, time: str) -> str:
    ahead = (day - today).days
    if ahead == 0:
        return time or pgettext("day", "today")
    if ahead in (-1, 1):
        named = pgettext("day", "tomorrow") if ahead == 1 else pgettext("day", "yesterday")
    elif 1 < ahead < 7:
        named = date_format(day, "l")
    else:
        return date_format(day, "j M" if day.year == today.year else "j M Y")
    if not time:
        return named
    return pgettext("day, time", "%(day)s, %(time)s") % {"day": named, "time": time}


def in_full(value: datetime | date) -> str:
    """`value` with its weekday, for sentences and tooltips."""
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "l j F Y, H:i")
    return date_format(value, "l j F Y")


def initials(name: str) -> str:
    """The letters that stand in for a person's picture: first and last word, upper case."""
    words = [word for word in name.split() if word[0].isalnum()]
    if not words:
        return "?"
    letters = words[0][0] + (words[-1][0] if len(words) > 1 else "")
    return letters.upper()
