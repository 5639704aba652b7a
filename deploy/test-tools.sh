#!/bin/sh
# Installs the Debian packages that tests use, where that is allowed. Elsewhere those tests skip
# and say which package they miss.
set -eu
missing=""
wanted=""
have() { command -v "$1" >/dev/null 2>&1; }
have chromium || missing="$missing chromium"
# Where the distribution has it; the journeys take less time in it.
have chromium-headless-shell || wanted="chromium-headless-shell"
have gpg || missing="$missing gpg"
have openssl || missing="$missing openssl"
have git || missing="$missing git"
have curl || missing="$missing curl"
have nginx || missing="$missing nginx-light"
have clamd || [ -x /usr/sbin/clamd ] || missing="$missing clamav-daemon"
have rclone || missing="$missing rclone"
have Rscript || missing="$missing r-base-core r-cran-data.table r-cran-httr2 r-cran-jsonlite"
[ -d /usr/lib/R/site-library/bit64 ] || missing="$missing r-cran-bit64"
[ -z "$missing$wanted" ] && exit 0
if [ "$(id -u)" = 0 ] && have apt-get; then
    apt-get update -qq || [ -z "$missing" ]
    [ -z "$wanted" ] || apt-cache show "$wanted" >/dev/null 2>&1 || wanted=""
    [ -z "$missing$wanted" ] && exit 0
    echo "installing for the tests:$missing $wanted"
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing $wanted fonts-dejavu-core >/dev/null || [ -z "$missing" ]
elif [ -n "$missing" ]; then
    echo "not installed, so their tests skip:$missing" >&2
fi
