#!/bin/sh
# What the tests of the gateways need: their environments, and Debian's Prosody. Does nothing when all are there.
set -eu
cd "$(dirname "$0")/.."

say() { echo "partnerstadt: $*" >&2; }

for lock in partnerstadt/gateways/requirements/*.lock; do
    scripts/gateway.sh "$(basename "$lock" .lock)"
done

if ! { command -v prosody && command -v openssl; } >/dev/null 2>&1; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        say "Prosody is missing; install it (Debian: apt-get install prosody openssl)."
        exit 1
    fi
    say "installing Prosody"  # without starting it as a service
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    RUNLEVEL=1 apt-get install -y -qq --no-install-recommends prosody openssl </dev/null >/dev/null
fi
