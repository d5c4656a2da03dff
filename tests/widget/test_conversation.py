"""Talking: what is sent, what is seen, what is kept."""

from __future__ import annotations

import re
from pathlib import Path

from tests.front.parts import Rasa
from tests.widget.conftest import SOURCE, Begin
from tests.widget.parts import TEXTS, Visit


def test_an_answer_with_its_source(chat: Visit) -> None:
    """A question is answered with list, bold words, link and a line that names the source."""
    chat.asked("Welche Partnerstädte gibt es?")
    assert chat.questions.all_inner_texts() == ["Welche Partnerstädte gibt es?"]
    assert chat.answers.locator("li").all_inner_texts() == ["Sturmwick (seit 1958)", "Brunnac (seit 1960)"]
    assert chat.answers.locator("strong").first.inner_text() == "Sturmwick"
    assert chat.answers.locator("a").get_attribute("href") == "https://www.example.org/partner"
    assert chat.page.locator(".source").inner_text() == SOURCE
    chat.check()


def test_what_is_there_before_the_first_message(visit: Visit) -> None:
    """First words, the notice, questions to begin with and the links of the city; and nothing is kept."""
    visit.go()
    assert [url for url in visit.requests if "/api/" in url] == []
    visit.open()
    intro = visit.page.locator(".intro").inner_text()
    assert "Computerprogramm" in intro and "keine persönlichen Daten" in intro
    assert visit.page.locator(".begins .reply").count() >= 4
    assert visit.page.get_by_text(TEXTS["reminder"]).is_visible()
    visit.field.fill("Noch nicht gesendet")
    assert visit.stored() == {}
    assert not any("/api/session" in url or "/api/message" in url for url in visit.requests)
    visit.check()


def test_a_suggestion_is_a_question(chat: Visit) -> None:
    """A suggestion of the beginning is sent as it stands there."""
    first = chat.page.locator(".begins .reply").first
    text = first.inner_text()
    first.click()
    chat.answers.first.wait_for()
    assert chat.questions.all_inner_texts() == [text]
    assert not chat.page.locator(".begins").is_visible()


def test_a_quick_reply(chat: Visit, rasa: Rasa) -> None:
    """A quick reply shows its title, sends its payload, and is gone afterwards."""
    chat.asked("Welche Partnerstädte gibt es?")
    chat.page.get_by_role("list", name=TEXTS["replies"]).get_by_role("button", name="Brunnac").click()
    chat.answers.nth(1).wait_for()
    assert chat.questions.last.inner_text() == "Brunnac"
    assert rasa.texts[-1] == "Seit wann Brunnac?"
    assert chat.page.locator(".message .replies").count() == 0


def test_enter_sends_and_shift_enter_begins_a_line(chat: Visit) -> None:
    """Several lines can be written before they are sent."""
    chat.field.press_sequentially("Guten Tag")
    chat.field.press("Shift+Enter")
    chat.field.press_sequentially("Wer sind Sie?")
    assert chat.questions.count() == 0
    chat.field.press("Enter")
    chat.answers.first.wait_for()
    assert chat.questions.first.inner_text() == "Guten Tag\nWer sind Sie?"
    assert chat.field.input_value() == ""


def test_what_is_not_sent_stays_here(chat: Visit) -> None:
    """Text in the field reaches nobody: not by closing, hiding or reloading, and an empty field sends nothing."""
    secret = "Mein geheimer Entwurf"
    bodies: list[str] = []
    chat.page.on("request", lambda request: bodies.append(request.url + (request.post_data or "")))
    chat.field.press_sequentially(secret)
    chat.button("close").click()
    chat.launcher.click()
    assert chat.field.input_value() == secret
    chat.page.reload()
    chat.page.wait_for_timeout(300)
    assert not any("geheim" in body for body in bodies)
    assert chat.stored() == {}
    chat.open().field.press("Enter")
    chat.said(TEXTS["empty"])
    assert not any("/api/message" in url for url in chat.requests)


