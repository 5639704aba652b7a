"""What is wanted of unusual access is read at the start, and refused there if it is no word of ours."""

from __future__ import annotations

from typing import Any

import pytest

from simplr.config.env import SettingUnclear, read_env

NEEDED: dict[str, Any] = {
    "SIMPLR_SECRET_KEY": "x",
    **{f"SIMPLR_{d}DATABASE_URL": "postgresql://a:b@c/d" for d in ("", "VAULT_", "AUDIT_")},
}


@pytest.mark.parametrize("name", ["SIMPLR_UNUSUAL_ACCESS", "SIMPLR_UNUSUAL_METHOD"])
def test_a_word_that_is_none_is_refused_at_the_start(name: str) -> None:
    with pytest.raises(SettingUnclear, match=name):
        read_env({**NEEDED, name: "suspend-all"})


def test_what_is_not_said_is_the_least_that_can_be_done() -> None:
    env = read_env(NEEDED)

    assert (env.unusual_access, env.unusual_method) == ("notify", "robust")
