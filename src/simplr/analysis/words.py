"""Alerts in words: why, and what was done. The reader sees counts and times, never a value."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from simplr.analysis.models import Alert, AlertState, Measure
from simplr.base.words import number, size

Part = dict[str, Any]
_A_HUNDRED_YEARS = 36_525


def why(alert: Alert) -> list[str]:
    """Each reason of an alert as a sentence without a subject, the strongest first."""
    return [sentence(part) for part in alert.parts]


def in_one(alert: Alert) -> str:
    """All reasons in one line."""
    return "; ".join(why(alert))


def sentence(part: Part) -> str:
    """One reason."""
    said = _SENTENCES[part["kind"]]
    return str(said(part))


def _times(part: Part, floor: float) -> str:
    """How many times the usual, as far as that means anything."""
    times = part["value"] / max(part["usual"], floor)
    return number(round(times)) if times >= 10 else number(times, 1)


def _volume(part: Part) -> str:
    octets = size(int(part["value"]))
    if part["usual"] < 1e6:
        return _("read %(size)s in a day, where next to nothing is usual") % {"size": octets}
    return _("read %(times)s times what is much in a day: %(size)s") % {
        "times": _times(part, 1e6),
        "size": octets,
    }


def _reads(part: Part) -> str:
    return _("asked %(n)s times in a day, where %(usual)s are many") % _counts(part)


def _pace(part: Part) -> str:
    return _("asked %(n)s times in ten minutes, where %(usual)s are many") % _counts(part)


def _new(part: Part) -> str:
    count = round(part["value"])
    text = ngettext("%(n)s thing never opened before", "%(n)s things never opened before", count)
    return text % {"n": number(count)}


def _refused(part: Part) -> str:
    count = round(part["value"])
    text = ngettext(
        "asked for %(n)s thing that is not there or not allowed",
        "asked for %(n)s things that are not there or not allowed",
        count,
    )
    return text % {"n": number(count)}


def _drip(part: Part) -> str:
    days = max(1, round(part["value"]))
    text = ngettext(
        "read as much as on the heaviest days, for %(n)s day",
        "read as much as on the heaviest days, for %(n)s days on end",
        days,
    )
    return text % {"n": number(days)}


def _network(part: Part) -> str:
    return _("from a network never used before")


def _hour(part: Part) -> str:
    hour = int(part["value"])
    if hour < 6:
        return _("at %(hour)s in the night") % {"hour": f"{hour}:00"}
    return _("at %(hour)s, an unusual hour") % {"hour": f"{hour}:00"}


def _counts(part: Part) -> dict[str, str]:
    return {"n": number(round(part["value"])), "usual": number(max(1, round(part["usual"])))}


_SENTENCES = {
    "volume": _volume,
    "reads": _reads,
    "pace": _pace,
    "new-resources": _new,
    "refused": _refused,
    "drip": _drip,
    "network": _network,
    "hour": _hour,
}


def done(alert: Alert) -> str:
    """What was done at once, by the policy of the installation."""
    by_token = alert.token_id is not None
    return {
        Measure.NOTIFY: _("Nothing was stopped: people were told."),
        Measure.SLOW: _("For a day only few requests a minute are answered."),
        Measure.STEP_UP: _("The token rests.")
        if by_token
        else _("All browsers must sign in again."),
        Measure.SUSPEND: _("The token rests.")
        if by_token
        else _("All browsers must sign in again."),
    }[Measure(alert.measure)]


def state(alert: Alert) -> dict[str, str]:
    """What people said of it, for a badge."""
    return {
        AlertState.OPEN: {"label": _("Open"), "icon": "clock", "tone": "warn"},
        AlertState.DISMISSED: {"label": _("False alarm"), "icon": "ok", "tone": ""},
        AlertState.CONFIRMED: {"label": _("Confirmed"), "icon": "stop", "tone": "bad"},
    }[AlertState(alert.state)]


def through(alert: Alert) -> str:
    """A browser, or which token."""
    if alert.token_id is None:
        return _("by browser")
    return _("by the token “%(name)s”") % {"name": alert.token_name or str(alert.token_id)}


def rarity(alert: Alert) -> str:
    """How rarely so much is met."""
    days = 10**alert.score
    if days > _A_HUNDRED_YEARS:
        return _("less than once in a hundred years")
    return _("about once in %(n)s days") % {"n": number(1000 * int(days / 1000 + 0.5))}
