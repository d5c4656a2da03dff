"""The gateway to e-mail, with a real Postfix and a real Dovecot."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from partnerstadt.front import mails
from tests.gateways.mail_server import DOMAIN, MailServer
from tests.gateways.mail_world import BOT, Mails, Writer, composed, files_of, mail_server, mails_of, text_of
from tests.gateways.parts import never, until
from tests.gateways.suite import Suite, WithLimits, WithRepetitions, World, answers, begun

CONNECTIONS = 10  # that Dovecot gives one user on one machine
NAMES = ["liste", "kim", "lee", *(f"person{number}" for number in range(1, 120))]


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    """The mail server."""
    with mail_server(NAMES) as started:
        yield started


def waiting(world: World) -> list[mails.Mail]:
    """What lies before the staff."""
    return world.front.desk.store.within_reading(mails.waiting)


class TestAutomatic(Suite, WithRepetitions, WithLimits):
    """All that every gateway promises, where the bot answers by itself."""

    @pytest.fixture(scope="class")
    def messenger(self, server: MailServer) -> Mails:
        """The server and people."""
        return Mails(server, automatic=True)

    def test_too_long_a_message_is_explained(self, world: World) -> None:
        """By people: what is too long for the bot is put before the staff."""
        person = begun(world)
        person.say("lang " * 300)
        until(lambda: [mail for mail in waiting(world) if mail.text.startswith("lang lang")])
        person.say("kurz")
        until(lambda: answers(person, "kurz") == 1)

    def test_machines_and_lists_get_no_answer(self, world: World, server: MailServer) -> None:
        """Neither from the bot nor from the staff; whoever writes afterwards is answered."""
        writer = Writer(server, "liste")
        for headers in ({"Auto-Submitted": "auto-replied"}, {"List-Id": "<liste.example.org>"}, {"Precedence": "bulk"}):
            mail = composed(writer.address, "bin im urlaub")
            for name, value in headers.items():
                mail[name] = value
            writer.send(mail)
        server.deliver(composed(writer.address, "unzustellbar").as_bytes(), "", BOT)
        before = len(waiting(world))
        begun(world)
        assert not writer.mails() and len(waiting(world)) == before
        assert world.asked("bin im urlaub") == world.asked("unzustellbar") == 0

    def test_server_asks_to_wait(self, world: World, server: MailServer) -> None:
        """By refusing for now what is too much in a minute; the answer comes when it may, once."""
        person = begun(world)
        world.messenger.limit(60)
        try:
            refused = server.log().count("request rate limit exceeded")
            person.say("in ruhe")
            until(lambda: server.log().count("request rate limit exceeded") > refused, 50)
            assert answers(person, "in ruhe") == 0
        finally:
            server.let_send(0)
        until(lambda: answers(person, "in ruhe") == 1)
        never(lambda: answers(person, "in ruhe") > 1)

    def test_recipient_is_put_off(self, world: World, server: MailServer) -> None:
        """Who has a server that wants to be asked again gets the answer then, once; others do not wait."""
        late, other = begun(world), begun(world)
        server.put_off(late.address)  # type: ignore[attr-defined]
        try:
            late.say("nicht gleich")
            until(lambda: "4.2.0" in server.log(), 50)
            other.say("aber ich")
            until(lambda: answers(other, "aber ich") == 1)
            assert answers(late, "nicht gleich") == 0
        finally:
            server.put_off()
        until(lambda: answers(late, "nicht gleich") == 1)
        never(lambda: answers(late, "nicht gleich") > 1)

    def test_mailbox_takes_no_more_connections(self, world: World, server: MailServer) -> None:
        """That is no wrong password; what was asked meanwhile is answered once there are some again."""
        person = begun(world)
        world.gateway.end()
        others = [server.mailbox(BOT.partition("@")[0]) for _ in range(CONNECTIONS)]
        said = len(world.gateway.printed())
        world.gateway.start()
        person.say("kein platz")
        refused = "cannot be reached (the mailbox takes no more connections)"
        until(lambda: refused in world.gateway.printed()[said:], 60)
        for connection in others:
            connection.logout()
        until(lambda: answers(person, "kein platz") == 1)
        assert "is refused" not in world.gateway.printed()[said:]

    def test_mail_not_addressed_to_us_is_put_before_the_staff(self, world: World, server: MailServer) -> None:
        """The bot answers only who wrote to it."""
        writer = Writer(server, "liste")
        writer.send(composed(writer.address, "für alle", to=f"alle@{DOMAIN}"))
        until(lambda: [mail for mail in waiting(world) if mail.text == "für alle"])
        assert world.asked("für alle") == 0

    def test_copies_are_put_into_their_folder(self, world: World, server: MailServer) -> None:
        """And the mailbox holds what was asked, marked as answered."""
        person = begun(world)
        sent = [str(mail["Message-ID"]) for mail in person.mails()]
        folder = server.folder / "mailboxes" / BOT.partition("@")[0]
        until(lambda: all(any(id.encode() in raw for _, raw in files_of(folder / ".Sent")) for id in sent))
        asked = str(person.mails()[0]["In-Reply-To"]).encode()
        until(lambda: any(asked in raw and "R" in path.name.rpartition(",")[2] for path, raw in files_of(folder)))


class TestDrafts:
    """Where the bot does not answer by itself: as it is, unless it is switched on."""

    @pytest.fixture(scope="class")
    def world(self, server: MailServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
        """The gateway at work."""
        world = World(Mails(server, automatic=False), tmp_path_factory.mktemp("drafts"))
        try:
            until(lambda: "is connected" in world.gateway.printed(), 90)
            yield world
        finally:
            world.stop()

    def test_mail_waits_for_the_staff_and_their_answer_goes_back(self, world: World, server: MailServer) -> None:
        """In the thread of the question, as an ordinary mail of a person, once, also when the gateway is killed."""
        writer = Writer(server, "kim")
        id = writer.say("Seit wann ist Leeds Partnerstadt?\n\nViele Grüße\nKim")
        until(lambda: waiting(world))
        [mail] = waiting(world)
        assert (mail.message_id, mail.sender, mail.name) == (id, writer.address, "Kim Muster")
        assert mail.text.startswith("Seit wann ist Leeds") and not world.rasa.asked
        world.gateway.end(9)
        world.front.desk.store.within(mails.reply, mail.id, "Guten Tag Kim,\n\nseit 1969.")
        world.gateway.start()
        until(lambda: writer.mails(), 60)
        [answer] = writer.mails()
        assert text_of(answer) == "Guten Tag Kim,\n\nseit 1969." and answer["Auto-Submitted"] is None
        assert answer["Subject"] == "Re: Frage" and answer["In-Reply-To"] == id == answer["References"]
        until(lambda: not world.front.desk.store.within_reading(mails.replies))
        never(lambda: len(writer.mails()) > 1 or waiting(world))

    def test_answer_goes_out_though_the_mail_was_put_away(self, world: World, server: MailServer) -> None:
        """Somebody has cleaned up the mailbox."""
        writer = Writer(server, "lee")
        writer.say("Und Amiens?")
        until(lambda: waiting(world))
        [mail] = waiting(world)
        box = server.mailbox(BOT.partition("@")[0])
        box.store("1:*", "+FLAGS", "\\Deleted")
        box.expunge()
        box.logout()
        world.front.desk.store.within(mails.reply, mail.id, "Seit 1960.")
        until(lambda: mails_of(server, "lee"), 30)
        assert mails_of(server, "lee")[0]["In-Reply-To"] == mail.message_id

    def test_front_desk_is_gone_for_a_while(self, world: World, server: MailServer) -> None:
        """What came meanwhile is put before the staff afterwards, once."""
        world.front.stop()
        Writer(server, "kim").say("Niemand da?")
        never(lambda: not world.gateway.lives, 1)
        world.restart_front(0)
        until(lambda: [mail for mail in waiting(world) if mail.text.startswith("Niemand da?")], 30)
        never(lambda: len(waiting(world)) > 1)
