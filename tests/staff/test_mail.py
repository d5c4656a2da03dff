"""Reading a mail, turning what the bot says into drafts, composing the reply."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from partnerstadt.records.models import Records
from partnerstadt.staff.mail import (
    Draft,
    Form,
    State,
    compose,
    drafts_of,
    in_order,
    is_courtesy,
    left_over,
    questions_in,
    read_mail,
    relevant,
)
from partnerstadt.staff.pages.mail import mailto_of
from tests.staff.mails import Case, load_mails
from tests.support import TODAY

GREETING = "Guten Tag,\nwie viele Partnerstädte gibt es?\n"


@pytest.mark.parametrize("case", load_mails(), ids=lambda case: case.id)
def test_made_up_mail_is_read(case: Case) -> None:
    """Its writer is addressed as they sign, and no question is lost with the greeting or the signature."""
    mail = read_mail(case.mail)
    assert mail.salutation == case.salutation
    plain = " ".join(re.findall(r"\w+", mail.body.lower()))
    for asked in case.questions:
        assert " ".join(re.findall(r"\w+", asked.of.lower())) in plain


@pytest.mark.parametrize(
    ("signature", "salutation"),
    [
        ("Mit freundlichen Grüßen\nFrau Dr. Erika Muster", "Sehr geehrte Frau Dr. Muster"),
        ("Mit freundlichen Grüßen\nHerr von der Heide", "Sehr geehrter Herr von der Heide"),
        ("Viele Grüße\nErika Muster (Vorsitzende)", "Guten Tag Erika Muster"),
        ("LG Kim Muster", "Guten Tag Kim Muster"),
        ("Danke schon mal. Freundliche Grüße, Kim Muster (78)", "Guten Tag Kim Muster"),
        ("MfG\nMuster", "Guten Tag"),
        ("Beste Grüße\nIhr Heimatverein Musterhausen e. V.", "Guten Tag"),
        ("Danke!", "Guten Tag"),
        ("", "Guten Tag"),
    ],
)
def test_salutation_guesses_nobody(signature: str, salutation: str) -> None:
    """Frau and Herr only where the mail says so, a family name alone is no address."""
    mail = read_mail(GREETING + signature)
    assert mail.salutation == salutation and "wie viele Partnerstädte gibt es?" in mail.body


def test_surroundings_are_left_out() -> None:
    """Header, quoted mail, greeting, list marks and the writer's age."""
    mail = read_mail(
        "Von: a@example.org\nBetreff: Frage\n\nHallo,\nich bin 10 Jahre alt.\n1. Wo liegt Leeds?\n"
        "> Alte Mail?\nGruß\nKim Muster"
    )
    assert mail.body == "Wo liegt Leeds?"


def test_closing_in_the_last_line_is_no_matter() -> None:
    """Who writes everything in one line is still addressed by name; thanks in the middle end nothing."""
    mail = read_mail("Guten Tag. Wo liegt Amiens? Vielen Dank für alles. Und Leeds? Mit freundlichen Grüßen Kim Muster")
    assert mail.salutation == "Guten Tag Kim Muster"
    assert mail.body == "Wo liegt Amiens? Vielen Dank für alles. Und Leeds?"


def test_reply_opens_to_the_writer() -> None:
    """With the address and the subject of a head that was pasted as well; without one, the clerk fills them in."""
    mail = read_mail("Von: Kim <kim.m@example.org>\nAn: amt@example.org\nBetreff: Fahrt & mehr\n\nWo liegt Leeds?")
    assert (mail.sender, mail.subject) == ("kim.m@example.org", "Fahrt & mehr")
    assert mailto_of(mail, "Text\n") == ("mailto:kim.m@example.org?subject=AW%3A%20Fahrt%20%26%20mehr&body=Text%0D%0A")
    assert "subject=AW%3A%20x&" in mailto_of(replace(mail, subject="AW: x"), "")
    asked = read_mail("Wo liegt Leeds? Von: steht nicht am Anfang. a@example.org")
    assert (asked.sender, asked.subject) == ("", "")
    assert mailto_of(asked, "").startswith("mailto:?subject=Ihre%20Anfrage")


@pytest.mark.parametrize("verb", ["Können Sie mir sagen", "Schreiben Sie mir bitte", "Erklären Sie mir"])
def test_indirect_question_is_found(verb: str) -> None:
    """Also where the question mark stands behind the next one."""
    assert questions_in(f"{verb}, seit wann Leeds dabei ist und ob es Zuschüsse gibt?")[0].startswith(verb)


def test_wrapped_lines_are_joined() -> None:
    """A mail program breaks a sentence anywhere; paragraphs stay apart."""
    text = (
        "Können Sie mir bitte mitteilen, seit welchem Jahr die Stadt\nLeeds Partnerstadt ist?\n\nUnd wo liegt Amiens?"
    )
    assert read_mail(text).body.splitlines() == [
        "Können Sie mir bitte mitteilen, seit welchem Jahr die Stadt Leeds Partnerstadt ist?",
        "Und wo liegt Amiens?",
    ]


def test_courtesy_is_no_question() -> None:
    """But a question that begins like one is."""
    assert is_courtesy("Können Sie mir weiterhelfen?") and not is_courtesy("Können Sie mir sagen, wo Leeds liegt?")
    assert questions_in("Können Sie mir helfen? Wo liegt Leeds?") == ["Wo liegt Leeds?"]


def about(text: str, intent: str, outcome: str, *said: tuple[str, str], confidence: float = 0.9) -> dict[str, Any]:
    """What the REST channel says about one question."""
    question = {"text": text, "intent": intent, "confidence": confidence, "outcome": outcome, "sources": ["page"]}
    utterances = [{"response": key, "text": answer} for key, answer in said]
    return {"questions": [{**question, "said": list(range(len(said)))}], "said": utterances}


