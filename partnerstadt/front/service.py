"""What the API and the pages without JavaScript have in common: sessions, questions, deletion."""

from __future__ import annotations

import asyncio
from typing import Any

from partnerstadt.front.desk import Desk
from partnerstadt.front.errors import Wrong
from partnerstadt.front.handover import Wish
from partnerstadt.front.speech import Said
from partnerstadt.front.store import Conversation, Event
from partnerstadt.telemetry import traces

CHANNEL = "web"
PLAIN_BUTTONS = ("plain_on", "plain_off")
FIXED_BUTTONS = (*PLAIN_BUTTONS, *(wish.value for wish in Wish))
FORM = "nachricht"


async def begin(desk: Desk, address: str) -> Conversation:
    """A new conversation for somebody at an address."""
    wait = await desk.sessions.take(address)
    if wait:
        desk.metrics.limited.labels("sessions").inc()
        raise Wrong(429, "rate_limited", wait)
    now = desk.clock()
    return await desk.store.do(desk.store.open, CHANNEL, now, now + desk.lifetime)


async def enter(desk: Desk, channel: str, id: str) -> Conversation:
    """The conversation that one of our gateways has named, begun if there is none of this name."""
    now = desk.clock()
    opened = await desk.store.do(desk.store.enter, channel, id, now, now + desk.lifetime)
    if opened is None:
        raise Wrong(410, "unauthorized")
    return opened


def id_of(desk: Desk, token: str) -> str:
    """The id in a token that was made here; its conversation may be over."""
    id = desk.tokens.read(token)
    if id is None:
        raise Wrong(401, "unauthorized")
    return id


async def conversation_of(desk: Desk, token: str) -> Conversation:
    """The conversation that a token opens."""
    found = await desk.store.do(desk.store.conversation, id_of(desk, token), desk.clock())
    if found is None:
        raise Wrong(401, "unauthorized")
    return found


async def pressed(desk: Desk, id: str, button: str) -> Said:
    """What a button of a conversation says."""
    if button in set(Wish):
        wish = Wish(button)
        return Said(desk.handover.title(wish), wish=wish)
    if button in PLAIN_BUTTONS:
        return Said(desk.texts.text(button, "title"), desk.texts.text(button, "payload"))
    found = await desk.store.do(desk.store.button, id, button)
    if found is None:
        raise Wrong(404, "unknown_button")
    return Said(found.title, found.payload)


async def say(desk: Desk, id: str, said: Said, client_id: str | None, base: str | None) -> tuple[Event, bool]:
    """Keep what a citizen says in a conversation and see that it is answered; whether it is new.

    Args:
        desk: the front desk.
        id: of the conversation.
        said: what was said.
        client_id: by which a client sends the same again.
        base: where citizens find the front desk, if that is known.
    """
    # A trace begins here: what a client says of one of its own is not believed.
    with traces.span("message", traces.Kind.SERVER, within={}):
        return await _say(desk, id, said, client_id, base)


async def _say(desk: Desk, id: str, said: Said, client_id: str | None, base: str | None) -> tuple[Event, bool]:
    wait = await desk.messages.take(id)
    if wait:
        desk.metrics.limited.labels("messages").inc()
        raise Wrong(429, "rate_limited", wait)
    if said.wish is not None:
        return await _wish(desk, id, said.wish, client_id, f"{base.rstrip('/')}/{FORM}" if base else None)
    kept = await desk.store.do(desk.store.say, id, said.text, desk.clock(), client_id, said.payload)
    if kept is None:
        raise Wrong(401, "unauthorized")
    event, new = kept
    # First, so that the bot is asked while the windows are told. Who sends the same again may have been at a desk that
    # has died with it.
    desk.delivery.call(id, event["id"] if new else None)
    if new:
        desk.hub.publish(id, event)
    return event, new


async def _wish(desk: Desk, id: str, wish: Wish, client_id: str | None, form: str | None) -> tuple[Event, bool]:
    step = desk.store.within
    kept = await desk.store.do(step, desk.handover.wish, id, wish, desk.clock(), client_id, form)
    if kept is None:
        raise Wrong(401, "unauthorized")
    event, told = kept
    if told is not None:
        desk.hub.publish(id, event)
        desk.hub.publish(id, told)
    return event, told is not None


async def news(desk: Desk, conversation: Conversation, after: int, seconds: float) -> tuple[list[Event], bool]:
    """What happens in a conversation after an event; waits for it, but not longer than so many seconds.

    Returns:
        The events, and whether more may come even if the citizen says nothing.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    with desk.hub.follow(conversation.id) as signals:
        while True:
            # Before and after: what is answered meanwhile is among the events, what is asked meanwhile is not answered.
            more = await desk.store.do(desk.store.is_open, conversation.id)
            found = await desk.store.do(desk.store.events, conversation.id, after)
            more = more or await desk.store.do(desk.store.is_open, conversation.id)
            if found or loop.time() >= deadline:
                return found, more
            try:
                signal = await asyncio.wait_for(signals.get(), deadline - loop.time())
            except asyncio.TimeoutError:
                continue
            if signal and "id" not in signal:
                return [signal], signal.get("type") != "deleted"


async def history(desk: Desk, conversation: Conversation) -> dict[str, Any]:
    """All that is kept of a conversation."""
    events = await desk.store.do(desk.store.events, conversation.id)
    last = events[-1]["id"] if events else conversation.last
    return {
        "events": events,
        "last": max(last, 0),
        "plain_language": conversation.plain,
        "handover": conversation.handover,
    }


async def delete(desk: Desk, id: str) -> None:
    """Delete a conversation everywhere."""
    await desk.store.do(desk.store.delete, id)
    desk.hub.publish(id, {"type": "deleted"})
    await desk.delivery.forget(id)
    await desk.retention.leave_no_trace()
