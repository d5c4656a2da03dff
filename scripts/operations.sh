#!/bin/sh
# Debian's programs that the tests of the operation need: PostgreSQL, nginx, systemd's checker. Does nothing when all
# are there.
set -eu

say() { echo "partnerstadt: $*" >&2; }

missing=""
[ -n "$(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null)" ] || missing="$missing postgresql"
[ -x /usr/sbin/nginx ] || missing="$missing nginx-light"
command -v systemd-analyze >/dev/null 2>&1 || missing="$missing systemd"
[ -z "$missing" ] && exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    say "missing:$missing; install it (Debian: apt-get install$missing)."
    exit 1
fi
say "installing$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# Only the tests start them, on ports of their own.
mkdir -p /etc/postgresql-common
[ -e /etc/postgresql-common/createcluster.conf ] || echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d.partnerstadt
chmod +x /usr/sbin/policy-rc.d.partnerstadt
kept=""
[ -e /usr/sbin/policy-rc.d ] && kept=yes
[ -n "$kept" ] || mv /usr/sbin/policy-rc.d.partnerstadt /usr/sbin/policy-rc.d
trap 'rm -f /usr/sbin/policy-rc.d.partnerstadt; [ -n "$kept" ] || rm -f /usr/sbin/policy-rc.d' EXIT
# shellcheck disable=SC2086
apt-get install -y -qq --no-install-recommends $missing </dev/null >/dev/null
