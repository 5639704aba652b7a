"""What can be wrong with sealed bytes and wrapped keys."""

from __future__ import annotations

from simplr_core.errors import Corrupt


class SealBroken(Corrupt):
    """The sealed bytes are not what was sealed here. Restore the object from a backup.

    `details["reason"]` is `header`, `length`, `segment` or `rolled-back`; `details["object"]` is
    the id of the object, where its reader was told. A wrong key or a wrong context cannot be told
    from damage: both make the first segment that is opened fail.
    """

    code = "seal-broken"


class KeyUnusable(Corrupt):
    """The wrapped key does not open under this key and context."""

    code = "key-unusable"
