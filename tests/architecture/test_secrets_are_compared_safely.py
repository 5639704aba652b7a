"""Secrets are compared by a digest look-up or in constant time, never by `==` (row 54)."""

from __future__ import annotations

import ast
import re

from tests.architecture.sources import TOGETHER, modules

pytestmark = TOGETHER
SECRET = re.compile(
    r"(^|_)(token|secret|passwords?|passphrase|mac|hmac|signature|digest|otp|recovery_code)$"
)
"""Names that hold what a stranger would like to guess. A plain `code` is our word for an error's
stable name, so only codes that people type are among them: `totp_code`, `one_time_code`."""
TYPED_CODE = re.compile(r"(totp|time|sms|recovery|access|device)_code$")
MAY = {
    # The digest of a file, told by the one who sends it, is no secret.
    ("simplr/intake/services.py", "digest"),
}


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Call):
        return _name(node.args[0]) if node.args and _name(node.func) in {"bytes", "str"} else ""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        return str(node.slice.value)
    return ""


def _is_plain(node: ast.expr) -> bool:
    """Compared with nothing, or with a word that stands in the source: no secret to guess."""
    return isinstance(node, ast.Constant)


def findings(tree: ast.Module, file: str) -> list[str]:
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Compare):
            continue
        sides = [node.left, *node.comparators]
        for left, operator, right in zip(sides, node.ops, sides[1:], strict=False):
            if not isinstance(operator, ast.Eq | ast.NotEq):
                continue
            if _is_plain(left) or _is_plain(right):
                continue
            for side in (left, right):
                name = _name(side)
                if (SECRET.search(name) or TYPED_CODE.search(name)) and (file, name) not in MAY:
                    found.append(f"{file}:{node.lineno}: {ast.unparse(node)}")
                    break
    return found


def test_no_secret_is_compared_by_equality() -> None:
    found = []
    for place, tree in modules():
        found += findings(tree, place)

    assert found == []


def test_the_rule_finds_what_it_is_for() -> None:
    bad = [
        "token == given",
        "given != row.secret",
        "request.POST['token'] == kept",
        "bytes(row.digest) == digest_of(here)",
        "a < b == mac",
    ]
    good = ["token == ''", "error.code == code", "count == 3", "compare_digest(token, given)"]

    assert [line for line in bad if not findings(ast.parse(line), "x.py")] == []
    assert [line for line in good if findings(ast.parse(line), "x.py")] == []
