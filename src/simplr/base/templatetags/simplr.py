"""The parts of Simplr's pages as template tags: one tag for each part that has a shape of its own.

A part that is only a class (a card, a row, a button) is written as HTML in the page. `parts.html`
shows every part once.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.http import QueryDict
from django.template.context import RequestContext
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from simplr.base import icons, shapes, words

register = template.Library()

# ── words ────────────────────────────────────────────────────────────────


@register.filter
def number(value: float | Decimal | str | None, places: int | None = None) -> str:
    """`{{ rows|number }}`: 49,652 by the reader's language; nothing is shown as a dash."""
    return words.number(value, places)


@register.filter
def percent(share: float | None) -> str:
    """`{{ share|percent }}`: a share between 0 and 1."""
    return words.percent(share)


@register.filter
def size(octets: int | None) -> str:
    """`{{ resource.size|size }}`: 11.8 MB."""
    return words.size(octets)


@register.filter
def duration(seconds: float | timedelta | None) -> str:
    """`{{ seconds|duration }}`: 2 minutes."""
    return words.duration(seconds)


@register.filter
def unlocalised(value: float) -> str:
    """A number for a machine, as in `<progress value="0.62">`."""
    return f"{value:.4g}"


@register.filter
def initials(name: object) -> str:
    """`{{ person.name|initials }}`: ML."""
    return words.initials(str(name))


@register.simple_tag
def when(value: datetime | date | None, style: str = "near") -> str:
    """A `<time>`: `near` ("yesterday, 17:30"), `full` ("Friday 27 November 2026, 18:00"), or `iso`."""
    if not value:
        return "–"
    full = words.in_full(value)
    machine = value.isoformat()
    if style == "iso":
        local = timezone.localtime(value) if isinstance(value, datetime) else value
        shown = f"{local:%Y-%m-%d %H:%M}" if isinstance(local, datetime) else f"{local:%Y-%m-%d}"
    elif style == "full":
        shown = full
    elif style == "clock" and isinstance(value, datetime):
        shown = f"{timezone.localtime(value):%H:%M}"
    else:
        shown = words.near(value, timezone.now())
    return format_html('<time datetime="{}" title="{}">{}</time>', machine, full, shown)


# ── marks ────────────────────────────────────────────────────────────────


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon by its name in icons.svg."""
    return icons.icon(name)


@register.simple_tag
def badge(text: object, icon: str = "", tone: str = "") -> SafeString:
    """A fact about a thing: icon and word. Tones: ok, warn, bad, privacy, restricted, plain."""
    drawn = icons.icon(icon) if icon else ""
    css = " ".join(filter(None, ("badge", tone or ("" if icon else "plain"))))
    return format_html('<span class="{}">{}{}</span>', css, drawn, text)


CLASSIFICATIONS = {
    "public": (pgettext_lazy("classification", "Public"), "c1", ""),
    "internal": (pgettext_lazy("classification", "Internal"), "c2", ""),
    "confidential": (pgettext_lazy("classification", "Confidential"), "c3", "restricted"),
    "restricted": (pgettext_lazy("classification", "Restricted"), "c4", "restricted"),
}


@register.simple_tag
def classification(value: str) -> SafeString:
    """The four rising bars: public, internal, confidential, restricted."""
    word, drawn, tone = CLASSIFICATIONS[value]
    return badge(word, icon=drawn, tone=tone)


@register.simple_tag
def personal(value: str) -> str:
    """The mark of a field that is about people; nothing for one that is not."""
    if value == "personal":
        return badge(_("Personal"), icon="personal", tone="privacy")
    if value == "indirect":
        return badge(_("Indirect"), icon="personal", tone="privacy")
    return ""


@register.simple_tag
def personal_count(count: int) -> str:
    """How many fields of a data set are personal; nothing when none is."""
    if not count:
        return ""
    text = ngettext("%(n)s personal", "%(n)s personal", count) % {"n": words.number(count)}
    return badge(text, icon="personal", tone="privacy")


FIELD_TYPES = {
    "text": pgettext_lazy("field type", "text"),
    "integer": pgettext_lazy("field type", "whole number"),
    "decimal": pgettext_lazy("field type", "number"),
    "boolean": pgettext_lazy("field type", "yes or no"),
    "date": pgettext_lazy("field type", "date"),
    "time": pgettext_lazy("field type", "time of day"),
    "datetime": pgettext_lazy("field type", "date and time"),
    "category": pgettext_lazy("field type", "category"),
}


@register.filter
def breaking(name: object) -> SafeString:
    """`{{ field.name|breaking }}`: a long name breaks after an underscore, not within a word."""
    return format_html_join(SafeString("_<wbr>"), "{}", ((part,) for part in str(name).split("_")))


@register.filter
def field_type(value: object) -> object:
    """`{{ field.type|field_type }}`: the type of a field in the reader's words."""
    return FIELD_TYPES.get(str(value), value)


