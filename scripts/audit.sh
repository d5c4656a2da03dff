#!/bin/sh
# What is known against the packages of the lock files, and secrets in the tree. A registry that does not answer is no
# failure; a secret in the tree is.
set -u
cd "$(dirname "$0")/.."
say() { echo "partnerstadt: $*" >&2; }

# Values that look like secrets but are examples; each line of the baseline says where.
.venv/tools/bin/python scripts/secrets_scan.py || exit 1

for lock in requirements.lock requirements-tools.lock; do
    echo "== $lock"
    # --no-deps: the lock file is whole; nothing is installed or resolved.
    if ! PIP_NO_INPUT=1 timeout "${AUDIT_SECONDS:-120}" .venv/tools/bin/pip-audit --requirement "$lock" --no-deps \
        --disable-pip --progress-spinner off --desc off; then
        say "not all of $lock is free of known gaps, or nobody answered; docs/bedrohungen.md says what is reachable."
    fi
done
exit 0
