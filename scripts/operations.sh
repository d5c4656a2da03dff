#!/bin/sh
# Debian's programs that the tests of the operation need: nginx, systemd's checker, a clock that can be set for one
# process, disks in a file. Does nothing when all are there.
set -eu

say() { echo "partnerstadt: $*" >&2; }

missing=""
[ -x /usr/sbin/nginx ] || missing="$missing nginx-light"
command -v systemd-analyze >/dev/null 2>&1 || missing="$missing systemd"
[ -n "$(ls /usr/lib/*/faketime/libfaketimeMT.so.1 2>/dev/null)" ] || missing="$missing faketime"
[ -x /sbin/mkfs.ext4 ] || missing="$missing e2fsprogs"
[ -z "$missing" ] && exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    say "missing:$missing; install it (Debian: apt-get install$missing)."
    exit 1
fi
say "installing$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# Only the tests start nginx, on ports of their own.
if [ ! -e /usr/sbin/policy-rc.d ]; then
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod +x /usr/sbin/policy-rc.d
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
fi
# shellcheck disable=SC2086
apt-get install -y -qq --no-install-recommends $missing </dev/null >/dev/null
