"""What the rail, the tab bar and the sheet "More" hold, and for whom.

An entry names a URL, never a path; one whose URL does not exist yet is left out, so the frame
never offers a page that is not there.
"""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


@dataclass(frozen=True)
class Entry:
    """One way in. `on_phone` entries stand in the tab bar, the others behind More."""

    url_name: str
    label: Promise
    icon: str
    belongs: frozenset[str] = frozenset()
    on_phone: bool = False
    administrators_only: bool = False


ENTRIES: tuple[Entry, ...] = (
    Entry("operations:home", _("Home"), "home", on_phone=True),
    Entry(
        "projects:list",
        _("Projects"),
        "projects",
        belongs=frozenset({"projects", "intake", "datasets", "resources", "sharing"}),
        on_phone=True,
    ),
    Entry("catalogue:find", pgettext_lazy("navigation", "Find"), "find", on_phone=True),
    Entry(
        "sharing:received",
        pgettext_lazy("navigation", "Received"),
        "inbox",
        belongs=frozenset({"sharing:requests", "sharing:request", "sharing:ask"}),
        on_phone=True,
    ),
    Entry("operations:ledger", _("Ledger"), "ledger"),
    Entry("analysis:alerts", _("Alerts"), "bell", administrators_only=True),
    Entry("access:tokens", _("Tokens"), "key"),
    Entry("accounts:account", pgettext_lazy("navigation", "Account"), "person"),
    Entry("operations:installation", _("Installation"), "settings", administrators_only=True),
)


@dataclass(frozen=True)
class Way:
    """An entry as one page shows it."""

    url: str
    label: Promise
    icon: str
    current: str  # the value of aria-current, or nothing
    on_phone: bool


def ways(*, current: str, administrator: bool) -> list[Way]:
    """The entries for one person on the page whose URL name is `current`."""
    here = _entry_of(current)
    shown = []
    for entry in ENTRIES:
        if entry.administrators_only and not administrator:
            continue
        try:
            url = reverse(entry.url_name)
        except NoReverseMatch:
            continue
        state = "page" if entry.url_name == current else "true" if entry is here else ""
        shown.append(Way(url, entry.label, entry.icon, state, entry.on_phone))
    return shown


def _entry_of(current: str) -> Entry | None:
    """The entry that a page belongs to: its own, else the one that claims its name or namespace."""
    space = current.partition(":")[0]
    begins = (entry for entry in ENTRIES if current.startswith(entry.url_name))
    named = (entry for entry in ENTRIES if current in entry.belongs)
    claims = (entry for entry in ENTRIES if space in entry.belongs)
    shares = (entry for entry in ENTRIES if entry.url_name.partition(":")[0] == space)
    return next(begins, None) or next(named, None) or next(claims, None) or next(shares, None)


def navigation(request: HttpRequest) -> list[Way]:
    """The ways for the person who asks; none for someone who is not signed in."""
    person = getattr(request, "user", None)
    if person is None or not person.is_authenticated:
        return []
    match = request.resolver_match
    return ways(
        current=match.view_name if match else "",
        administrator=bool(getattr(person, "is_administrator", False)),
    )
