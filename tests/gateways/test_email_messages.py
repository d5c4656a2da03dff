"""Mails as data: what is read, what is never answered, and what an answer looks like."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from typing import Any

import pytest

from partnerstadt.gateways.contract import Picture
from partnerstadt.gateways.email_messages import Mail, Written, answer, read_mail

OWN = {"stadt@example.org", "partner@example.org"}
HEADERS = {
    "From": "Kim Muster <Kim@Example.org>",
    "To": "stadt@example.org",
    "Subject": "AW: Re: Leeds?",
    "Message-ID": "<3@example.org>",
    "References": "<1@example.org> <2@example.org>",
    "In-Reply-To": "<2@example.org>",
    "Date": "Tue, 24 Nov 2026 13:00:00 +0100",
}
SELF = Address("Städte", "stadt", "example.org")


def mail(text: str = "Seit wann?", subtype: str = "plain", **headers: str | None) -> Mail:
    """A mail with other headers; underscores stand for hyphens."""
    message = EmailMessage()
    for name, value in (HEADERS | {name.replace("_", "-"): value for name, value in headers.items()}).items():
        if value is not None:
            message[name] = value
    message.set_content(text, subtype=subtype)
    return read_mail(message.as_bytes(policy=policy.SMTP), OWN)


def test_mail_is_read() -> None:
    """Who writes, what, and which thread it belongs to."""
    read = mail()
    assert read.written == Written(
        "<3@example.org>",
        "kim@example.org",
        "kim@example.org",
        "AW: Re: Leeds?",
        ("<1@example.org>", "<2@example.org>"),
    )
    assert (read.name, read.text, read.thread) == ("Kim Muster", "Seit wann?", "<1@example.org>")
    assert read.silent == "" and read.personal


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated (Urlaub)"},
        {"List_Id": "<liste.example.org>"},
        {"List_Unsubscribe": "<mailto:weg@example.org>"},
        {"Precedence": "bulk"},
        {"Return_Path": "<>"},
        {"X_Auto_Response_Suppress": "DR, AutoReply"},
        {"X_Autoreply": "yes"},
        {"X_Spam_Flag": "YES"},
        {"From": "MAILER-DAEMON@example.org"},
        {"From": "bounces+kim=example.org@example.org"},
        {"From": "no-reply@example.org"},
        {"From": "liste-request@example.org"},
        {"From": "Partner@example.org"},
        {"From": None},
        {"From": "a@example.org, b@example.org"},
    ],
)
def test_machines_and_lists_are_never_answered(headers: dict[str, str | None]) -> None:
    """RFC 3834, and what programs write instead of following it."""
    assert mail(**headers).silent


def test_report_is_never_answered() -> None:
    """Whatever else stands in it."""
    raw = (
        b"From: kim@example.org\r\nTo: stadt@example.org\r\nContent-Type: multipart/report; boundary=x\r\n\r\n--x--\r\n"
    )
    assert read_mail(raw, OWN).silent


@pytest.mark.parametrize(
    ("headers", "personal"),
    [
        ({"Auto_Submitted": "no"}, True),
        ({"To": "andere@example.org", "Cc": "PARTNER@example.org"}, True),
        ({"To": "verteiler@example.org"}, False),
        ({"Return_Path": "<kim@example.org>"}, True),
        ({"Return_Path": "<jemand@anderswo.example>"}, False),
    ],
)
def test_machine_answers_only_who_wrote_to_us(headers: dict[str, str], personal: bool) -> None:
    """And only where a bounce would come back the same way; all of them may be answered by people."""
    read = mail(**headers)
    assert read.personal is personal and read.silent == ""


def test_html_is_read_as_text() -> None:
    """Lines where there were paragraphs, nothing that is not seen."""
    head = "<head><style>p {color: red}</style></head>"
    html = f"{head}<p>Guten&nbsp;Tag,</p><div>seit<br>wann &amp; wo?</div><script>x</script>"
    assert mail(html, subtype="html").text == "Guten Tag,\n\nseit\nwann & wo?"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\xff\xfe\x00",
        b"From: kim@example.org\r\nContent-Type: text/plain; charset=unbekannt\r\n\r\nhallo",
        b"From: =?utf-8?b?kaputt?= <kim@example.org>\r\nDate: gestern\r\nReferences: kaputt\r\n\r\nhallo",
        b"From: kim@example.org\r\nMessage-ID: kaputt\r\nSubject: =?x?y?z?=\r\nContent-Type: a/b/c; =\r\n\r\n\xe4",
        b'From: "@" <@>\r\nTo: ,,;:<\r\nReply-To: (((\r\n\r\nhallo',
    ],
)
def test_broken_mail_is_read_as_far_as_it_goes(raw: bytes) -> None:
    """Always with the same id, so that it is known when it comes again."""
    assert read_mail(raw, OWN).written.id == read_mail(raw, OWN).written.id != ""


def test_broken_mail_keeps_no_id_that_could_do_harm() -> None:
    """Ids are put into questions to the mail server."""
    assert mail(Message_ID='<a"b@example.org>').written.id.endswith(".invalid>")
    assert mail(References='<a" OR ALL@x> <1@example.org>').thread == "<1@example.org>"


def sent(**more: Any) -> EmailMessage:
    """An answer as it goes out."""
    values = {"text": "Seit 1969. Grüße aus der Stadt!", "automatic": True} | more
    out = answer(mail(Reply_To="buero@example.org").written, sender=SELF, key="0" * 32, **values)
    return message_from_bytes(out.as_bytes(), policy=policy.default)  # type: ignore[return-value]


def test_answer_of_a_machine_says_so() -> None:
    """It goes to the writer, belongs to the thread, and asks machines for no answer."""
    out = sent()
    assert out["To"] == "kim@example.org" and out["From"] == "Städte <stadt@example.org>"
    assert out["Subject"] == "Auto: Re: Leeds?" and out["Auto-Submitted"] == "auto-replied"
    assert out["X-Auto-Response-Suppress"] == "All"
    assert out["In-Reply-To"] == "<3@example.org>"
    assert out["References"] == "<1@example.org> <2@example.org> <3@example.org>"
    assert out["Message-ID"] == f"<{'0' * 32}@example.org>"
    assert out.get_content().replace("\r\n", "\n") == "Seit 1969. Grüße aus der Stadt!\n"
    assert read_mail(out.as_bytes(), {"kim@example.org"}).silent  # so that two of us do not talk for ever


def test_answer_of_a_person_is_an_ordinary_mail() -> None:
    """To where the writer wants it."""
    out = sent(automatic=False)
    assert out["To"] == "buero@example.org" and out["Subject"] == "Re: Leeds?"
    assert out["Auto-Submitted"] is None and out["X-Auto-Response-Suppress"] is None


def test_picture_stands_below_the_text() -> None:
    """With words for those who cannot see it."""
    [part] = sent(picture=Picture(b"the png", "karte.png", "Karte der Partnerstädte")).iter_attachments()
    assert part.get_content() == b"the png" and part.get_content_type() == "image/png"
    assert part.get_content_disposition() == "inline" and part.get_filename() == "karte.png"
    assert part["Content-Description"] == "Karte der Partnerstädte"


def test_long_thread_keeps_its_root() -> None:
    """And the last mails, so that the header does not grow for ever."""
    before = tuple(f"<{number}@example.org>" for number in range(100))
    out = answer(Written("<x@example.org>", "kim@example.org", references=before), "Ja.", SELF, "0" * 32, True)
    ids = str(out["References"]).split()
    assert ids[0] == "<0@example.org>" and ids[-1] == "<x@example.org>" and len(ids) == 22
