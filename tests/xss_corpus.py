"""Texts that run as a script where a page forgets to escape them; `MARK` shows that one did.

A browser journey puts them wherever a person may write (titles, aims, meanings, notes, file names,
headers, cells) and asks `window.simplrWasRun`, which stays undefined on a page that escapes.
"""

from __future__ import annotations

MARK = "simplrWasRun"
_RUN = f"window.{MARK}=1"

PAYLOADS = (
    f"<script>{_RUN}</script>",
    f'"><script>{_RUN}</script>',
    f"'><img src=x onerror={_RUN}>",
    f"<img src=x onerror='{_RUN}'>",
    f"<svg onload={_RUN}>",
    f"<svg><script>{_RUN}</script></svg>",
    f'" autofocus onfocus="{_RUN}',
    f"' onmouseover='{_RUN}",
    f"javascript:{_RUN}",
    f"</title><script>{_RUN}</script>",
    f"</textarea><script>{_RUN}</script>",
    f"</script><script>{_RUN}</script>",
    f"<!--<script>{_RUN}</script>-->",
    f"<iframe srcdoc='<script>parent.{MARK}=1</script>'>",
    f"<details open ontoggle={_RUN}>",
    f"<math><mtext><script>{_RUN}</script></mtext></math>",
    f"{{{{constructor.constructor('{_RUN}')()}}}}",
    f"{{% debug %}}<script>{_RUN}</script>",
    f"<a href='java\tscript:{_RUN}'>x</a>",
    f"\u003cscript\u003e{_RUN}\u003c/script\u003e",
)

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" '
    f'onload="{_RUN}"><script>{_RUN}</script><rect width="9" height="9"/></svg>'
).encode()
HTML = f"<!doctype html><title>x</title><script>{_RUN}</script><img src=x onerror={_RUN}>".encode()

FILES = (("picture.svg", SVG), ("page.html", HTML), ("notes.txt", HTML), ("picture.png", SVG))
"""Files whose bytes run when a browser is let guess what they are."""


def table() -> bytes:
    """A CSV whose headers and cells are payloads."""

    def quoted(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    header = ["number", *PAYLOADS[:4]]
    lines = [",".join(map(quoted, header))]
    for at, payload in enumerate(PAYLOADS):
        cells = [str(at), payload, *(PAYLOADS[(at + n) % len(PAYLOADS)] for n in (1, 2, 3))]
        lines.append(",".join(map(quoted, cells)))
    return ("\r\n".join(lines) + "\r\n").encode()
