"""The Python client and the `simplr` command: HTTP only, no server code."""
