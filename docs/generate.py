"""Writes the generated parts of the manual again; `--check` only says whether they are current.

Generated are: the table of protections in SECURITY.md, the client's reference and the commands, and the
figures of the last `make bench`, where there was one.
The reference of events and of masks is held current by their own tests.
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import figures

ROOT = Path(__file__).resolve().parents[1]
BEGIN, END = "<!-- protections: written by docs/generate.py -->", "<!-- end of protections -->"

ROWS = {
    1: "No acknowledged byte is lost, whatever is killed",
    2: "No plaintext ever on disk",
    3: "A truncated upload is never accepted",
    4: "A body of unknown length is refused",
    5: "Any flipped bit is found",
    6: "No unauthenticated plaintext is streamed",
    7: "Every address and every role: nobody reaches what is not his",
    8: "Properties that are not the caller's to set are refused",
    9: "Revocation takes effect within a second, running streams included",
    10: "Who is shut out or without a licence has no program that goes on for him",
    14: "Tampering with the ledger is found, and the first bad entry named",
    15: "The application cannot rewrite the ledger",
    16: "A sealed installation answers health and unsealing only; a wrong key tells nothing",
    17: "Tokens, codes, keys and sessions are kept as digests or sealed",
    18: "A renewal that comes twice ends all that came of it, however many come at once",
    19: "A code that comes twice ends what it was redeemed for",
    20: "A program does no more than it was registered for, was allowed, and its person may",
    21: "One organisation learns nothing of another",
    22: "From a backup and its key everything comes back, and nothing that was changed",
    23: "Keys are exchanged without a loss, and what is erased stays erased",
    24: "An older or foreign object in the place of a stored one is refused",
    25: "Any single fault of disk, database or key agent loses nothing and leaves nothing over",
    26: "A job of a killed worker is done once more, once, and nothing of it is left over",
    27: "Failed sign-ins are throttled across processes and restarts",
    28: "Known and unknown people get the same answer at the same cost",
    29: "Passwords: 15 alone, 8 beside a factor, a blocklist, NFC",
    30: "Second factors: codes once, passkeys with their owner, none off unasked, no office without",
    31: "Sessions end idle, old, by a change of power, and when told to; cookies for this host only",
    33: "Forged requests are refused; bearers ignore cookies",
    34: "A strict content policy on every page; nothing from elsewhere",
    35: "What people type and files hold never runs",
    36: "Names of files never become paths",
    37: "What unpacks to far more than itself is stopped by counted bytes",
    38: "Parsers run in a child that can do nothing else",
    39: "Cells that a spreadsheet would run are neutralised",
    40: "What somebody asks with is a value or a known word, never a piece of a program",
    41: "The server connects to no address that somebody else chose",
    42: "No request is read in two ways; a caller cannot say where he comes from",
    43: "Slow callers keep nobody waiting",
    44: "No input makes the API fail; every answer is documented",
    45: "Errors tell nothing of the inside",
    46: "One log line a record, and no secret in it",
    47: "Each operation leaves exactly its events, refusals included",
    50: "A mask is not bypassed by filter, sort or statistics",
    52: "Unusual access is noticed and told within a minute, stopped by policy; false alarms are learned from",
    53: "Quotas hold under parallel uploads",
    54: "Secrets are compared in constant time",
    56: "Migrations are done whole or not at all, and nobody waits long beside them",
    57: "What is installed is what was locked, by hashes",
    58: "Every page fits 320 pixels, and axe finds nothing serious on it",
    61: "Malware is shared with nobody; where there is a scanner, nothing is that was not scanned",
}


def protections() -> str:
    """The table of SECURITY.md: row, promise, test, patch."""
    index = tomllib.loads((ROOT / "tests/protections/INDEX.toml").read_text())["protection"]
    lines = ["", "| row | promise | test | patch |", "|---|---|---|---|"]
    for entry in sorted(index, key=lambda one: (one["row"], one["patch"])):
        path, _, name = entry["test"].partition("::")
        words = name.split("[")[0].replace("::", ", ").removeprefix("test_").replace("_", " ")
        lines.append(
            f"| {entry['row']} | {ROWS.get(entry['row'], '')} | [{words}]({path}) "
            f"| [{entry['patch'].removesuffix('.patch')}](tests/protections/{entry['patch']}) |"
        )
    return "\n".join([*lines, ""])


def security_page() -> str:
    """SECURITY.md with its table made again."""
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{protections()}{END}{after}"


def main() -> int:
    """Write, or with --check tell what is behind and return 1."""
    page = security_page()
    path = ROOT / "SECURITY.md"
    if "--check" in sys.argv:
        current = path.read_text(encoding="utf-8") == page
        if not current:
            print("SECURITY.md is behind: make docs")
        return int(not current)
    path.write_text(page, encoding="utf-8")
    subprocess.run(
        [sys.executable, "-m", "simplr_client.reference", str(ROOT / "docs" / "reference")],
        check=True,
        env={"PYTHONPATH": str(ROOT / "src"), "PATH": "/usr/bin:/bin"},
    )
    figures.write()
    return 0


if __name__ == "__main__":
    sys.exit(main())
