"""What the runner itself says, and what it does not read as a question: commands, numbers, words of choices."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from partnerstadt.front.texts import Texts, load_texts
from partnerstadt.gateways.client import City, Event, Welcome
from partnerstadt.gateways.contract import Button, Form, Outgoing
from partnerstadt.gateways.render import numbered, split

FILE = Path(__file__).parent / "texts.yml"
NUMBER = re.compile(r"\W{0,2}(?P<number>[0-9]{1,2})\W{0,2}")
SUGGESTION = re.compile(r"ask-(?P<number>[0-9])")
DELETE, HELP = "delete", "help"


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

    def answer(self, event: Event, cities: Sequence[City] = ()) -> str:
        """What is said in an event, all but its buttons."""
        text = self._texts.text("staff", text=event.text) if event.sender == "staff" else event.text
        parts = [text, self._table(cities) if event.picture and cities else "", event.source or ""]
        return "\n\n".join(part for part in parts if part)

    def _table(self, cities: Sequence[City]) -> str:
        rows = (
            self._texts.text(
                "row_without_year" if city.since is None else "row",
                name=city.name,
                country=city.country,
                since=city.since,
            )
            for city in cities
        )
        return self._texts.text("picture", rows="\n".join(rows))

    def messages(
        self, key: str, text: str, choices: Sequence[Button] = (), sender: str = "system", answers: str | None = None
    ) -> list[Outgoing]:
        """The messages that say a text and offer choices, none too long.

        Args:
            key: of the whole; each part has one made of it.
            text: what is said.
            choices: what may be said next.
            sender: who says it.
            answers: the messenger's id of the question.
        """
        if choices and not self._form.buttons:
            listed = numbered([button.title for button in choices])
            hint = "suggest" if SUGGESTION.fullmatch(choices[0].id) else "choose"
            text = f"{text}\n\n{self._texts.text(hint, choices=listed)}"
        parts = split(text, self._form.longest, self._form.length)
        return [
            Outgoing(
                key=f"{key[:-2]}{number:02x}",
                text=part,
                buttons=tuple(choices) if self._form.buttons and number == len(parts) - 1 else (),
                sender=sender,
                answers=answers,
            )
            for number, part in enumerate(parts)
        ]
