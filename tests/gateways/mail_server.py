"""A real mail server for tests: Postfix and Dovecot on 127.0.0.1, with settings, queue and mailboxes in a folder.

Each of its names is a mailbox of DOMAIN, whose user name is the address. Mail for other domains goes nowhere.
"""

from __future__ import annotations

import imaplib
import os
import pwd
import smtplib
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from partnerstadt.quality.servers import free_ports
from partnerstadt.settings import HOST

DOMAIN = "stadt.example"
PASSWORD = "secret-of-every-mailbox"
START_SECONDS = 30.0
NOBODY = pwd.getpwnam("nobody")

MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.{domain}
mydestination =
mynetworks = 127.0.0.0/8
local_recipient_maps =
virtual_mailbox_domains = {domain}
virtual_mailbox_base = {folder}/mailboxes
virtual_mailbox_maps = inline:{{ {mailboxes} }}
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
default_transport = error:nothing leaves this machine
smtpd_tls_cert_file = {folder}/certificate.pem
smtpd_tls_key_file = {folder}/key.pem
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{auth}
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
submission_messages = 0
"""

MASTER_CF = """\
127.0.0.1:{smtp} inet n - n - - smtpd
127.0.0.1:{submission} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
  -o smtpd_recipient_restrictions=check_recipient_access,texthash:{folder}/late,permit_sasl_authenticated,reject
  -o smtpd_client_event_limit_exceptions=
  -o smtpd_client_message_rate_limit=$submission_messages
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

DOVECOT = """\
base_dir = {folder}/run
state_dir = {folder}/state
instance_name = {name}
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/key.pem
disable_plaintext_auth = yes
mail_location = maildir:{folder}/mailboxes/%n
first_valid_uid = 1
first_valid_gid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mailboxes/%n
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {imap}
    ssl = yes
  }}
}}
service auth {{
  inet_listener {{
    address = 127.0.0.1
    port = {auth}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


class MailServer:
    """Postfix and Dovecot, to be started, stopped and started again with what they hold.

    Args:
        folder: for everything they need; its path must be short, because it holds sockets.
        names: of the mailboxes.

    Attributes:
        smtp: the port that takes mail of anybody on this machine for a mailbox here.
        submission: the port that sends mail of who logs in, with STARTTLS.
        imap: the port of the mailboxes, with TLS.
        certificate: the file that tells whether it is this server.
    """

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self.folder, self._names = folder, names
        self.smtp, self.submission, self.imap, self._auth = free_ports(4)
        self.certificate = folder / "certificate.pem"
        self._postfix: subprocess.Popen[bytes] | None = None
        self._dovecot: subprocess.Popen[bytes] | None = None
        self._write()

    def _write(self) -> None:
        folder = self.folder
        for path in (folder, *folder.parents):  # the servers work under accounts of their own
            if path.stat().st_uid == os.getuid() and path.is_relative_to("/tmp"):
                path.chmod(path.stat().st_mode | 0o055)
        values = {
            "folder": folder,
            "name": folder.name,
            "domain": DOMAIN,
            "mailboxes": ", ".join(f"{name}@{DOMAIN}={name}/" for name in self._names),
            "password": PASSWORD,
            "uid": NOBODY.pw_uid,
            "gid": NOBODY.pw_gid,
            "smtp": self.smtp,
            "submission": self.submission,
            "imap": self.imap,
            "auth": self._auth,
        }
        (folder / "postfix").mkdir()
        (folder / "postfix" / "main.cf").write_text(MAIN_CF.format(**values))
        (folder / "postfix" / "master.cf").write_text(MASTER_CF.format(**values))
        (folder / "late").write_text("")
        (folder / "dovecot.conf").write_text(DOVECOT.format(**values))
        for name, owner in (("queue", 0), ("data", pwd.getpwnam("postfix").pw_uid), ("mailboxes", NOBODY.pw_uid)):
            (folder / name).mkdir()
            os.chown(folder / name, owner, -1)
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "key.pem")
        name = ("-subj", f"/CN={HOST}", "-addext", f"subjectAltName=IP:{HOST}", "-days", "2", "-out", "certificate.pem")
        subprocess.run(["openssl", "req", "-x509", *key, *name], cwd=folder, check=True, capture_output=True)

    def start(self) -> None:
        """Start both and wait until they answer."""
        with (self.folder / "output.log").open("ab") as log:
            self._dovecot = subprocess.Popen(
                ["dovecot", "-F", "-c", str(self.folder / "dovecot.conf")], stdout=log, stderr=log
            )
            self._postfix = subprocess.Popen(
                ["postfix", "-c", str(self.folder / "postfix"), "start-fg"],
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        for port in (self.imap, self._auth, self.smtp, self.submission):
            self._until(lambda port=port: self._listens(port))

    def _listens(self, port: int) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((HOST, port)) == 0

    def _until(self, what: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not what():
            assert time.monotonic() < deadline, (self.folder / "output.log").read_text()
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop both; mail stays."""
        if self._postfix is not None:
            # At once, as if the machine were switched off; what is in the queue stays there.
            subprocess.run(["postfix", "-c", str(self.folder / "postfix"), "abort"], capture_output=True)
            self._postfix.wait(20)
            self._postfix = None
        if self._dovecot is not None:
            self._dovecot.terminate()
            self._dovecot.wait(20)
            self._dovecot = None

    def let_send(self, messages: int, seconds: int = 60) -> None:
        """Let one client send only so many messages in so many seconds; 0 for as many as it likes."""
        self._set("-e", f"submission_messages={messages}", f"anvil_rate_time_unit={seconds}s")

    def put_off(self, *recipients: str) -> None:
        """Refuse mails to some addresses for now, as servers do that do not know the sender yet."""
        lines = [f"{recipient} 450 4.2.0 Please try again later\n" for recipient in recipients]
        (self.folder / "late").write_text("".join(lines))
        self._set("-e", "submission_messages=0")

    def _set(self, *settings: str) -> None:
        place = ["-c", str(self.folder / "postfix")]
        subprocess.run(["postconf", *place, *settings], check=True, capture_output=True)
        subprocess.run(["postfix", *place, "reload"], check=True, capture_output=True)

    def log(self) -> str:
        """What Postfix has noted."""
        return (self.folder / "postfix.log").read_text(encoding="utf-8")

    def deliver(self, mail: bytes, sender: str, *recipients: str) -> None:
        """Bring a mail to mailboxes here, as another mail server would.

        Args:
            mail: all of it, with lines that end with CR and LF.
            sender: the address of its envelope; nothing for a bounce.
            recipients: addresses.
        """
        with smtplib.SMTP(HOST, self.smtp) as smtp:
            smtp.sendmail(sender, recipients, mail)

    def mailbox(self, name: str) -> imaplib.IMAP4_SSL:
        """The mailbox of an address, opened."""
        imap = imaplib.IMAP4_SSL(HOST, self.imap, ssl_context=ssl.create_default_context(cafile=str(self.certificate)))
        imap.login(f"{name}@{DOMAIN}", PASSWORD)
        imap.select("INBOX")
        return imap
