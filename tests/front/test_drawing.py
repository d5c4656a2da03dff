"""Map and time line as pictures."""

from __future__ import annotations

import io
import math

import pytest
from PIL import Image, ImageColor

from partnerstadt.front import drawing
from partnerstadt.front.drawing import HOME, SIGN, WIDTH, Box, cut, draw, labels, outlines, project, rows, wide
from partnerstadt.records.load import load_records
from partnerstadt.records.models import Records
from tests.support import MUSTERSTADT, TODAY


def colours(png: bytes) -> set[tuple[int, int, int]]:
    """The colours of a picture."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    found = image.getcolors(1 << 20)
    assert image.format is None and image.width == WIDTH and found is not None
    return {colour for _, colour in found if isinstance(colour, tuple)}


def near(colour: str, found: set[tuple[int, int, int]]) -> bool:
    """Whether a colour is among those found, or one that the eye takes for it."""
    return any(math.dist(ImageColor.getrgb(colour), other) < 12 for other in found)


@pytest.mark.parametrize("picture", ["map", "timeline"])
def test_picture_is_small_and_has_its_signs(picture: str, dortmund_records: Records) -> None:
    """A PNG for a telephone in a bad network; the home city is on the map."""
    png = draw(picture, dortmund_records)
    assert png is not None and png.startswith(b"\x89PNG") and len(png) < 150_000
    assert near(SIGN, colours(png)) and near(HOME, colours(png)) is (picture == "map")


def test_same_records_give_the_same_picture(dortmund_records: Records) -> None:
    """Or it would be loaded again for nothing."""
    assert draw("map", dortmund_records) == draw("map", dortmund_records)


def test_every_name_is_written(dortmund_records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each once on each picture that can hold it, with letters that the font has."""
    written: list[str] = []
    write = drawing.Paper.text

    def remember(paper: drawing.Paper, at: drawing.Point, text: str, *more: object, **others: object) -> None:
        written.append(text)
        write(paper, at, text, *more, **others)  # type: ignore[arg-type]

    monkeypatch.setattr(drawing.Paper, "text", remember)
    draw("map", dortmund_records)
    names = [p.name for p in dortmund_records.partnerships]
    assert sorted(set(written) & set(names)) == sorted(names) and all(written.count(name) == 1 for name in names)
    written.clear()
    draw("timeline", dortmund_records)
    assert {p.name for p in dortmund_records.partnerships if p.year} == set(written) & set(names)


def test_records_without_places_or_years_have_no_picture(dortmund_records: Records) -> None:
    """Instead of an empty one; a home city without a place is only not on it."""
    empty = dortmund_records.copy(update={"partnerships": []})
    assert draw("map", empty) is None and draw("timeline", empty) is None
    musterstadt = draw("map", load_records(MUSTERSTADT, TODAY))
    assert musterstadt is not None and not near(HOME, colours(musterstadt))


def test_outlines_are_those_of_the_world() -> None:
    """In the same projection as the cities: Dortmund and Xi'an lie on land, the middle of the Atlantic does not."""

    def on_land(latitude: float, longitude: float) -> bool:
        x, y = project(latitude, longitude)
        crossed = False
        for ring in outlines():
            for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
                if (y1 > y) != (y2 > y) and x < x1 + (y - y1) / (y2 - y1) * (x2 - x1):
                    crossed = not crossed
        return crossed

    assert on_land(51.51, 7.47) and on_land(34.27, 108.93) and on_land(6.69, -1.63)
    assert not on_land(40, -40) and not on_land(-30, -120)


def test_names_do_not_cover_each_other() -> None:
    """Where there is room beside their points."""
    points = [(300.0, 300.0), (330.0, 320.0), (500.0, 330.0)]
    room = Box(0, 0, WIDTH, 700)
    boxes = labels(points, ["Amiens", "Leeds", "Novi Sad"], room)
    assert all(a.overlap(b) == 0 for a in boxes for b in boxes if a is not b)
    assert all(box.overlap(room) == pytest.approx(box.width * box.height) for box in boxes)


def test_rows_keep_their_distance_and_their_order() -> None:
    """And stay where they want to be, where nothing is in the way."""
    assert rows([0, 500, 510, 1000], 100) == pytest.approx([0, 455, 555, 1000])


def test_long_name_is_cut_to_the_room_there_is() -> None:
    """With a sign that it goes on."""
    short = cut("Llanfairpwllgwyngyllgogerychwyrndrobwll", 200)
    assert short.endswith("…") and wide(short) <= 200 and cut("Leeds", 200) == "Leeds"