def test_a_reload_brings_the_conversation_back(chat: Visit) -> None:
    """After a reload all messages are there once, in their order, and the conversation goes on."""
    chat.asked("Welche Partnerstädte gibt es?")
    chat.page.reload()
    chat.answers.first.wait_for()
    chat.said(TEXTS["restored"].format(count=2))
    assert chat.questions.count() == chat.answers.count() == 1
    chat.asked("Und weiter?")
    assert chat.questions.all_inner_texts() == ["Welche Partnerstädte gibt es?", "Und weiter?"]
    chat.check()


def test_a_reload_leaves_the_focus_alone(chat: Visit) -> None:
    """A chat that opens by itself after a reload does not take the focus from the page."""
    chat.asked("Hallo")
    chat.page.reload()
    chat.answers.first.wait_for()
    assert chat.focused().startswith("body")


def test_two_tabs_have_conversations_of_their_own(begin: Begin) -> None:
    """Two tabs of one browser do not see each other's messages."""
    first = begin().go().open()
    second = begin(context=first.context).go().open()
    first.page.bring_to_front()
    first.asked("Eine Frage aus dem ersten Fenster")
    second.page.bring_to_front()
    second.asked("Eine Frage aus dem zweiten Fenster")
    assert first.questions.all_inner_texts() == ["Eine Frage aus dem ersten Fenster"]
    assert second.questions.all_inner_texts() == ["Eine Frage aus dem zweiten Fenster"]


def test_one_conversation_in_two_tabs(begin: Begin) -> None:
    """A tab that was duplicated shows the same conversation, and each message once."""
    first = begin().go().open().asked("Hallo")
    second = begin(context=first.context)
    for key, value in first.stored().items():
        second.page.add_init_script(f"sessionStorage.setItem({key!r}, {value!r})")
    second.go().answers.first.wait_for()
    second.asked("Noch da?")
    first.answers.nth(1).wait_for()
    assert first.questions.all_inner_texts() == second.questions.all_inner_texts() == ["Hallo", "Noch da?"]


def test_a_thumb_with_a_word(chat: Visit) -> None:
    """A thumb is sent at once, the word only by its own button."""
    sent: list[str] = []
    chat.page.on("request", lambda r: sent.append(r.post_data or "") if r.url.endswith("/api/feedback") else None)
    chat.asked("Hallo")
    thumb = chat.page.get_by_role("button", name=f"{TEXTS['helpful']} {TEXTS['down']}")
    thumb.click()
    chat.page.get_by_label(TEXTS["comment"]).fill("Das war zu kurz.")
    assert thumb.get_attribute("aria-pressed") == "true"
    assert len(sent) == 1 and '"value":"down"' in sent[0] and "comment" not in sent[0]
    chat.button("commentSend").click()
    chat.page.locator(".after p").filter(has_text=TEXTS["thanks"]).wait_for()
    assert '"comment":"Das war zu kurz."' in sent[1]
    thumb.click()
    chat.page.wait_for_function("() => true")
    chat.page.wait_for_timeout(100)
    assert '"value":null' in sent[2]


def test_an_answer_is_copied(begin: Begin) -> None:
    """A copy holds the answer without its marks, and the source."""
    visit = begin(permissions=["clipboard-read", "clipboard-write"]).go().open().asked("Welche?")
    visit.page.get_by_role("button", name=TEXTS["copySpoken"]).click()
    visit.said(TEXTS["copied"])
    copied = str(visit.page.evaluate("navigator.clipboard.readText()"))
    assert "- Sturmwick (seit 1958)" in copied and "**" not in copied and copied.endswith(SOURCE)


def test_a_conversation_is_deleted(chat: Visit) -> None:
    """After a question back, nothing is left: not here, not on the device, not at the front desk."""
    chat.asked("Hallo")
    token = re.search(r'"token":"([^"]+)"', "".join(chat.stored().values()))
    assert token
    chat.choose("delete")
    chat.button("deleteNo").click()
    assert chat.questions.count() == 1
    chat.choose("delete")
    chat.page.locator(".confirm .primary").click()
    chat.said(TEXTS["deleted"])
    assert chat.questions.count() == chat.answers.count() == 0
    assert chat.stored() == {}
    assert TEXTS["deletedElsewhere"] not in chat.page.locator(".log").inner_text()
    headers = {"Authorization": f"Bearer {token[1]}"}
    assert chat.page.request.get(f"{chat.url}/api/history", headers=headers).status == 401
    chat.asked("Ein neuer Anfang")
    assert chat.questions.count() == 1


