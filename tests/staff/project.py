"""A small project whose Rasa only pretends: it trains in no time and answers by what its model has learned."""

from __future__ import annotations

import shutil
from pathlib import Path

from partnerstadt.settings import Settings
from tests.support import DORTMUND, PROJECT

RASA = """
import http.server, json, pathlib, sys
option = lambda name: sys.argv[sys.argv.index(name) + 1]
if sys.argv[1] == "train":
    learned = pathlib.Path("data/nlu.yml").read_text()
    if "kaputt" in learned:
        sys.exit("InvalidConfigException: the reason")
    (pathlib.Path(option("--out")) / "model.tar.gz").write_text(learned)
    sys.exit()
learned = pathlib.Path(option("--model")).read_text()
class Reply(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["message"]
        right = {"neu": "zauberwort" in learned, "alt": "fluch" not in learned}.get(asked, True)
        body = json.dumps([{"text": "richtig" if right else "daneben"}]).encode()
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer.allow_reuse_address = True
http.server.ThreadingHTTPServer(("127.0.0.1", int(option("--port"))), Reply).serve_forever()
"""
ACTIONS = """
import http.server, sys
class Reply(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"{}")
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])), Reply).serve_forever()
"""
NLU = """version: "3.1"

nlu:

# Facts
- intent: ask_since
  examples: |
    - Seit wann ist [Musterhausen](city) dabei?

- intent: ask_contact
  examples: |
    - Wo ist das Büro?
"""
QUESTIONS = """
- id: A001
  turns: [{say: "neu", kind: contact, expect: ["richtig"]}]
- id: A002
  turns: [{say: "alt", kind: fact, expect: ["richtig"]}]
- id: A003
  turns: [{say: "immer", kind: fact, expect: ["richtig"]}]
"""


def small_project(folder: Path) -> Settings:
    """The project in a folder, with its state inside."""
    (folder / "data").mkdir(parents=True)
    (folder / "tests" / "questions").mkdir(parents=True)
    files = {"rasa.py": RASA, "rasa_sdk.py": ACTIONS, "data/nlu.yml": NLU, "tests/questions/few.yml": QUESTIONS}
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "config.yml").write_text("pipeline: []\npolicies: []\n", encoding="utf-8")
    shutil.copy(PROJECT / "domain.yml", folder)
    return Settings(folder, DORTMUND, state=folder / "var")
