#!/bin/sh
# What the tests of the gateways need: their environments, Synapse in one of its own, and of Debian Prosody, Postfix and
# Dovecot, none of which is started here. Does nothing when all are there.
set -eu
cd "$(dirname "$0")/.."

say() { echo "partnerstadt: $*" >&2; }

for lock in partnerstadt/gateways/requirements/*.lock tests/gateways/*.lock; do
    scripts/gateway.sh "$(basename "$lock" .lock)"
done

missing=
for name in prosody openssl; do
    command -v $name >/dev/null 2>&1 || missing="$missing $name"
done
[ -x /usr/lib/postfix/sbin/master ] || missing="$missing postfix"
[ -x /usr/lib/dovecot/imap ] || missing="$missing dovecot-imapd"
if [ -n "$missing" ]; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        say "missing for the tests:$missing; install (Debian: apt-get install$missing)."
        exit 1
    fi
    say "installing$missing"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    # RUNLEVEL=1 keeps Debian from starting them.
    # shellcheck disable=SC2086
    RUNLEVEL=1 apt-get install -y -qq --no-install-recommends $missing </dev/null >/dev/null 2>&1
fi
