#!/bin/sh
# One compile for server and tests: the test lock is compiled first, the others are cut from it.
# No lock holds a registry host.
set -eu
uv="${UV:-$(dirname "$0")/../.venv/bin/uv}"
compile="$uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links"
$compile --group test --extra server --extra data --extra demo pyproject.toml -o requirements-test.lock
$compile --extra server --extra data --extra demo -c requirements-test.lock pyproject.toml -o requirements.lock
printf 'hatchling==1.27.0\neditables==0.5\nsetuptools==80.9.0\nwheel==0.45.1\n' | $compile - -o requirements-build.lock
