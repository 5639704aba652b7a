"""`python -m simplr_client.command`, where the script `simplr` is not on the path."""

import sys

from simplr_client.command import main

sys.exit(main())
