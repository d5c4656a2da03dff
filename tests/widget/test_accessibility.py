"""The criteria of widget/accessibility.md, a test of the same name for each."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable

import pytest

from tests.front.parts import Rasa
from tests.widget.conftest import SOURCE, Begin
from tests.widget.parts import PHONE, TEXTS, WIDGET, Visit

PAGE = (WIDGET / "accessibility.md").read_text(encoding="utf-8")


def answered(visit: Visit) -> Visit:
    """An answer with everything an answer can have."""
    return visit.asked("Welche Partnerstädte gibt es?")


def with_picture(visit: Visit, choice: str, drawing: str) -> Visit:
    """A picture with its table."""
    visit.choose(choice)
    visit.page.locator(f"svg.{drawing}").first.wait_for()
    visit.page.locator("summary").last.click()
    return visit


def with_error(visit: Visit) -> Visit:
    """Offline, an empty question, and a message that waits."""
    answered(visit).context.set_offline(True)
    visit.ask("Hört mich jemand?").field.press("Enter")
    visit.page.locator(".alert").wait_for()
    return visit


def with_feedback(visit: Visit) -> Visit:
    """A thumb, and the form for a word."""
    answered(visit).page.get_by_role("button", name=f"{TEXTS['helpful']} {TEXTS['up']}").click()
    visit.page.get_by_label(TEXTS["comment"]).wait_for()
    return visit


def with_menu(visit: Visit) -> Visit:
    """The menu is open."""
    answered(visit).button("menu").click()
    return visit


def with_question(visit: Visit) -> Visit:
    """The question before deleting."""
    answered(visit).choose("delete")
    return visit


STATES: dict[str, Callable[[Visit], object]] = {
    "open": lambda visit: visit,
    "answered": answered,
    "error": with_error,
    "feedback": with_feedback,
    "menu": with_menu,
    "question": with_question,
    "map": lambda visit: with_picture(visit, "mapTitle", "map"),
    "timeline": lambda visit: with_picture(visit, "timelineTitle", "timeline"),
}
SCREENS = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "320": {"viewport": {"width": 320, "height": 640}},
    "phone": PHONE,
}


def test_every_criterion_has_its_test() -> None:
    """Criteria are numbered without gaps, and each has one test."""
    criteria = re.findall(r"^(\d+)\. `(\w+)`", PAGE, re.MULTILINE)
    assert [int(number) for number, _ in criteria] == list(range(1, len(criteria) + 1))
    tests = {name.removeprefix("test_") for name in dir(sys.modules[__name__]) if name.startswith("test_")}
    assert tests == {name for _, name in criteria} | {"every_criterion_has_its_test"}


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("state", ["closed", *STATES, "inline"])
def test_axe_finds_nothing(begin: Begin, state: str, screen: str) -> None:
    """No violation in any state on any screen."""
    # axe is put into the page by hand, which the policy of the page rightly forbids.
    visit = begin(bypass_csp=True, **SCREENS[screen])
    if state == "inline":
        answered(visit.inline())
    else:
        visit.go()
        if state != "closed":
            STATES[state](visit.open())
    visit.page.wait_for_timeout(250)  # until colours have faded in
    assert visit.axe() == []


def test_pictures_have_a_table(chat: Visit) -> None:
    """Each picture has a name, and all its cities stand in a table with head cells."""
    for choice, drawing in (("mapTitle", "map"), ("timelineTitle", "timeline")):
        with_picture(chat, choice, drawing)
        figure = chat.page.locator("figure").last
        assert figure.locator("svg[role=img]").first.get_attribute("aria-label")
        rows = figure.locator("tbody tr")
        assert rows.count() == 12
        assert rows.first.locator("th").inner_text() == "Sturmwick"
        assert rows.last.inner_text().split("\t") == ["Zeitlos", "Rumänien", "nicht bekannt", "Projektpartnerschaft"]
        assert figure.locator("thead th[scope=col]").count() == 4


def test_speakers_are_named(chat: Visit) -> None:
    """The text of each message says who wrote it."""
    answered(chat)
    names = chat.page.locator(".message .name").all_inner_texts()
    assert names == [TEXTS["speaker"]["citizen"], TEXTS["speaker"]["bot"]]


def test_kinds_of_cities_differ_by_shape(chat: Visit) -> None:
    """Partner cities are points, others diamonds, the own city a ring."""
    with_picture(chat, "mapTitle", "map")
    drawing = chat.page.locator("svg.map").first
    assert drawing.locator("circle.mark").count() == 9
    assert drawing.locator("path.mark.other").count() == 2
    assert drawing.locator(".ring").count() == 1


@pytest.mark.parametrize("state", STATES)
def test_nothing_scrolls_sideways_at_320_pixels(begin: Begin, rasa: Rasa, state: str) -> None:
    """No part is wider than the screen, even with the longest of German words."""
    visit = begin(viewport={"width": 320, "height": 640}).go().open()
    STATES[state](visit)
    if state == "answered":
        rasa.reply = lambda _: [{"text": "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz " * 2}]
        visit.asked("Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft?")
    assert sideways(visit) == []


def sideways(visit: Visit) -> list[str]:
    """What is wider than its place."""
    return list(
        visit.page.evaluate(
            """() => {
                const root = document.querySelector("partnerstadt-chat").shadowRoot;
                const wide = [...root.querySelectorAll("*")].filter((e) =>
                    !e.closest(".spoken, svg, caption, .scroll") && e.checkVisibility() &&
                    (e.getBoundingClientRect().right > innerWidth + 0.5 || e.getBoundingClientRect().left < -0.5 ||
                     (e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== "inline")));
                if (document.documentElement.scrollWidth > innerWidth) wide.push(document.documentElement);
                return wide.map((e) => `${e.localName}.${e.className}`);
            }"""
        )
    )


def test_text_can_be_twice_as_large(begin: Begin) -> None:
    """With letters of 32 pixels the chat fits the screen, the field can be used and the answer can be read."""
    visit = begin().go(css="html { font-size: 200%; }").open()
    answered(visit)
    assert visit.page.locator(".text").last.evaluate("(e) => getComputedStyle(e).fontSize") == "32px"
    assert sideways(visit) == []
    log = visit.page.locator(".log").bounding_box()
    assert log and log["height"] > 150
    # 1280 by 1024 pixels magnified four times.
    visit.page.set_viewport_size({"width": 320, "height": 256})
    visit.field.fill("Noch da?")
    visit.field.press("Enter")
    visit.answers.nth(1).scroll_into_view_if_needed()
    assert visit.answers.nth(1).is_visible()


def test_text_spacing_can_be_changed(chat: Visit) -> None:
    """With the spacing of WCAG 1.4.12 no text is cut off."""
    answered(chat)
    chat.page.evaluate(
        """() => {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important;
                word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }`);
            const root = document.querySelector("partnerstadt-chat").shadowRoot;
            root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
        }"""
    )
    cut = chat.page.evaluate(
        """() => [...document.querySelector("partnerstadt-chat").shadowRoot.querySelectorAll("button, p, h2, a")]
            .filter((e) => e.checkVisibility() && !e.closest(".spoken") && getComputedStyle(e).display !== "inline" &&
                (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1))
            .map((e) => `${e.localName}.${e.className} ${e.textContent}`)"""
    )
    assert cut == []
    assert sideways(chat) == []


def test_forced_colours_keep_borders(begin: Begin) -> None:
    """Under forced colours panel, buttons, field and own messages have a border."""
    visit = answered(begin(forced_colors="active").go().open())
    for selector in (".panel", ".primary", ".reply", "textarea", ".citizen .text"):
        border = visit.page.locator(selector).first.evaluate("(e) => getComputedStyle(e).borderTopStyle")
        assert border == "solid", selector
    with_picture(visit, "mapTitle", "map")
    fill, ground = visit.page.locator("svg.map circle.mark").first.evaluate(
        "(e) => [getComputedStyle(e).fill, getComputedStyle(e.ownerSVGElement.querySelector('.land')).fill]"
    )
    assert fill != ground


def test_nothing_moves_under_reduced_motion(begin: Begin, rasa: Rasa) -> None:
    """No animation runs, and scrolling is not smooth, not even while an answer is awaited."""
    visit = begin(reduced_motion="reduce").go().open()
    rasa.wait = 0.5
    visit.ask("Hallo")
    visit.page.get_by_text(TEXTS["typing"]["bot"]).wait_for()
    running = "document.querySelector('partnerstadt-chat').shadowRoot.getAnimations({subtree: true}).length"
    assert visit.page.evaluate(running) == 0
    assert visit.page.locator(".log").evaluate("(e) => getComputedStyle(e).scrollBehavior") == "auto"


def test_everything_works_by_keyboard(begin: Begin) -> None:
    """A whole visit without a mouse."""
    visit = begin().go()
    keys = visit.page.keyboard

    def to(name: str, back: bool = False) -> None:
        for _ in range(40):
            if name in visit.focused():
                return
            keys.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"{name} is not reached, only {visit.focused()}")

    to(TEXTS["launcher"])
    keys.press("Enter")
    visit.ready()
    keys.type("Welche Partnerstädte gibt es?")
    keys.press("Enter")
    visit.answers.first.wait_for()
    to("Brunnac", back=True)
    keys.press("Space")
    visit.answers.nth(1).wait_for()
    to(f"{TEXTS['helpful']} {TEXTS['down']}", back=True)
    keys.press("Enter")
    visit.page.get_by_label(TEXTS["comment"]).wait_for()
    to(TEXTS["comment"])
    keys.type("Bitte mehr davon")
    to(TEXTS["commentSend"])
    keys.press("Enter")
    visit.page.locator(".after p").filter(has_text=TEXTS["thanks"]).wait_for()
    to(TEXTS["menu"], back=True)
    keys.press("Enter")
    to(TEXTS["mapTitle"])
    keys.press("Enter")
    visit.page.locator("svg.map").first.wait_for()
    to(TEXTS["pictures"]["table"])
    keys.press("Enter")
    visit.page.locator("table").wait_for()
    to(TEXTS["menu"], back=True)
    keys.press("Enter")
    to(TEXTS["delete"])
    keys.press("Enter")
    visit.page.locator(".confirm").wait_for()
    to(TEXTS["delete"])
    keys.press("Enter")
    visit.said(TEXTS["deleted"])
    to(TEXTS["close"], back=True)
    keys.press("Enter")
    assert not visit.page.locator(".panel").is_visible()


def test_there_is_no_trap(chat: Visit) -> None:
    """Going on with Tab leads out of the chat to the page, and into it again."""
    answered(chat)
    seen = []
    for _ in range(40):
        chat.page.keyboard.press("Tab")
        seen.append(chat.focused())
    assert "a Mehr" in seen
    assert any(TEXTS["send"] in place for place in seen)


def test_focus_moves_into_the_chat_and_back(chat: Visit) -> None:
    """Into the field on opening, to the launcher on closing."""
    assert chat.focused() == f"textarea {TEXTS['field']}"
    chat.button("close").click()
    assert chat.focused() == f"button {TEXTS['launcher']}"


def test_escape_closes_one_thing_at_a_time(chat: Visit) -> None:
    """First the question or the menu, then the chat."""
    answered(chat)
    panel, menu = chat.page.locator(".panel"), chat.page.locator(".menu")
    chat.choose("delete")
    chat.page.keyboard.press("Escape")
    assert chat.page.locator(".confirm").count() == 0 and panel.is_visible()
    chat.button("menu").click()
    chat.page.keyboard.press("Escape")
    assert not menu.is_visible() and panel.is_visible()
    assert chat.focused() == f"button {TEXTS['menu']}"
    chat.page.keyboard.press("Escape")
    assert not panel.is_visible()
    assert chat.questions.count() == 1


def test_focus_is_always_visible(chat: Visit) -> None:
    """Every stop of the tab key inside the chat has an outline; most have a halo of a second colour."""
    answered(chat)
    seen: dict[str, list[str]] = {}
    for _ in range(30):
        chat.page.keyboard.press("Tab")
        place = chat.focused()
        ring = chat.page.evaluate(
            """() => {
                const at = document.activeElement.shadowRoot?.activeElement;
                const style = at && getComputedStyle(at);
                return style ? [style.outlineStyle, style.outlineWidth, style.boxShadow] : [];
            }"""
        )
        if ring:
            seen[place] = ring
    assert len(seen) > 10
    assert {place: ring for place, ring in seen.items() if ring[:2] != ["solid", "3px"]} == {}
    assert sum("7px" in ring[2] for ring in seen.values()) > 6


def test_focus_is_never_lost(chat: Visit) -> None:
    """Sending, a quick reply and deleting leave the focus in the chat."""
    answered(chat)
    assert chat.focused().startswith("textarea")
    chat.page.get_by_role("button", name="Brunnac").click()
    assert chat.focused().startswith("textarea")
    chat.choose("delete")
    chat.page.locator(".confirm .primary").click()
    chat.said(TEXTS["deleted"])
    assert chat.focused().startswith("textarea")


@pytest.mark.parametrize("screen", ["light", "320"])
def test_targets_are_44_pixels(begin: Begin, screen: str) -> None:
    """Every control of every state, but links inside a text."""
    for state in STATES.values():
        visit = begin(**SCREENS[screen]).go().open()
        state(visit)
        small = visit.page.evaluate(
            """() => [...document.querySelector("partnerstadt-chat").shadowRoot
                .querySelectorAll("button, textarea, summary, a")]
                .filter((e) => e.checkVisibility() && !e.closest(".text, .intro"))
                .map((e) => [e.textContent || e.localName, e.getBoundingClientRect()])
                .filter(([, box]) => box.height < 43.5 || box.width < 43.5)
                .map(([name, box]) => `${name} ${box.width} ${box.height}`)"""
        )
        assert small == []
        visit.context.close()


def test_a_phone_is_filled(begin: Begin) -> None:
    """The chat covers the screen and keeps the focus; closing it gives the page back."""
    visit = begin(**PHONE).go().open()
    box = visit.page.locator(".panel").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 390, "height": 844}
    answered(visit)
    for _ in range(25):
        visit.page.keyboard.press("Tab")
        assert visit.focused() != "a Mehr"
    visit.button("close").tap()
    assert visit.focused() == f"button {TEXTS['launcher']}"
    assert visit.page.get_by_role("link", name="Mehr").is_visible()


def test_names_begin_with_what_is_seen(chat: Visit) -> None:
    """What a person says to press a button is what stands on it."""
    answered(chat)
    names = chat.page.evaluate(
        """() => [...document.querySelector("partnerstadt-chat").shadowRoot.querySelectorAll("[aria-label]")]
            .filter((e) => e.localName === "button").map((e) => [e.innerText.trim(), e.ariaLabel])"""
    )
    assert len(names) == 3
    assert [pair for pair in names if pair[0].lower() not in pair[1].lower()] == []


def test_the_language_is_declared(visit: Visit) -> None:
    """The element names its language."""
    visit.go().open()
    assert visit.page.locator("partnerstadt-chat").get_attribute("lang") == "de"


def test_answers_are_said_once(chat: Visit) -> None:
    """One line outside the transcript, with speaker, text and source; it goes after some seconds."""
    answered(chat)
    spoken = chat.live.locator("p").filter(has_text="Zwei Partnerstädte").all_inner_texts()
    assert len(spoken) == 1
    assert spoken[0].startswith(f"{TEXTS['speaker']['bot']}: ") and SOURCE in spoken[0] and "**" not in spoken[0]
    assert chat.page.locator("[role=log]").get_attribute("aria-live") == "off"
    assert chat.page.locator("[role=log] [role=status]").count() == 0
    chat.page.wait_for_timeout(8500)
    assert chat.live.text_content() == ""


def test_suggestions_are_said_in_words(chat: Visit) -> None:
    """The announcement of an answer ends with its suggestions."""
    answered(chat)
    chat.said(TEXTS["repliesSpoken"].format(titles="Sturmwick, Brunnac"))


def test_restoring_is_said_in_one_sentence(chat: Visit) -> None:
    """After a reload nothing old is read out."""
    answered(chat)
    chat.page.reload()
    chat.answers.first.wait_for()
    assert chat.live.locator("p").all_inner_texts() == [TEXTS["restored"].format(count=2)]


def test_links_tell_of_new_windows(chat: Visit) -> None:
    """In answers and at the foot."""
    answered(chat)
    links = chat.page.locator("a[target=_blank]")
    assert links.count() >= 1
    for link in links.all():
        assert (link.text_content() or "").endswith(TEXTS["newWindow"])


def test_errors_are_said_in_words(chat: Visit) -> None:
    """An empty question: said, shown at the field and bound to it."""
    chat.field.press("Enter")
    chat.said(TEXTS["empty"])
    assert chat.field.get_attribute("aria-invalid") == "true"
    ids = (chat.field.get_attribute("aria-describedby") or "").split()
    described = " ".join(chat.page.locator(f"#{name}").text_content() or "" for name in ids)
    assert TEXTS["empty"] in described and TEXTS["keys"] in described
    chat.field.press_sequentially("a")
    assert chat.field.get_attribute("aria-invalid") == "false"


def test_the_limit_is_told_in_time(chat: Visit) -> None:
    """A counter near the limit, a clear word beyond it, and nothing is cut off or sent."""
    counter = chat.page.locator(".counter")
    chat.field.fill("a" * 500)
    assert counter.inner_text() == ""
    chat.field.fill("a" * 950)
    assert counter.inner_text() == TEXTS["left"].format(count=50)
    chat.said(TEXTS["left"].format(count=50))
    chat.field.fill("a" * 1003)
    assert counter.inner_text() == TEXTS["tooLong"].format(count=3)
    chat.field.press("Enter")
    chat.said(TEXTS["tooLong"].format(count=3))
    assert chat.questions.count() == 0
    assert len(chat.field.input_value()) == 1003


def test_deleting_asks_first(chat: Visit) -> None:
    """The question has a name and a text; Enter on it does not delete."""
    answered(chat)
    chat.choose("delete")
    dialog = chat.page.get_by_role("dialog", name=TEXTS["deleteTitle"])
    assert TEXTS["deleteText"] in dialog.inner_text()
    assert chat.focused() == f"button {TEXTS['deleteNo']}"
    chat.page.keyboard.press("Enter")
    assert chat.questions.count() == 1


def test_the_machine_says_what_it_is(chat: Visit) -> None:
    """In the first words, in the head and at the foot, before and after the first message."""
    for _ in range(2):
        assert "Computerprogramm" in chat.page.locator(".intro").inner_text()
        assert chat.page.locator("header").inner_text().endswith(f"{TEXTS['menu']}\n{TEXTS['close']}")
        assert TEXTS["kind"] in chat.page.locator("header").inner_text()
        assert chat.page.get_by_text(TEXTS["reminder"]).is_visible()
        answered(chat)
    assert chat.page.locator(".intro button, .foot button").count() == 0
