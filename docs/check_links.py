"""Every relative link and image of every Markdown page leads somewhere; `make check` runs it."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
HEADING = re.compile(r"^#+\s+(.*)$", re.MULTILINE)


def anchor(heading: str) -> str:
    """The anchor that a heading gets."""
    text = re.sub(r"[`*_]", "", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def broken_links() -> list[str]:
    """`page: link` for each link that leads nowhere."""
    broken = []
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").rglob("*.md")]
    for page in sorted(pages):
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for link in LINK.findall(text):
            if re.match(r"[a-z]+:", link):
                continue
            path, _, part = link.partition("#")
            target = (page.parent / path).resolve() if path else page
            if not target.exists():
                broken.append(f"{page.relative_to(ROOT)}: {link}")
            elif part and target.suffix == ".md":
                known = {anchor(found) for found in HEADING.findall(target.read_text("utf-8"))}
                if part not in known:
                    broken.append(f"{page.relative_to(ROOT)}: {link}")
    return broken


if __name__ == "__main__":
    found = broken_links()
    for line in found:
        print(line)
    sys.exit(1 if found else 0)
