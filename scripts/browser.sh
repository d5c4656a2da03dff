#!/bin/sh
# What the tests in a browser need besides .venv: Debian's Chromium, the packages of widget/package-lock.json, and the
# provider of OpenID Connect that the staff desk is tested with. Does nothing when all are there.
set -eu
cd "$(dirname "$0")/.."

say() { echo "partnerstadt: $*" >&2; }

if ! command -v chromium >/dev/null 2>&1; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        say "Chromium is missing; install it (Debian: apt-get install chromium)."
        exit 1
    fi
    say "installing Chromium"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    # Without a font there would be nothing to see on the pictures.
    apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core </dev/null >/dev/null
fi

for folder in widget tests/staff/provider; do
    stamp=$folder/node_modules/.lock-hash
    wanted=$(cat $folder/package.json $folder/package-lock.json | cksum)
    [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && continue
    say "installing what $folder/package-lock.json lists"
    PATH=$PWD/.venv/bin:$PATH npm --prefix $folder ci --silent --no-progress >/dev/null
    echo "$wanted" >"$stamp"
done
