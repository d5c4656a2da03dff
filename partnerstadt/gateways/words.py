"""What the runner itself says, and what it does not read as a question: commands, numbers, words of choices."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from partnerstadt.front.texts import Texts, load_texts
from partnerstadt.gateways.client import City, Event, Welcome
from partnerstadt.gateways.contract import Button, Form, Outgoing, Picture
from partnerstadt.gateways.render import numbered, split

FILE = Path(__file__).parent / "texts.yml"
NUMBER = re.compile(r"\W{0,2}(?P<number>[0-9]{1,2})\W{0,2}")
SUGGESTION = re.compile(r"ask-(?P<number>[0-9])")
DELETE, HELP = "delete", "help"
PICTURE = "ff"  # the end of its key; there are never so many parts


def plain_words(text: str) -> str:
    """A text as it is compared: without capitals, marks and superfluous spaces."""
    return " ".join(re.sub(r"[^\w/]+", " ", text.casefold()).split())


def chosen(text: str, choices: Sequence[Button], by_number: bool) -> Button | None:
    """The choice that somebody means with a text: its number, where that counts, or its words."""
    found = NUMBER.fullmatch(text.strip())
    if found and by_number and 1 <= int(found["number"]) <= len(choices):
        return choices[int(found["number"]) - 1]
    said = plain_words(text)
    return next((button for button in choices if said and plain_words(button.title) == said), None)


class Words:
    """The texts of a gateway, in the form of its messenger.

    Args:
        form: what the messenger can show.
        texts: the sentences.
    """

    def __init__(self, form: Form, texts: Texts | None = None) -> None:
        self._form = form
        self._texts = texts or load_texts(FILE)
        self._commands = {
            plain_words(words): command for command in (DELETE, HELP) for words in self._texts.list("words", command)
        }

    def command(self, text: str) -> str | None:
        """The command that a text is, if it is one."""
        return self._commands.get(plain_words(text))

    def text(self, key: str) -> str:
        """A sentence."""
        return self._texts.text(key)

    def greeting(self, welcome: Welcome, ask: bool) -> tuple[str, tuple[Button, ...]]:
        """The first words, and questions to begin with if somebody has not asked one yet."""
        parts = [*welcome.greeting, self._texts.text("notice", notice=welcome.notice)]
        if welcome.announcement:
            parts.insert(0, welcome.announcement)
        parts.append(self._texts.text("help", words=self._texts.list("words", DELETE)[0]))
        if welcome.links:
            parts.append(" | ".join(f"[{title}]({url})" for title, url in welcome.links))
        suggestions = tuple(Button(f"ask-{number}", text) for number, text in enumerate(welcome.suggestions))
        return "\n\n".join(parts), suggestions if ask else ()

    def answer(self, event: Event, cities: Sequence[City] = (), shown: bool = True) -> str:
        """What is said in an event, all but its buttons and its picture.

        Args:
            event: what has happened.
            cities: of its picture, for those who cannot see it.
            shown: whether there is one to see.
        """
        text = self._texts.text("staff", text=event.text) if event.sender == "staff" else event.text
        sorry = "" if shown or not event.picture else self._texts.text("no_picture")
        parts = [text, sorry, self._list(event.text, cities) if event.picture else "", event.source or ""]
        return "\n\n".join(part for part in parts if part)

    def picture(self, name: str, png: bytes) -> Picture:
        """A picture of the front desk, with its words."""
        return Picture(png, self._texts.text("pictures", name, "file"), self._texts.text("pictures", name, "words"))

    def without_picture(self, message: Outgoing) -> Outgoing:
        """What is sent instead of a message with a picture."""
        return replace(message, picture=None, text=self._texts.text("no_picture") if self._form.apart else message.text)

    def _list(self, text: str, cities: Sequence[City]) -> str:
        """The cities of a picture that are not named in the text already."""
        unnamed = [city for city in cities if city.name not in text]
        if not unnamed:
            return ""
        rows = (
            self._texts.text(
                "row_without_year" if city.since is None else "row",
                name=city.name,
                country=city.country,
                since=city.since,
            )
            for city in unnamed
        )
        return self._texts.text("list" if len(unnamed) == len(cities) else "more", rows="\n".join(rows))

    def messages(
        self,
        key: str,
        text: str,
        choices: Sequence[Button] = (),
        sender: str = "system",
        answers: str | None = None,
        picture: Picture | None = None,
    ) -> list[Outgoing]:
        """The messages that say a text, show a picture and offer choices, none too long.

        Args:
            key: of the whole; each part has one made of it.
            text: what is said.
            choices: what may be said next.
            sender: who says it.
            answers: the messenger's id of the question.
            picture: what is shown before the text.
        """
        if choices and not self._form.buttons:
            listed = numbered([button.title for button in choices])
            hint = "suggest" if SUGGESTION.fullmatch(choices[0].id) else "choose"
            text = f"{text}\n\n{self._texts.text(hint, choices=listed)}"
        parts = split(text, self._form.longest, self._form.length)
        said = [
            Outgoing(
                key=f"{key[:-2]}{number:02x}",
                text=part,
                buttons=tuple(choices) if self._form.buttons and number == len(parts) - 1 else (),
                sender=sender,
                answers=answers,
            )
            for number, part in enumerate(parts)
        ]
        if picture is None:
            return said
        if self._form.apart:
            return [Outgoing(f"{key[:-2]}{PICTURE}", picture.words, (), sender, answers, picture), *said]
        return [replace(said[0], picture=picture), *said[1:]]
