#!/bin/sh
# Make .venv agree with the lock files: `environment.sh run` for the bot, `environment.sh test` for the tools too.
# Does nothing when it already agrees.
set -eu
cd "$(dirname "$0")/.."

say() { echo "partnerstadt: $*" >&2; }
works() { "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info[:2] != (3, 10))' >/dev/null 2>&1; }

find_python() {
    for candidate in "${PYTHON:-}" python3.10 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.10*/bin/python3.10 \
        /usr/local/bin/python3.10 /usr/bin/python3.10; do
        if [ -n "$candidate" ] && works "$candidate"; then
            echo "$candidate"
            return
        fi
    done
    say "Python 3.10 with venv is missing; install it (for example: pyenv install 3.10) or set PYTHON to its path."
    return 1
}

# A tools environment serves the bot as well; going back would only cost time.
kind=${1:-run}
stamp=.venv/.lock-hash
[ "$kind" = run ] && grep -qs '^test' "$stamp" && kind=test
locks=requirements.lock
tools=
[ "$kind" = test ] && locks="requirements.lock requirements-dev.lock" && tools=requirements-tools.lock
# shellcheck disable=SC2086
wanted="$kind $({ cat $locks $tools scripts/environment.sh; sed '/^.tool.ruff/,$d' pyproject.toml; } | cksum)"
[ -x .venv/bin/python ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && works .venv/bin/python && exit 0

if ! { [ -x .venv/bin/python ] && works .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1; }; then
    python=$(find_python) || exit 1
    say "creating .venv"
    rm -rf .venv
    "$python" -m venv .venv
fi
rm -f "$stamp"
say "installing what $locks lists (about 30 s)"

# uv comes out of the lock file too, with its hashes.
part=$(mktemp)
trap 'rm -f "$part"' EXIT
awk '/^[^ #]/ { inside = /^uv==/ } inside' requirements.lock >"$part"
.venv/bin/python -m pip install --quiet --quiet --no-deps --require-hashes --requirement "$part"
for lock in $locks; do set -- "$@" "$lock"; done
shift
VIRTUAL_ENV=$PWD/.venv .venv/bin/uv pip sync --quiet --require-hashes "$@"
VIRTUAL_ENV=$PWD/.venv .venv/bin/uv pip install --quiet --offline --no-deps --no-build-isolation --editable .
# Our defaults (no telemetry, 127.0.0.1 only, ...) are to hold for every command in this environment.
echo 'import partnerstadt.rasa_ext.environment' \
    >"$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/partnerstadt-defaults.pth"
if [ "$kind" = test ]; then
    # Tools whose needs contradict Rasa's.
    [ -x .venv/tools/bin/python ] || .venv/bin/python -m venv --without-pip .venv/tools
    VIRTUAL_ENV=$PWD/.venv/tools .venv/bin/uv pip sync --quiet --require-hashes requirements-tools.lock
fi
echo "$wanted" >"$stamp"