SINCE = ("utter_since", "Leeds ist seit 1969 Partnerstadt.")


@pytest.mark.parametrize(
    ("told", "state"),
    [
        (about("Seit wann ist Leeds dabei?", "ask_since", "answered", SINCE), State.ANSWERED),
        (about("Seit wann ist Leeds dabei?", "ask_since", "answered", SINCE, confidence=0.2), State.OPEN),
        (about("Warum ist Leeds dabei?", "ask_since", "answered", SINCE), State.OPEN),
        (about("Wo gebe ich das ab?", "out_of_scope", "answered", SINCE), State.OPEN),
        (about("Und seit wann?", "out_of_scope", "answered", SINCE), State.ANSWERED),
        (about("Bieten Sie Praktika an?", "ask_contact", "answered", ("utter_office", "Zuständig ist …")), State.OPEN),
        (about("Wer ist zuständig?", "ask_contact", "answered", ("utter_office", "Zuständig ist …")), State.ANSWERED),
        (about("Wer wohnt da?", "ask_unrecorded", "unrecorded", ("utter_unrecorded", "Dazu …")), State.UNRECORDED),
        (
            about(
                "Was geschieht mit Leeds?", "explain_exchange", "answered", ("utter_topic_not_for_city", "Das gilt …")
            ),
            State.UNRECORDED,
        ),
        (about("Seit wann?", "ask_since", "talk", ("utter_which_city", "Welche Stadt?")), State.OPEN),
        (about("Wer sind Sie?", "ask_bot", "answered", ("utter_ask_bot", "Ein Programm.")), State.OPEN),
    ],
)
def test_state_of_a_draft(told: dict[str, Any], state: State, dortmund_records: Records) -> None:
    """A guess, small talk and a question back are for the clerk; an open draft has no text."""
    [draft] = drafts_of(told, dortmund_records)
    assert draft.state is state and bool(draft.answer) is (state is not State.OPEN)


def test_draft_speaks_for_the_office(dortmund_records: Records) -> None:
    """In the first person plural, without sending people on to itself, with source and date."""
    told = about(
        "Wie viele Menschen leben in Leeds?",
        "ask_unrecorded",
        "unrecorded",
        ("utter_unrecorded", "Dazu liegen mir keine Angaben vor."),
        ("utter_ask_office", "Fragen Sie dazu bitte nach."),
        ("utter_introduction", "Ich bin ein Computerprogramm."),
    )
    [draft] = drafts_of(told, dortmund_records)
    assert draft.answer == "Dazu liegen uns keine Angaben vor."
    assert draft.source.startswith("Quelle: ") and "(Stand: " in draft.source


def test_message_without_details_gives_no_draft(dortmund_records: Records) -> None:
    """An action that answers no question says nothing about any."""
    assert drafts_of({"intent": "repeat", "outcome": "talk"}, dortmund_records) == []


def test_statement_is_no_question() -> None:
    """What only tells something is dropped; the mail as a whole becomes its only question."""
    tells = Draft("Wir planen ein Fest zum Jubiläum.", "ask_jubilee", 0.9, State.ANSWERED, "2027")
    asks = Draft("Wo liegt Leeds?", "ask_country", 0.9, State.ANSWERED, "England")
    body = "Wir planen ein Fest zum Jubiläum. Wo liegt Leeds?"
    assert relevant(body, [tells, asks]) == [asks]
    assert [d.question for d in relevant(body, [Draft(body, "ask_country", 0.9, State.ANSWERED, "England")])] == [
        "Wo liegt Leeds?"
    ]


def test_another_office_gets_no_answer() -> None:
    """Who is responsible for the rubbish is not this office."""
    body = "Meine Tonne wurde nicht geleert. Wer ist zuständig?"
    office = Draft("Wer ist zuständig?", "ask_contact", 0.9, State.ANSWERED, "Wir.")
    assert relevant(body, [office]) == [Draft("Wer ist zuständig?")]


def test_left_over_questions_are_found() -> None:
    """And all come in the order of the mail."""
    body = "Wo liegt Leeds? Wann öffnet das Bürgerbüro? Wie alt ist Amiens?"
    first, last = Draft("Wo liegt Leeds?"), Draft("Wie alt ist Amiens?")
    assert left_over(body, [first, last]) == ["Wann öffnet das Bürgerbüro?"]
    between = Draft("Wann öffnet das Bürgerbüro?")
    assert in_order(body, [last, first, between]) == [first, between, last]


@pytest.mark.parametrize("form", list(Form), ids=lambda form: form.value)
def test_reply_holds_all(form: Form, dortmund_records: Records) -> None:
    """Address, each answer once, what is open, source, office; no run of empty lines."""
    answered = Draft("Seit wann?", "ask_since", 0.9, State.ANSWERED, "Seit 1969.", "", ("page",))
    text = compose("Guten Tag Kim Muster", [answered, answered, Draft("Und das?")], form, dortmund_records, TODAY)
    assert "Guten Tag Kim Muster" in text and text.count("Seit 1969.") == 1 and "[Bitte ergänzen: Und das?]" in text
    assert text.count("Quelle: ") == 1 and dortmund_records.city.name in text and "\n\n\n" not in text
    paragraphs = text.split("\n\n")
    assert "Seit 1969." in paragraphs and "[Bitte ergänzen: Und das?]" in paragraphs
    contact = dortmund_records.contact
    assert contact is not None and contact.name in text


def test_reply_without_questions_is_still_polite(dortmund_records: Records) -> None:
    """Nothing found means nothing said, and no source."""
    text = compose("Guten Tag", [], Form.MAIL, dortmund_records, TODAY)
    assert text.startswith("Guten Tag,") and "Quelle" not in text
