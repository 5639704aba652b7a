"""`python -m simplr.config.manage COMMAND`: Django's commands, and ours, for the supervisor."""

from __future__ import annotations

import os
import sys

from simplr.base import garbage
from simplr.base.without_pandas import do_without_pandas


def main() -> None:
    garbage.none_while_loading()
    do_without_pandas()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "simplr.config.settings")
    import django
    from django.core.management import execute_from_command_line

    django.setup()
    garbage.loaded()
    execute_from_command_line(["simplr.config.manage", *sys.argv[1:]])


if __name__ == "__main__":
    main()