@register.simple_tag
def sure(confidence: float | str) -> SafeString:
    """Three bars and a word: how sure a decision is. A number from 0 to 1, or certain|likely|check."""
    if not isinstance(confidence, str):
        confidence = (
            "certain" if confidence >= 0.95 else "likely" if confidence >= 0.75 else "check"
        )
    bars, word = {
        "certain": (3, gettext_lazy("Certain")),
        "likely": (2, gettext_lazy("Likely")),
        "check": (1, gettext_lazy("Please check")),
    }[confidence]
    drawn = [("on" if at < bars else "off", at * 7) for at in range(3)]
    return format_html(
        '<span class="sure{}"><svg viewBox="0 0 19 12" aria-hidden="true">{}</svg>{}</span>',
        " ask" if bars == 1 else "",
        format_html_join("", '<rect class="{}" x="{}" width="5" height="12" rx="1"/>', drawn),
        word,
    )


@register.simple_tag
def mark(value: str) -> SafeString:
    """One cell of the matrix of who may do what: yes, part or no."""
    name, word = {
        "yes": ("ok", gettext_lazy("yes")),
        "part": ("part", gettext_lazy("in part")),
        "no": ("no", gettext_lazy("no")),
    }[value]
    return format_html(
        '<span class="{}">{}</span><span class="visually-hidden">{}</span>',
        value,
        icons.icon(name),
        word,
    )


@register.simple_tag
def avatar(name: object) -> SafeString:
    """The initials of a person; the name itself stands beside it."""
    return format_html(
        '<span class="avatar" aria-hidden="true">{}</span>', words.initials(str(name))
    )


@register.simple_tag
def spark(histogram: dict[str, Any], name: str) -> SafeString:
    """The shape of a field: `histogram` is {"counts": [...], "missing": n, "summary": "..."}."""
    label = histogram.get("summary") or _("Distribution of %(field)s") % {"field": name}
    return shapes.spark(histogram["counts"], label, histogram.get("missing", 0))


# ── notices, code, pages ─────────────────────────────────────────────────

TONES = {
    "": "info",
    "info": "info",
    "ok": "ok",
    "warn": "warn",
    "bad": "stop",
    "privacy": "personal",
}


@register.simple_block_tag
def notice(content: str, tone: str, title: str, role: str = "") -> SafeString:
    """`{% notice "warn" title %}<p>what to do</p>{% endnotice %}`: what happened, why, what to do."""
    return format_html(
        '<div class="notice {}"{}>{}<div><b>{}</b>{}</div></div>',
        "" if tone == "info" else tone,
        format_html(' role="{}"', role) if role else "",
        icons.icon(TONES[tone]),
        title,
        content,
    )


@register.inclusion_tag("simplr/parts/code.html")
def code(identifier: str, text: str) -> dict[str, str]:
    """A block of code with a button that copies it."""
    return {"identifier": identifier, "text": text}


@register.inclusion_tag("simplr/parts/pages.html", takes_context=True)
def pages(context: RequestContext, page: dict[str, Any]) -> dict[str, Any]:
    """The foot of a list that is paged by key.

    `page` is {"shown": 50, "total": 49000 or None, "about": True, "next": key or None,
    "first": True}: "50 of about 49,000", a way on, and a way back to the beginning.
    """
    query = _query(context)
    following = query.copy()
    following["cursor"] = str(page.get("next") or "")
    query.pop("cursor", None)
    return {
        "page": page,
        "following": "?" + following.urlencode(),
        "beginning": "?" + query.urlencode(),
    }