def test_a_conversation_deleted_in_another_tab(begin: Begin) -> None:
    """A tab says so when its conversation was deleted elsewhere."""
    first = begin().go().open().asked("Hallo")
    second = begin(context=first.context)
    for key, value in first.stored().items():
        second.page.add_init_script(f"if (!sessionStorage.length) sessionStorage.setItem({key!r}, {value!r})")
    second.go().answers.first.wait_for()
    first.page.bring_to_front()
    first.choose("delete")
    first.page.locator(".confirm .primary").click()
    second.said(TEXTS["deletedElsewhere"])
    assert second.answers.count() == 0


def test_plain_language_is_a_switch(chat: Visit) -> None:
    """The switch of the menu is sent as a button and shows how it stands, also after a reload."""
    switch = chat.page.get_by_role("switch", name=TEXTS["plain"])
    chat.choose("plain")
    chat.answers.first.wait_for()
    chat.button("menu").click()
    assert switch.get_attribute("aria-checked") == "true"
    chat.page.keyboard.press("Escape")
    chat.page.reload()
    chat.answers.first.wait_for()
    chat.choose("plain")
    chat.answers.nth(1).wait_for()
    chat.button("menu").click()
    assert switch.get_attribute("aria-checked") == "false"


def test_a_conversation_is_saved(chat: Visit, tmp_path: Path) -> None:
    """A file holds the whole conversation as text."""
    chat.asked("Welche Partnerstädte gibt es?")
    with chat.page.expect_download() as download:
        chat.choose("save")
    assert download.value.suggested_filename == TEXTS["file"]
    download.value.save_as(tmp_path / "saved.txt")
    text = (tmp_path / "saved.txt").read_text(encoding="utf-8")
    assert "Welche Partnerstädte gibt es?" in text and "- Sturmwick (seit 1958)" in text and SOURCE in text
    chat.check()


def test_a_conversation_is_printed(chat: Visit) -> None:
    """What is printed is the conversation alone, in a frame of its own."""
    chat.asked("Welche Partnerstädte gibt es?")
    chat.choose("print")
    chat.page.locator("iframe").wait_for(state="attached")
    frame = chat.page.frames[-1]
    text = frame.locator("body").inner_text()
    assert "Welche Partnerstädte gibt es?" in text and SOURCE in text and "Unsere Stadt" not in text
    chat.check()


def test_news_while_the_chat_is_closed(chat: Visit, rasa: Rasa) -> None:
    """The button tells of answers that came while the chat was closed."""
    rasa.wait = 0.5
    chat.ask("Hallo")
    chat.button("close").click()
    chat.launcher.filter(has_text=TEXTS["launcherUnread"].format(count=1)).wait_for()
    chat.launcher.click()
    chat.button("close").click()
    assert TEXTS["launcherUnread"].partition("{")[0] not in chat.launcher.inner_text()


def test_a_page_with_the_chat_in_its_text(visit: Visit) -> None:
    """In mode "inline" there is no button to open it, and the script adds no second chat."""
    visit.inline().ready()
    assert visit.page.locator("partnerstadt-chat").count() == 1
    assert visit.launcher.count() == 0
    visit.asked("Hallo")
    visit.check()


def test_attributes_of_the_script_tag(visit: Visit) -> None:
    """Words of the launcher can be set at the script tag."""
    visit.go(attributes='data-label="Frag die Stadt"')
    assert visit.launcher.inner_text() == "Frag die Stadt"


def test_a_very_long_answer_is_seen_from_its_beginning(chat: Visit, rasa: Rasa) -> None:
    """The page scrolls to the beginning of an answer, not to its end."""
    rasa.reply = lambda _: [{"text": "\n\n".join(f"Absatz {number}" for number in range(60))}]
    chat.asked("Erzählen Sie")
    chat.page.wait_for_timeout(500)
    log, answer = chat.page.locator(".log").bounding_box(), chat.answers.first.bounding_box()
    assert log and answer and log["y"] <= answer["y"] < log["y"] + 100
