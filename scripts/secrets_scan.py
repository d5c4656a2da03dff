"""Fail if a file of the tree holds something that looks like a secret and is no known example.

Runs in the environment of the tools (.venv/tools), which holds detect-secrets.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from detect_secrets import SecretsCollection
from detect_secrets.core.scan import get_plugins
from detect_secrets.settings import transient_settings

# Plugins that know the form of a secret; those that only measure disorder find every hash.
KINDS = "AWSKey BasicAuth GitHubToken GitLabToken JwtToken Npm OpenAI PrivateKey PypiToken Slack Stripe"
PLUGINS = [f"{kind}Detector" for kind in KINDS.split()]
# Addresses of databases in documents and tests, with names that are no passwords.
EXAMPLES = re.compile(r"nutzer:passwort@|user:password@|kim:geheim@|\$\{POSTGRES_PASSWORD|tests@|://user:")


def may_hold(file: Path) -> bool:
    """Whether a file has a secret's form anywhere, within the settings of a scan.

    A key of AWS is known by the word before it and by quotes, which a scan adds in some kinds of file.
    """
    text = file.read_bytes().decode("utf-8", "replace")
    patterns = (pattern for plugin in get_plugins() for pattern in plugin.denylist)
    return "aws" in text.lower() or any(pattern.search(text) for pattern in patterns)


def findings(root: Path) -> list[str]:
    """What looks like a secret, as `file:line: kind`."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, text=True, check=True).stdout
    names = [name for name in listed.split("\0") if name and not name.endswith((".lock", "package-lock.json"))]
    found = SecretsCollection(root=str(root))
    with transient_settings({"plugins_used": [{"name": name} for name in PLUGINS]}):
        # Line by line through the whole tree takes 40 s; nearly all files have nothing like it in any line.
        found.scan_files(*(name for name in names if may_hold(root / name)))
    told = []
    for name, secret in found:
        line = (root / name).read_text(encoding="utf-8").splitlines()[secret.line_number - 1]
        if not EXAMPLES.search(line):
            told.append(f"{name}:{secret.line_number}: {secret.type}")
    return told


if __name__ == "__main__":
    told = findings(Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve())
    print("\n".join(told) or "no secrets in the tree")
    sys.exit(bool(told))