@register.simple_tag(takes_context=True)
def column(context: RequestContext, key: str, label: object, css: str = "") -> SafeString:
    """The head of a column that sorts: a link, so that it works without script.

    Takes `sort` from the context: {"by": key, "descending": bool}.
    """
    sort = context["sort"]
    here = sort["by"] == key
    query = _query(context)
    query.pop("cursor", None)
    query["sort"] = f"-{key}" if here and not sort["descending"] else key
    state = "none" if not here else "descending" if sort["descending"] else "ascending"
    return format_html(
        '<th role="columnheader" scope="col" class="{}" aria-sort="{}"><a href="?{}">{}{}</a></th>',
        css,
        state,
        query.urlencode(),
        label,
        {"ascending": " ▲", "descending": " ▼", "none": ""}[state],
    )


def _query(context: RequestContext) -> QueryDict:
    request = context.get("request")
    return request.GET.copy() if request is not None else QueryDict(mutable=True)


@register.simple_tag(takes_context=True)
def script(context: RequestContext, path: str, load: str = "module") -> SafeString:
    """One of our own scripts from the static files; `load` is module, or "" for at once."""
    request = context.get("request")
    nonce = getattr(request, "csp_nonce", "") if request is not None else ""
    return format_html(
        '<script src="{}"{}{}></script>',
        static(path),
        format_html(' type="{}"', load) if load else "",
        format_html(' nonce="{}"', nonce) if nonce else "",
    )


# ── forms ────────────────────────────────────────────────────────────────


@register.inclusion_tag("simplr/parts/field.html")
def form_field(field: BoundField, style: str = "") -> dict[str, Any]:
    """Label, help, control, error, in that order. `style`: "segments" for a few short choices."""
    described = [f"{field.auto_id}_help"] if field.help_text else []
    if field.errors:
        described.append(f"{field.auto_id}_error")
    attributes: dict[str, str | bool] = (
        {"aria-describedby": " ".join(described)} if described else {}
    )
    if field.errors:
        attributes["aria-invalid"] = "true"
    return {
        "field": field,
        "control": field.as_widget(attrs=attributes),
        "kind": getattr(field.field.widget, "input_type", ""),
        "may_be_empty": not field.field.required,
        "style": style,
    }


@register.inclusion_tag("simplr/parts/errors.html")
def form_errors(form: BaseForm) -> dict[str, Any]:
    """What stands above a form that was refused: its own errors, and links to more than two fields."""
    fields = [form[name] for name in form.fields if form[name].errors]
    return {"own": form.non_field_errors(), "fields": fields if len(fields) > 2 else []}


# ── tables ───────────────────────────────────────────────────────────────


@register.inclusion_tag("simplr/parts/cells.html")
def cells(table: dict[str, Any], label: str) -> dict[str, Any]:
    """A table of data rows in a region that scrolls by itself and is called `label`.

    `table` is {"fields": [{"name", "numeric", "masked"}], "rows": [[text or None, ...]]}; a None
    is shown as missing.
    """
    fields = table["fields"]
    rows = [list(zip(row, fields, strict=True)) for row in table["rows"]]
    return {"fields": fields, "rows": rows, "label": label}


# ── acts ─────────────────────────────────────────────────────────────────


@register.simple_tag
def act(
    label: object, url: str, icon: str = "", verdict: dict[str, Any] | None = None, css: str = ""
) -> SafeString:
    """A link that looks like a button, or the same, dashed, with the reason why it may not be used.

    `verdict` is {"allowed": bool, "reason": sentence}, from the rule that the server asks as well.
    """
    drawn = icons.icon(icon) if icon else ""
    if verdict is None or verdict["allowed"]:
        return format_html('<a class="button {}" href="{}">{}{}</a>', css, url, drawn, label)
    return format_html(
        '<span class="refused-act"><a class="button" role="link" aria-disabled="true">{}{}</a>'
        '<span class="meta">{}</span></span>',
        drawn,
        label,
        verdict["reason"],
    )
