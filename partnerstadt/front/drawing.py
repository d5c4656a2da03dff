"""Map and time line as PNG for messengers, which draw nothing themselves; in a browser the chat draws its own.

The same map as the chat's (widget/src/pictures): the same outlines, projection, signs and places for names.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from partnerstadt.front.open_data import texts
from partnerstadt.records.models import Kind, Partnership, Records, Status

# All lengths are pixels of the finished picture; it is drawn larger, so that edges become smooth.
WIDTH, LETTER, MARGIN = 1200, 36, 28
FINE = 2
COLOURS = 128
PAPER, SEA, LAND = "#ffffff", "#e6eef4", "#c3ccd3"
TEXT, MUTED, SIGN, HOME, ARC = "#16212b", "#4b5b68", "#0b5c8e", "#b3261e", "#86b1cc"

# The projected world, in whose units the outlines are kept (projection.ts: Equal Earth).
WORLD = 2400
A1, A2, A3, A4 = 1.340264, -0.081106, 0.000893, 0.003796
OUTLINES = Path(__file__).parent / "static" / "land.txt"
# As in map.ts: what lies together, the shape of a map, the longest name as a part of its width.
NEAR, SHAPE, LONGEST = 2.4, 0.62, 0.4
# As in timeline.ts, in heights of a letter: between two names, for one year, left of the line, above it.
ROW, YEAR, AXIS, ABOVE = 2.9, 0.5, 4, 2.2

Point = tuple[float, float]


def draw(picture: str, records: Records) -> bytes | None:
    """A picture as PNG; None if there is nothing that could be on it.

    Args:
        picture: map or timeline.
        records: what is shown.
    """
    return DRAWN[picture](records)


@dataclass(frozen=True)
class Box:
    """A part of a picture or of the world: its upper left corner and its size."""

    x: float
    y: float
    width: float
    height: float

    def overlap(self, other: Box) -> float:
        """The area that is in both."""
        wide = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        high = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        return max(0.0, wide) * max(0.0, high)


@dataclass(frozen=True)
class Place:
    """A city on the map; the home city has no partnership."""

    name: str
    at: Point
    city: Partnership | None


class Paper:
    """White paper of a height, and pens for it."""

    def __init__(self, height: float) -> None:
        self.height = math.ceil(height)
        self._image = Image.new("RGB", (WIDTH * FINE, self.height * FINE), PAPER)
        self._pen = ImageDraw.Draw(self._image)

    def png(self) -> bytes:
        """The finished picture."""
        out = io.BytesIO()
        small = self._image.reduce(FINE).quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        small.save(out, "PNG", optimize=True)
        return out.getvalue()

    def paste(self, other: Paper, y: float) -> None:
        """Put another picture onto this one, at a distance from the upper edge."""
        self._image.paste(other._image, (0, round(y * FINE)))

    def area(self, corners: Sequence[Point], colour: str) -> None:
        """Fill an area."""
        self._pen.polygon(_fine(corners), fill=colour)

    def line(self, points: Sequence[Point], colour: str, width: float = 2) -> None:
        """Draw a line."""
        self._pen.line(_fine(points), fill=colour, width=round(width * FINE), joint="curve")

    def frame(self, box: Box, colour: str) -> None:
        """Draw the edges of a box."""
        corners = _fine([(box.x, box.y), (box.x + box.width, box.y + box.height)])
        self._pen.rectangle(corners, outline=colour, width=2 * FINE)

    def disc(self, at: Point, radius: float, colour: str, edge: str = PAPER) -> None:
        """Draw a disc with an edge."""
        (x, y), r = at, radius
        self._pen.ellipse(_fine([(x - r, y - r), (x + r, y + r)]), fill=colour, outline=edge, width=round(2.5 * FINE))

    def sign(self, city: Partnership | None, at: Point, radius: float) -> None:
        """A ring around a disc for the home city, a disc for a partner city, a diamond for any other kind (mark.ts)."""
        if city is None:
            self.disc(at, radius * 1.75, PAPER, HOME)
            self.disc(at, radius * 0.95, HOME)
            return
        fill, edge = (PAPER, SIGN) if city.status is Status.ENDED else (SIGN, PAPER)
        if city.kind is Kind.PARTNERSCHAFT:
            self.disc(at, radius, fill, edge)
            return
        for reach, colour in ((1.6, edge), (1.3, fill)):
            (x, y), d = at, radius * reach
            self.area([(x, y - d), (x + d, y), (x, y + d), (x - d, y)], colour)

    def text(
        self, at: Point, text: str, size: float, colour: str = TEXT, bold: bool = False, right: bool = False
    ) -> None:
        """Write one line; `at` is the middle of its left end, or of its right one."""
        self._pen.text(
            _fine([at])[0],
            text,
            font=_font(size, bold),
            fill=colour,
            anchor="rm" if right else "lm",
            stroke_width=round(size / 12 * FINE),
            stroke_fill=PAPER,
        )


def _fine(points: Sequence[Point]) -> list[Point]:
    return [(x * FINE, y * FINE) for x, y in points]


@lru_cache
def _font(size: float, bold: bool = False) -> ImageFont.FreeTypeFont:
    # Matplotlib, which Rasa brings, carries DejaVu Sans, which has the letters of every partner city.
    found = find_spec("matplotlib")
    assert found is not None and found.origin is not None
    fonts = Path(found.origin).parent / "mpl-data" / "fonts" / "ttf"
    return ImageFont.truetype(fonts / f"DejaVuSans{'-Bold' if bold else ''}.ttf", round(size * FINE))


def wide(text: str, size: float = LETTER, bold: bool = True) -> float:
    """How wide a text is."""
    return _font(size, bold).getlength(text) / FINE


def cut(name: str, room: float, size: float = LETTER) -> str:
    """As much of a name as there is room for; the list beside the picture has all of it."""
    if wide(name, size) <= room:
        return name
    while len(name) > 1 and wide(f"{name}…", size) > room:
        name = name[:-1]
    return f"{name.rstrip()}…"


# --- the map ---------------------------------------------------------------------------------------------------------


def _equal_earth(latitude: float, longitude: float) -> Point:
    t = math.asin(math.sqrt(3) / 2 * math.sin(math.radians(latitude)))
    t2 = t * t
    t6 = t2**3
    slope = A1 + 3 * A2 * t2 + t6 * (7 * A3 + 9 * A4 * t2)
    return math.radians(longitude) * math.cos(t) / (math.sqrt(3) / 2 * slope), t * (A1 + A2 * t2 + t6 * (A3 + A4 * t2))


SCALE = WORLD / 2 / _equal_earth(0, 180)[0]
TOP = _equal_earth(90, 0)[1] * SCALE


def project(latitude: float, longitude: float) -> Point:
    """Where a place lies in the projected world; north is up, the upper left corner is near 0, 0."""
    x, y = _equal_earth(latitude, longitude)
    return WORLD / 2 + x * SCALE, TOP - y * SCALE


@lru_cache
def outlines() -> list[list[Point]]:
    """The outlines of the land, projected: of each, its corners."""
    rings = []
    for x, y, steps in re.findall(r"M(-?\d+) (-?\d+)l([^Mz]+)z", OUTLINES.read_text(encoding="ascii")):
        ring = [(float(x), float(y))]
        numbers = [float(number) for number in re.findall(r"-?\d+", steps)]
        for dx, dy in zip(numbers[::2], numbers[1::2], strict=True):
            ring.append((ring[-1][0] + dx, ring[-1][1] + dy))
        rings.append(ring)
    return rings


def _map(records: Records) -> bytes | None:
    home = records.city.location
    places = [Place(p.name, project(p.location.latitude, p.location.longitude), p) for p in records.partnerships]
    if not places:
        return None
    if home is not None:
        places.insert(0, Place(records.city.name, project(home.latitude, home.longitude), None))
    whole = _view(places, 0.14, WORLD * 0.42)
    crowd = _largest(places, NEAR * LETTER * whole.width / WIDTH)
    close = _view(crowd, 0.2, WORLD * 0.08) if len(crowd) > 2 else None
    sheets = [_sheet(whole, places, [p for p in places if p not in crowd] if close else places, close)]
    if close:
        sheets.append(_sheet(close, places, crowd, None))
    return _finished("map", sheets, records.city.name if home else None, records.partnerships)


def _view(places: Sequence[Place], margin: float, least: float) -> Box:
    """The part of the world around some places."""
    xs, ys = zip(*(place.at for place in places), strict=True)
    across, down = max(xs) - min(xs), max(ys) - min(ys)
    width = min(WORLD, max(across, down / SHAPE, least) * (1 + 2 * margin))
    height = width * SHAPE
    x = min(max(0.0, min(xs) + across / 2 - width / 2), WORLD - width)
    return Box(x, max(0.0, min(ys) + down / 2 - height / 2), width, height)


def _largest(places: Sequence[Place], distance: float) -> list[Place]:
    """The largest group of places each of which has another one of the group near it."""
    rest, best = list(places), list[Place]()
    while rest:
        group = [rest.pop()]
        for member in group:
            near = [other for other in rest if math.dist(other.at, member.at) < distance]
            group += near
            rest = [other for other in rest if other not in near]
        best = max(best, group, key=len)
    return best


def _sheet(part: Box, places: Sequence[Place], named: Sequence[Place], close: Box | None) -> Paper:
    scale = WIDTH / part.width
    paper = Paper(part.height * scale)

    def at(point: Point) -> Point:
        return (point[0] - part.x) * scale, (point[1] - part.y) * scale

    paper.area([(0, 0), (WIDTH, 0), (WIDTH, paper.height), (0, paper.height)], SEA)
    for ring in outlines():
        paper.area([at(point) for point in ring], LAND)
    if close:
        paper.frame(Box(*at((close.x, close.y)), close.width * scale, close.height * scale), TEXT)
    home = next((place for place in places if place.city is None), None)
    for place in places:
        if home is not None and place is not home:
            paper.line(_arc(at(home.at), at(place.at)), ARC)
    # The home city last, so that nothing lies over it.
    for place in reversed(places):
        small = close is not None and place not in named
        paper.sign(place.city, at(place.at), LETTER * (0.2 if small else 0.28))
    names = [cut(place.name, WIDTH * LONGEST) for place in named]
    room = Box(4, 4, WIDTH - 8, paper.height - 8)
    for name, place, box in zip(names, named, labels([at(p.at) for p in named], names, room), strict=True):
        paper.text((box.x, box.y + box.height / 2), name, LETTER, TEXT if place.city else HOME, bold=True)
    return paper


def _arc(start: Point, end: Point) -> list[Point]:
    """A line that rises a little, as on maps of flights."""
    (x1, y1), (x2, y2) = start, end
    mx, my = (x1 + x2) / 2, (y1 + y2) / 2 - math.dist(start, end) * 0.14
    parts = [step / 24 for step in range(25)]
    return [
        ((1 - t) ** 2 * x1 + 2 * t * (1 - t) * mx + t**2 * x2, (1 - t) ** 2 * y1 + 2 * t * (1 - t) * my + t**2 * y2)
        for t in parts
    ]


def labels(points: Sequence[Point], names: Sequence[str], room: Box) -> list[Box]:
    """Where names go: of the places around each point the one that covers least (labels.ts)."""
    gap = LETTER * 0.62
    dots = [Box(x - gap / 2, y - gap / 2, gap, gap) for x, y in points]
    choices = [_around(point, wide(name), gap) for point, name in zip(points, names, strict=True)]
    chosen: list[Box | None] = [None] * len(points)

    def cost(box: Box, own: int) -> float:
        others = [other for other in (*dots[:own], *dots[own + 1 :], *chosen[:own], *chosen[own + 1 :]) if other]
        return sum(map(box.overlap, others)) + (box.width * box.height - box.overlap(room)) * 4

    # Later names push earlier ones to better places.
    for _ in range(4):
        for own, some in enumerate(choices):
            # Of places that are as good, the first.
            chosen[own] = min(some, key=lambda box, own=own: math.floor(cost(box, own)))  # type: ignore[misc]
    return [box for box in chosen if box is not None]


def _around(point: Point, width: float, gap: float) -> list[Box]:
    """The places for a name around a point, the best to read first."""
    (x, y), height = point, LETTER * 1.1
    left, right, middle = x - gap - width, x + gap, x - width / 2
    above, beside, below = y - gap - height, y - height / 2, y + gap
    corner = gap * 0.3
    return [
        Box(right, beside, width, height),
        Box(left, beside, width, height),
        Box(middle, above, width, height),
        Box(middle, below, width, height),
        Box(right - corner, above + corner, width, height),
        Box(left + corner, above + corner, width, height),
        Box(right - corner, below - corner, width, height),
        Box(left + corner, below - corner, width, height),
    ]


# --- the time line ---------------------------------------------------------------------------------------------------


def _timeline(records: Records) -> bytes | None:
    known = sorted(((p.year, p.name, p) for p in records.partnerships if p.year is not None), key=lambda row: row[:2])
    if not known:
        return None
    years = [year for year, _, _ in known]
    start, end = years[0] // 10 * 10, (years[-1] + 10) // 10 * 10
    per_year = max(YEAR * LETTER, len(known) * ROW * LETTER / (end - start))

    def y(year: int) -> float:
        return ABOVE * LETTER + (year - start) * per_year

    names = rows([y(year) for year in years], ROW * LETTER)
    axis, words = AXIS * LETTER, (AXIS + 3) * LETTER
    paper = Paper(max(y(end), names[-1] + 1.5 * LETTER) + LETTER)
    paper.line([(axis, y(start)), (axis, y(end))], MUTED, 3)
    for year in range(start, end + 1, 10):
        paper.line([(axis - LETTER * 0.4, y(year)), (axis, y(year))], MUTED)
        paper.text((axis - LETTER * 0.6, y(year)), str(year), LETTER, MUTED, right=True)
    for (year, name, city), at in zip(known, names, strict=True):
        paper.line([(axis, y(year)), (words - LETTER * 0.4, at)], MUTED)
        paper.sign(city, (axis, y(year)), LETTER * 0.4)
        paper.text((words, at), f"{year} ", LETTER, SIGN, bold=True)
        after = words + wide(f"{year} ")
        paper.text((after, at), cut(name, WIDTH - MARGIN - after), LETTER, bold=True)
        paper.text((words, at + LETTER * 1.15), cut(city.country_label, WIDTH - MARGIN - words), LETTER * 0.85, MUTED)
    return _finished("timeline", [paper], None, [city for _, _, city in known])


def rows(wanted: Sequence[float], row: float) -> list[float]:
    """Where names go: as near to their years as a row between any two allows (pool adjacent violators, timeline.ts)."""
    pools: list[tuple[float, int]] = []
    for index, at in enumerate(wanted):
        total, count = at - index * row, 1
        while pools and pools[-1][0] / pools[-1][1] >= total / count:
            above, so_many = pools.pop()
            total, count = total + above, count + so_many
        pools.append((total, count))
    offsets = [total / count for total, count in pools for _ in range(count)]
    return [max(offset, wanted[0] - row / 3) + index * row for index, offset in enumerate(offsets)]


# --- both ------------------------------------------------------------------------------------------------------------


def _finished(picture: str, sheets: Sequence[Paper], home: str | None, shown: Sequence[Partnership]) -> bytes:
    """A title, the drawings below each other, and what the signs mean."""
    title = LETTER * 1.9
    lines = _legend(home, shown)
    step = LETTER * 1.5
    paper = Paper(title + sum(sheet.height + MARGIN for sheet in sheets) + step * len(lines))
    paper.text((MARGIN, title / 2), texts()["pictures"][picture], LETTER * 1.15, bold=True)
    y = title
    for sheet in sheets:
        paper.paste(sheet, y)
        y += sheet.height + MARGIN
    for line in lines:
        for x, name, city in line:
            paper.sign(city, (x, y + step / 3), LETTER * 0.28)
            paper.text((x + LETTER * 0.9, y + step / 3), name, LETTER * 0.85, MUTED)
        y += step
    return paper.png()


def _legend(home: str | None, shown: Sequence[Partnership]) -> list[list[tuple[float, str, Partnership | None]]]:
    """The signs that occur, each with its place in its line and its meaning."""
    kinds = {city.kind.value: city.copy(update={"status": Status.UNKNOWN}) for city in reversed(shown)}
    entries = [(home, None)] if home else []
    lines: list[list[tuple[float, str, Partnership | None]]] = [[]]
    x = right = MARGIN + LETTER * 0.5
    for name, city in [*entries, *reversed(kinds.items())]:
        needed = LETTER * 2 + wide(name, LETTER * 0.85, bold=False)
        if x > right and x + needed > WIDTH:
            lines.append([])
            x = right
        lines[-1].append((x, name, city))
        x += needed
    return lines


DRAWN: dict[str, Callable[[Records], bytes | None]] = {"map": _map, "timeline": _timeline}
