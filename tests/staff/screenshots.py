"""Takes the pictures of the handbook, at a desk whose citizens are made up: `make pictures`."""

from __future__ import annotations

import datetime as dt
import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from partnerstadt.front import notes
from partnerstadt.front.store import Reply, Store
from partnerstadt.staff.answers import Answers, Draft
from partnerstadt.staff.desk import Desk
from partnerstadt.staff.examples import Example
from partnerstadt.staff.inbox import State
from partnerstadt.staff.roles import Role
from partnerstadt.staff.texts import texts
from tests.front.parts import START, Citizen, Clock, Rasa
from tests.front.parts import served as front_served
from tests.staff.inquiries import asked, load_inquiries
from tests.staff.parts import PASSWORD, open_desk, served
from tests.support import PROJECT
from tests.widget.parts import chromium

FOLDER = PROJECT / "docs" / "handbuch" / "bilder"
SCREEN = {"width": 1280, "height": 800}
OPEN = {"hours": ["Mo-Fr 08:00-16:00"], "land": "NW"}
DAYS = 28
ACCOUNT = "administrator"
MAIL = """Guten Tag,
seit wann ist Leeds Partnerstadt? Welche Partnerstadt liegt in Ghana? Wie viele Menschen leben dort?
Mit freundlichen Grüßen
Kim Muster"""
# To each question of the mail what the bot understands, how surely, and what it says.
DRAFTS = [
    ("seit wann ist Leeds Partnerstadt?", "ask_since", 0.97, "answered", "Leeds ist seit 1969 Partnerstadt."),
    ("Welche Partnerstadt liegt in Ghana?", "ask_list", 0.94, "answered", "In Ghana liegt die Partnerstadt Kumasi."),
    ("Wie viele Menschen leben dort?", "ask_unrecorded", 0.91, "unrecorded", "Das steht nicht in den Angaben."),
]
HUMAN = "Ich möchte mit einem Menschen sprechen"
CHAT = {
    "Wer hilft Vereinen bei einer Fahrt nach Amiens?": {"text": "Für die Partnerschaften ist das Amt zuständig."},
    HUMAN: {"text": "Gern."},
}
VISIT = "Wir sind ein Sportverein und möchten im Sommer mit 20 Kindern fahren. Mit wem können wir das besprechen?"
NOTE = notes.Note(
    "0123456789abcdef" * 2,
    START - dt.timedelta(hours=3),
    "Guten Tag, unser Chor möchte im Herbst ein Konzert mit Gästen aus Amiens geben. "
    "Bitte rufen Sie mich zurück, am besten vormittags.",
    "kim.muster@example.org",
    "0231 1234567",
)
# This Chromium writes dates in English only; clerks have one that writes them in German.
GERMAN_DATES = """
for (const field of document.querySelectorAll("input[type=date]")) {
    const day = field.value.split("-").reverse().join(".");
    field.type = "text";
    field.value = day || "TT.MM.JJJJ";
}
"""
INTENTS = {"ask_since": 9, "ask_list": 8, "ask_contact": 5, "explain_purpose": 4, "show_map": 3, "ask_rank": 2}


def reply(text: str) -> list[dict[str, Any]]:
    """What the stand-in for Rasa says."""
    if "Ghana" not in text:
        about = {"outcome": "handoff" if text == HUMAN else "answered", "intent": "ask_contact", "confidence": 0.9}
        return [CHAT.get(text, {"text": "Gern."}), {"about": about}]
    names = ("text", "intent", "confidence", "outcome")
    questions = [dict(zip(names, d, strict=False)) | {"said": [n], "sources": ["page"]} for n, d in enumerate(DRAFTS)]
    said = [{"response": f"utter_{draft[1]}", "text": draft[4]} for draft in DRAFTS]
    return [{"about": {"questions": questions, "said": said}}]


def ask_much(store: Store, clock: Clock) -> None:
    """What was asked and answered within a day."""
    chance = random.Random(clock.now.toordinal())
    for _ in range(chance.randint(1, 3) if clock.now.weekday() > 4 else chance.randint(3, 8)):
        channel = chance.choice(["web"] * 5 + ["email"])
        id = store.open(channel, clock(), clock() + dt.timedelta(days=30)).id
        store.say(id, "Frage", clock())
        question = store.pending(id)
        assert question
        about = {"outcome": "answered", "intent": chance.choices(list(INTENTS), list(INTENTS.values()))[0]}
        seconds = dt.timedelta(seconds=chance.uniform(0.1, 0.6))
        event = store.answer(question, Reply("Antwort", about=about), clock() + seconds)
        if event and chance.random() < 0.3:
            store.rate(id, event["id"], "up", None, clock())


