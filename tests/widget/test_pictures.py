"""The map and the time line: drawn from the records, readable at every size."""

from __future__ import annotations

import pytest

from tests.widget.parts import PICTURES, TEXTS, Visit

SMALL = 'style="display: block; width: 300px"'


@pytest.mark.parametrize(("question", "drawing"), [("Zeig die Karte", "map"), ("Zeig den Zeitstrahl", "timeline")])
def test_a_picture_that_was_asked_for(chat: Visit, question: str, drawing: str) -> None:
    """An answer can hold a picture; its script is loaded then and not before."""
    chat.asked("Hallo")
    assert not any("partnerstadt-map" in url for url in chat.requests)
    chat.asked(question)
    chat.page.locator(f".message.bot svg.{drawing}").first.wait_for()
    assert any("partnerstadt-map" in url for url in chat.requests)
    chat.check()


@pytest.mark.parametrize(("offer", "drawing"), [("map", "map"), ("timeline", "timeline")])
def test_a_picture_from_the_beginning(chat: Visit, offer: str, drawing: str) -> None:
    """A picture can be looked at without a word, and then nothing is sent or stored."""
    chat.button(offer).click()
    chat.page.locator(f"svg.{drawing}").first.wait_for()
    assert chat.stored() == {}
    assert not any("/api/message" in url for url in chat.requests)


def test_all_places_are_on_the_map(chat: Visit) -> None:
    """Each city with a place has its mark, and its name on one of the two drawings; the rest is named below."""
    chat.button("map").click()
    drawings = chat.page.locator("svg.map")
    drawings.nth(1).wait_for()
    names = sorted(name for text in drawings.all() for name in text.locator("text").all_text_contents())
    placed = [city["name"] for city in PICTURES["cities"] if city["lat"] is not None]
    whole = sorted([*placed, PICTURES["home"]["name"]])
    assert len(names) == len(whole)
    assert all(long.startswith(name.removesuffix("…")) for name, long in zip(names, whole, strict=True))
    assert drawings.first.locator(".mark").count() == len(placed) + 1
    assert chat.page.get_by_text(TEXTS["pictures"]["unplaced"].format(names="Nirgendwo")).is_visible()
    assert chat.page.locator(".legend li").all_inner_texts() == [
        "Musterstadt",
        "Partnerschaft",
        "Freundschaft",
        "Projektpartnerschaft",
    ]


@pytest.mark.parametrize("width", [260, 380, 700])
def test_names_do_not_cover_each_other(visit: Visit, width: int) -> None:
    """On the map and the time line, at three widths, names lie apart and inside the picture."""
    visit.page.set_viewport_size({"width": width + 90, "height": 800})
    visit.inline().ready()
    for offer, drawing in (("map", "map"), ("timeline", "timeline")):
        visit.choose(f"{offer}Title")
        visit.page.locator(f"svg.{drawing}").first.wait_for()
        covered = visit.page.evaluate(
            """(drawing) => {
                const root = document.querySelector("partnerstadt-chat").shadowRoot;
                return [...root.querySelectorAll(`svg.${drawing}`)].flatMap((svg) => {
                    const room = svg.getBoundingClientRect();
                    const names = [...svg.querySelectorAll("text")]
                        .map((text) => [text.textContent, text.getBoundingClientRect()]);
                    const leaves = names.filter(([, box]) => box.left < room.left - 1 || box.right > room.right + 1 ||
                        box.top < room.top - 1 || box.bottom > room.bottom + 1);
                    const covers = names.flatMap(([, a], at) => names.slice(at + 1).filter(([, b]) =>
                        Math.min(a.right, b.right) - Math.max(a.left, b.left) > 3 &&
                        Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 6));
                    return [...leaves, ...covers].map(([name]) => name);
                });
            }""",
            drawing,
        )
        assert covered == []


def test_the_time_line_is_in_order(chat: Visit) -> None:
    """Years run from the top to the foot, and cities without one are named below."""
    chat.button("timeline").click()
    years = chat.page.locator("svg.timeline .year")
    years.first.wait_for()
    assert [int(year) for year in years.all_text_contents()] == sorted(
        city["since"] for city in PICTURES["cities"] if city["since"]
    )
    marks = chat.page.locator("svg.timeline .mark").evaluate_all("(all) => all.map((e) => e.getBoundingClientRect().y)")
    assert marks == sorted(marks)
    assert chat.page.get_by_text(TEXTS["pictures"]["undated"].format(names="Zeitlos")).is_visible()


def test_a_picture_fits_its_room(chat: Visit) -> None:
    """When the window is made large the map is drawn anew, its letters stay as they were."""
    chat.button("map").click()
    drawing = chat.page.locator("svg.map").first
    drawing.wait_for()
    before, size = int(drawing.get_attribute("width") or 0), drawing.locator("text").first.get_attribute("font-size")
    chat.choose("widen")
    chat.page.wait_for_function(
        f"""() => document.querySelector("partnerstadt-chat").shadowRoot.querySelector("svg.map")
            .getAttribute("width") > {before + 100}"""
    )
    assert drawing.locator("text").first.get_attribute("font-size") == size


@pytest.mark.parametrize("offer", ["map", "timeline"])
def test_a_picture_names_its_source(chat: Visit, offer: str) -> None:
    """As every answer does."""
    chat.button(offer).click()
    chat.page.locator("figure svg").first.wait_for()
    line = "Quelle: Stadt Musterstadt, „Partnerschaften“; Lage der Städte: erfunden. Stand: November 2026."
    assert chat.page.locator("figure").get_by_text(line).is_visible()


def test_no_borders_are_drawn(chat: Visit) -> None:
    """The map shows land and sea alone: whose land it is is not for a chat bot to say."""
    chat.button("map").click()
    chat.page.locator("svg.map").first.wait_for()
    assert chat.page.locator("svg.map").first.locator(".land").count() == 1
