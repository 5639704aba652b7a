"""The server: remembers, permits, shows. Everything that can be a pure value lives in the core."""

from typing import Final

VERSION: Final = "0.1.0"