def furnish(desk: Desk, clock: Clock) -> None:
    """Four weeks of questions, what was decided about them, accounts, and a notice."""
    gaps = [text for text, name in load_inquiries(slice(0, 12)) if name != text]
    for day in range(DAYS):
        ask_much(desk.store, clock)
        for text in gaps[2 * day : 2 * day + 2 + day // 20]:
            strange = any(word in text.lower() for word in ("wetter", "bus", "pass", "tonne", "müll"))
            asked(desk.store, clock, text, outcome="out_of_scope" if strange else "unrecorded")
        clock.move(days=1)
    while desk.inbox.update():
        pass
    for group in desk.inbox.groups(State.OPEN)[0]:
        if "raktik" in group.name:
            desk.inbox.decide(group.id, State.OPEN, State.ASSIGNED, "editor", "explain_exchange")
    one = desk.training.suggestions()[0][0]
    desk.training.confirm(one.conversation, one.number, Example("explain_exchange", one.text), "editor")
    written = {"questions": "Gibt es einen Rundbrief?", "answer": "Ja, viermal im Jahr.", "source": "page"}
    written |= {"owner": "Büro für Internationale Beziehungen", "review_by": "2027-06-30"}
    answers = Answers(desk.changes, desk.engine)
    answers.save(Draft("", written, answers.read()[1].mark), "editor")
    desk.accounts.add("aushilfe", PASSWORD, Role.AGENT, ACCOUNT, must_change=True)
    desk.accounts.add("vertretung", PASSWORD, Role.EDITOR, ACCOUNT)
    desk.accounts.lock("vertretung", ACCOUNT)
    for name in ("agent", "editor", ACCOUNT):
        desk.accounts.log_in(name, PASSWORD)
    desk.store.within(notes.leave, NOTE)
    begins = START + dt.timedelta(days=4)
    notice = "Am Samstag wird gewartet. Der Chat kann zwischen 9 und 11 Uhr zeitweise nicht antworten."
    desk.switch.announce(notice, begins.replace(hour=8), begins.replace(hour=10), "editor")
    clock.move(minutes=5)


@contextmanager
def scenes(folder: Path) -> Iterator[tuple[Desk, str, dict[str, Callable[[Page], None]]]]:
    """A desk with all that, its address, and for each area what brings a page to where its picture is taken."""
    rasa, clock = Rasa(), Clock(START - dt.timedelta(days=DAYS))
    rasa.reply = reply
    rasa.start()
    desk = open_desk(folder, rasa, clock, 1000, **OPEN)
    furnish(desk, clock)
    with served(desk) as url, front_served(folder, rasa, clock, **OPEN) as front:

        def at(path: str) -> Callable[[Page], None]:
            return lambda page: _go(page, url + path)

        def mail(page: Page) -> None:
            words = texts()["mail"]
            at("/mail")(page)
            page.get_by_label(words["label"]).fill(MAIL)
            page.get_by_role("button", name=words["send"]).click()
            page.get_by_role("heading", name=words["questions"]).wait_for()
            page.get_by_text(words["form"], exact=True).evaluate("legend => legend.scrollIntoView()")

        def live(page: Page) -> None:
            words = texts()["live"]
            at("/gespraeche")(page)
            page.get_by_role("button", name=words["come"], exact=True).click()
            page.get_by_text(words["here"]).wait_for()
            citizen = Citizen(front)
            for number, text in enumerate(CHAT):
                citizen.say(text)
                citizen.until_answered(number + 1)
            citizen.press("person")
            page.reload()
            page.get_by_role("button", name=words["take"]).click()
            citizen.say(VISIT)
            page.get_by_role("log").get_by_text(VISIT).wait_for()
            page.get_by_label(words["reply"]).fill("Guten Tag, dabei helfen wir gern. Wann möchten Sie fahren?")

        def answers(page: Page) -> None:
            words = texts()["answers"]
            at("/antworten/neu?frage=Gibt+es+einen+Newsletter%3F&frage=Kann+ich+einen+Rundbrief+bekommen%3F")(page)
            page.get_by_label(words["answer"], exact=True).fill("Ja. Der Newsletter erscheint viermal im Jahr.")

        yield (
            desk,
            url,
            {
                "mail": mail,
                "lookup": at("/nachschlagen?query=leeds"),
                "live": live,
                "notes": at(f"/nachrichten/{NOTE.id}"),
                "inbox": at("/eingang"),
                "records": at("/angaben/partnerschaft/leeds"),
                "answers": answers,
                "training": at("/training"),
                "statistics": at("/statistik"),
                "switch": at("/notschalter"),
                "accounts": at("/konten"),
                "trail": at("/protokoll"),
                "account": at("/konto"),
            },
        )
    rasa.stop()


def _go(page: Page, url: str) -> None:
    response = page.goto(url)
    assert response is not None and response.ok, url


@contextmanager
def visitor(browser: Browser, url: str) -> Iterator[tuple[Page, list[str]]]:
    """A page on which somebody is logged in who may see everything, and what goes wrong there meanwhile."""
    wrong: list[str] = []
    context = browser.new_context(locale="de-DE", timezone_id="Europe/Berlin", viewport=SCREEN)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith((url, "data:")) else wrong.append(request.url))
    page.goto(url)
    page.get_by_label(texts()["name"]).fill(ACCOUNT)
    page.get_by_label(texts()["password"]).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name=texts()["welcome"]).wait_for()
    yield page, wrong
    context.close()


def take(page: Page, areas: dict[str, Callable[[Page], None]], folder: Path) -> Iterator[str]:
    """All pictures into a folder; after each, the area that the page still shows."""
    for area, show in areas.items():
        show(page)
        page.evaluate(GERMAN_DATES)
        page.wait_for_timeout(300)  # until all has come to rest
        page.screenshot(path=folder / f"{area}.png", animations="disabled")
        yield area


def main() -> None:
    """Start everything, take the pictures, stop everything."""
    FOLDER.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as state,
        chromium() as browser,
        scenes(Path(state)) as (_, url, areas),
        visitor(browser, url) as (page, wrong),
    ):
        list(take(page, areas, FOLDER))
    assert wrong == [], wrong


if __name__ == "__main__":
    main()
