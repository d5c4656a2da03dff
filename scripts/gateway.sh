#!/bin/sh
# Make the environment of a messenger's gateway agree with its lock file: `gateway.sh telegram` makes .venv-telegram.
# Each has its own, because their libraries want others than Rasa does. Does nothing when it already agrees.
set -eu
cd "$(dirname "$0")/.."

name=$1
lock=partnerstadt/gateways/requirements/$name.lock
[ -f "$lock" ] || lock=tests/gateways/$name.lock # a server that only tests need
folder=.venv-$name
stamp=$folder/.lock-hash
wanted=$(cat "$lock" scripts/gateway.sh | cksum)
works() { [ -x "$folder/bin/python" ] && "$folder/bin/python" -c '' 2>/dev/null; }
works && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && exit 0

echo "partnerstadt: installing what $lock lists into $folder" >&2
if ! works; then
    rm -rf "$folder"
    .venv/bin/python -m venv --without-pip "$folder"
fi
rm -f "$stamp"
VIRTUAL_ENV=$PWD/$folder .venv/bin/uv pip sync --quiet --require-hashes "$lock"
# The gateway itself is the same code that the bot runs.
pwd >"$("$folder/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/partnerstadt.pth"
echo "$wanted" >"$stamp"
