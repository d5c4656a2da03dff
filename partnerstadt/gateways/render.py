"""One text, in the form of each channel: plain, Markdown, HTML; and cut where it is too long.

Texts of the front desk are paragraphs and lines; a line that begins with "- " is an entry of a list; **bold** and
[words](address) stand within a line. That is all the markup there is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import escape
from itertools import groupby

BOLD = re.compile(r"\*\*(?P<bold>[^\n]+?)\*\*")
LINK = re.compile(r"\[(?P<words>[^\]\n]+)\]\((?P<address>(?:https?://|mailto:|tel:)[^\s)]+)\)")
MARKED = re.compile(f"{BOLD.pattern}|{LINK.pattern}")
ENTRY = "- "
# Where a sentence ends: not after a number ("3. Oktober") or a single letter ("z. B.", "Dr.").
SENTENCE_END = re.compile(r"(?<=[.!?…])(?<!\b\w\.)(?<!\d\.)(?<!\bDr\.)(?<!\bSt\.)(?<!\bca\.)(?<!\bbzw\.)\s+")

# One step of a text: what stands there, whether it is bold, where it leads.
Run = tuple[str, bool, str]


def runs(line: str) -> Iterator[Run]:
    """The parts of one line."""
    last = 0
    for found in MARKED.finditer(line):
        if found.start() > last:
            yield line[last : found.start()], False, ""
        yield (found["bold"], True, "") if found["bold"] else (found["words"], False, found["address"])
        last = found.end()
    if last < len(line):
        yield line[last:], False, ""


def plain(text: str) -> str:
    """Without any markup; an address stands in brackets after its words."""
    return "\n".join("".join(_plain(run) for run in runs(line)) for line in text.split("\n"))


def _plain(run: Run) -> str:
    words, _, address = run
    shown = address.removeprefix("mailto:").removeprefix("tel:")
    return words if not address or words == shown else f"{words} ({shown})"


def html_lines(text: str) -> str:
    """HTML of a messenger that knows neither paragraphs nor lists (Telegram): lines with <b> and <a>."""
    return "\n".join(
        f"• {_inline(line.removeprefix(ENTRY), 'b')}" if line.startswith(ENTRY) else _inline(line, "b")
        for line in text.split("\n")
    )


def html(text: str) -> str:
    """HTML with paragraphs and lists (Matrix, e-mail)."""
    return "".join(_block(block) for block in re.split(r"\n\s*\n", text.strip()) if block.strip())


def _block(block: str) -> str:
    parts = []
    for listed, lines in groupby(block.split("\n"), lambda line: line.startswith(ENTRY)):
        if listed:
            entries = "".join(f"<li>{_inline(line.removeprefix(ENTRY), 'strong')}</li>" for line in lines)
            parts.append(f"<ul>{entries}</ul>")
        else:
            parts.append(f"<p>{'<br>'.join(_inline(line, 'strong') for line in lines)}</p>")
    return "".join(parts)


def _inline(line: str, bold: str) -> str:
    shown = []
    for words, is_bold, address in runs(line):
        inner = escape(words, quote=False)
        if is_bold:
            inner = f"<{bold}>{inner}</{bold}>"
        shown.append(f'<a href="{escape(address)}">{inner}</a>' if address else inner)
    return "".join(shown)


def markdown(text: str) -> str:
    """CommonMark: what has a meaning there and none here is escaped."""
    return "\n".join(_markdown_line(line) for line in text.split("\n"))


def _markdown_line(line: str) -> str:
    prefix = ENTRY if line.startswith(ENTRY) else ""
    parts: list[str] = []
    for words, is_bold, address in runs(line.removeprefix(prefix)):
        inner = re.sub(r"([\\`*_\[\]<>#~|])", r"\\\1", words)
        if not parts and not prefix:
            inner = re.sub(r"^(\s*)(\d+)([.)]) ", r"\1\2\\\3 ", re.sub(r"^(\s*)([+-]) ", r"\1\\\2 ", inner))
        inner = f"**{inner}**" if is_bold else inner
        parts.append(f"[{inner}]({address})" if address else inner)
    return prefix + "".join(parts)


def numbered(titles: list[str]) -> str:
    """Choices where there are no buttons."""
    return "\n".join(f"{number}) {title}" for number, title in enumerate(titles, 1))


def split(text: str, longest: int, length: Callable[[str], int]) -> list[str]:
    """Cut a text where it is too long: between paragraphs, else lines, else sentences, else words.

    Only a single word that is longer than all that fits is cut in itself. Bold words and links stay whole.

    Args:
        text: in our markup.
        longest: so long a piece may be.
        length: how it is counted.
    """
    pieces: list[str] = []
    rest = text.strip()
    while rest:
        if length(rest) <= longest:
            pieces.append(rest)
            break
        cut = _cut(rest, longest, length)
        pieces.append(rest[:cut].rstrip())
        rest = rest[cut:].strip()
    return pieces


def _cut(text: str, longest: int, length: Callable[[str], int]) -> int:
    for ends in (r"\n\s*\n", r"\n", SENTENCE_END.pattern, r"\s+"):
        marked = [found.span() for found in MARKED.finditer(text)]
        places = [found.start() for found in re.finditer(ends, text)]
        free = [place for place in places if place and not any(begin < place < end for begin, end in marked)]
        fitting = _last_that_fits(text, free, longest, length)
        # A piece that is nearly empty would only be odd.
        if fitting and (length(text[:fitting]) >= longest // 4 or ends == r"\s+"):
            return fitting
    return max(_last_that_fits(text, list(range(1, len(text))), longest, length), 1)


def _last_that_fits(text: str, places: list[int], longest: int, length: Callable[[str], int]) -> int:
    low, high = 0, len(places)
    while low < high:
        middle = (low + high) // 2
        if length(text[: places[middle]]) <= longest:
            low = middle + 1
        else:
            high = middle
    return places[low - 1] if low else 0
