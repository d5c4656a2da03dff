#!/bin/sh
# The database servers that the tests start for themselves: Debian's PostgreSQL and Redis. Does nothing when they are there.
set -eu

say() { echo "partnerstadt: $*" >&2; }

missing=
[ -n "$(ls /usr/lib/postgresql/*/bin/postgres 2>/dev/null)" ] || missing="postgresql"
command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
[ -z "$missing" ] && exit

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    say "missing: $missing; install them (Debian: apt-get install postgresql redis-server)."
    exit 1
fi
say "installing $missing"
export DEBIAN_FRONTEND=noninteractive
# Neither needs to run for itself: the tests start servers of their own.
mkdir -p /etc/postgresql-common
echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
apt-get update -qq
# shellcheck disable=SC2086
apt-get install -y -qq --no-install-recommends $missing </dev/null >/dev/null
