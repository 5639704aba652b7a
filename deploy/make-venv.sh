#!/bin/sh
# Makes .venv with the newest Python from 3.11 to 3.14 that is here, or says what to install.
set -eu
for name in python3.14 python3.13 python3.12 python3.11 python3; do
    command -v "$name" >/dev/null 2>&1 || continue
    "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' || continue
    if ! "$name" -c 'import venv, ensurepip' 2>/dev/null; then
        echo "$name has no venv. On Debian or Ubuntu: apt-get install python3-venv" >&2
        exit 1
    fi
    exec "$name" -m venv .venv
done
echo "Simplr needs Python 3.11, 3.12, 3.13 or 3.14. On Debian or Ubuntu: apt-get install python3 python3-venv" >&2
exit 1
