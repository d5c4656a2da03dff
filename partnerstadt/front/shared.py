"""What several front desks share through Redis: how often somebody may do something, and that something happens.

Nothing that anybody wrote goes through it, and nothing in it has to be kept: without it each desk counts for itself
and looks into the database again and again.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import secrets
import time
from collections.abc import Callable
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from partnerstadt.front.hub import NEWS, LocalHub
from partnerstadt.front.limits import Buckets
from partnerstadt.front.store import Event
from partnerstadt.settings import Problem

SECONDS = 0.5  # a Redis that is slower than this is no help
PAUSE = 2.0  # before one that failed is asked again
CHANNEL = "partnerstadt:events"
LIMIT = "partnerstadt:limit"
OUTGOING = 10_000  # signals that wait to be sent; more are dropped, the events themselves lie in the database

# A token bucket: its tokens and the moment they were counted, in one step for all desks. Gone when it is full again.
TAKE = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local size, rate = tonumber(ARGV[1]), tonumber(ARGV[2])
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'moment')
local tokens, moment = tonumber(kept[1]) or size, tonumber(kept[2]) or now
tokens = math.min(size, tokens + math.max(0, now - moment) * rate)
local wait = 0
if tokens >= 1 then tokens = tokens - 1 else wait = (1 - tokens) / rate end
redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens), 'moment', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil(1000 * (size - tokens) / rate) + 1000)
return string.format('%.6f', wait)
"""

logger = logging.getLogger(__name__)


def redis_at(url: str) -> Redis:
    """A client of the Redis at an address; a Problem if that is none."""
    try:
        client: Redis = Redis.from_url(
            url, decode_responses=True, socket_timeout=SECONDS, socket_connect_timeout=SECONDS
        )
    except ValueError:
        # The address may hold a password.
        raise Problem("PARTNERSTADT_REDIS must be an address like redis://host:6379/0.") from None
    return client


class SharedBuckets:
    """Buckets that all desks take from; each has its own for as long as Redis does not answer.

    Args:
        redis: where they are.
        name: of what is limited.
        own: the limits, and the buckets of this desk alone.
        secret: hides in Redis whose bucket it is.
        clock: seconds that never go back.
    """

    def __init__(
        self, redis: Redis, name: str, own: Buckets, secret: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._take: Any = redis.register_script(TAKE)
        self._name, self._own, self._clock = name, own, clock
        self._key = hashlib.sha256(secret.encode()).digest()
        self._again = 0.0

    async def take(self, key: str) -> float:
        """Take a token: 0 if there was one, else the seconds until there is."""
        if self._clock() >= self._again:
            hidden = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), key=self._key, digest_size=16).hexdigest()
            try:
                values = [self._own.size, self._own.rate]
                return float(await self._take(keys=[f"{LIMIT}:{self._name}:{hidden}"], args=values))
            except (RedisError, OSError, asyncio.TimeoutError) as error:
                logger.warning("Redis does not answer (%s); this desk counts %s for itself.", _kind(error), self._name)
                self._again = self._clock() + PAUSE
        return await self._own.take(key)


class SharedHub(LocalHub):
    """Tells the followers at all desks that something has happened.

    Args:
        redis: carries the signals.
    """

    def __init__(self, redis: Redis) -> None:
        super().__init__()
        self._redis = redis
        self._desk = secrets.token_hex(8)
        self._outgoing: asyncio.Queue[str] = asyncio.Queue(OUTGOING)

    def publish(self, conversation: str, event: Event = NEWS) -> None:
        """Pass on an event; other desks hear of it and read it in the database."""
        super().publish(conversation, event)
        # What has a number lies in the database; what has none says only that somebody types, or that all is deleted.
        signal = {} if "id" in event else event
        if not self._outgoing.full():
            self._outgoing.put_nowait(json.dumps([self._desk, conversation, signal]))

    async def run(self) -> None:
        """Send and receive, for as long as the front desk runs."""
        try:
            await asyncio.gather(self._again(self._send), self._again(self._receive))
        finally:
            await self._redis.close()

    async def _again(self, work: Callable[[], Any]) -> None:
        while True:
            try:
                await work()
            except (RedisError, OSError, asyncio.TimeoutError) as error:
                logger.warning("Redis does not answer (%s); open windows look into the database.", _kind(error))
                self._nudge()
                await asyncio.sleep(PAUSE)

    async def _send(self) -> None:
        while True:
            await self._redis.publish(CHANNEL, await self._outgoing.get())

    async def _receive(self) -> None:
        async with self._redis.pubsub() as channel:
            await channel.subscribe(CHANNEL)
            self._nudge()  # what was missed until now
            while True:
                message = await channel.get_message(ignore_subscribe_messages=True, timeout=PAUSE)
                if message is None:
                    await channel.ping()  # a connection that is gone says nothing either
                    continue
                if message["type"] != "message":
                    continue
                desk, conversation, signal = json.loads(message["data"])
                if desk != self._desk:
                    super().publish(conversation, signal or NEWS)

    def _nudge(self) -> None:
        for conversation in self.followed():
            super().publish(conversation)


def _kind(error: BaseException) -> str:
    return type(error).__name__
