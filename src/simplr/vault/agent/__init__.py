"""The key agent: one small process that holds the root key in memory and gives it to nobody.

Others reach it over a Unix socket in a folder of their own, and ask it to wrap and unwrap the
keys of projects; the root key itself never leaves it. It starts sealed when the key store cannot
give the key, or gives another than the expected one, and is then unsealed by somebody who has it.

    python -m simplr.vault.agent --socket PATH --key-store file:PATH|gpg:FOLDER [--expected-id ID]
"""

from simplr.vault.agent.client import AgentClient
from simplr.vault.agent.messages import (
    AgentSealed,
    AgentStatus,
    NoKeyAgent,
    TooManyTries,
    WrongRootKey,
)

__all__ = [
    "AgentClient",
    "AgentSealed",
    "AgentStatus",
    "NoKeyAgent",
    "TooManyTries",
    "WrongRootKey",
]
