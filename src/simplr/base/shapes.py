"""Small plots drawn by the server as SVG attributes, so that no inline style is ever needed."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT, GAP = 120.0, 36.0, 2.0
FLOOR = HEIGHT - 1
LEAST = 1.5  # a bar of one row is still seen


def spark(counts: Sequence[float], label: str, missing: float = 0) -> SafeString:
    """The distribution `counts` as bars from zero, `missing` as a quiet bar set apart.

    `label` says in words what the picture shows; it is all that a screen reader gets.
    """
    room = WIDTH - (3 * GAP + 10 if missing else 0)
    step = room / max(len(counts), 1)
    gap = min(GAP, step / 4)
    top = max([*counts, missing, 1])
    bars = [
        (f"{at * step:.1f}", *_bar(count, top), f"{step - gap:.1f}", "")
        for at, count in enumerate(counts)
    ]
    if missing:
        bars.append(("110.0", *_bar(missing, top), "10.0", "gap"))
    return format_html(
        '<svg class="spark" viewBox="0 0 120 36" preserveAspectRatio="none" role="img"'
        ' aria-label="{}"><rect class="base" x="0" y="35" width="120" height="1"/>{}</svg>',
        label,
        format_html_join("", '<rect class="{4}" x="{0}" y="{1}" height="{2}" width="{3}"/>', bars),
    )


def _bar(count: float, top: float) -> tuple[str, str]:
    high = max(LEAST, count / top * (FLOOR - 2)) if count else 0.0
    return f"{FLOOR - high:.1f}", f"{high:.1f}"
