"""The icons, drawn for Simplr, as inline SVG.

They are read once from the sprite beside the style sheets. Inline drawings need no request, so a
page that says that the server cannot be reached still has its icons, and they take the colour of
the text around them.
"""

from functools import cache
from pathlib import Path
from xml.etree import ElementTree

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

SPRITE = Path(__file__).parent / "static" / "simplr" / "icons.svg"
_SVG = "{http://www.w3.org/2000/svg}"


@cache
def drawings() -> dict[str, SafeString]:
    """Every icon's name with its paths, as in the sprite."""
    ElementTree.register_namespace("", "http://www.w3.org/2000/svg")
    root = ElementTree.parse(SPRITE).getroot()  # noqa: S314 - our own file, shipped with the code
    found: dict[str, SafeString] = {}
    for symbol in root.iter(f"{_SVG}symbol"):
        paths = (ElementTree.tostring(child, encoding="unicode") for child in symbol)
        markup = "".join(path.strip() for path in paths)
        found[symbol.attrib["id"]] = mark_safe(  # noqa: S308 - from the sprite, never from data
            markup.replace(' xmlns="http://www.w3.org/2000/svg"', "").replace(" />", "/>")
        )
    return found


def icon(name: str) -> SafeString:
    """The icon `name` as inline SVG, hidden from screen readers: a word always stands beside it.

    Raises KeyError for a name that the sprite does not have.
    """
    return format_html(
        '<svg class="icon" viewBox="0 0 20 20" aria-hidden="true">{}</svg>', drawings()[name]
    )
