"""How many requests an API key has made in this hour, counted on the key itself.

One conditional update counts a request, for as long as the hour's count is below the key's limit. Each hour counts in
an attribute of its own, so that none has to be reset before it counts; the attributes of hours gone by are removed with
the next request. The key must exist, so a made-up token writes nothing. A key without a limit is not counted; only its
first request of an hour is noted, and once a process has seen that, it asks no more within the hour.

A counted request costs one write request unit beside its reads: 0.625 USD per million in us-east-1.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache, partial

from assistants_api.auth import Token
from assistants_api.errors import RateLimited
from assistants_api.models.api_key import ApiKey
from assistants_api.models.ids import timestamp
from assistants_api.storage import api_keys
from assistants_api.storage.actions import Update
from assistants_api.storage.conditions import absent, below_attribute, present
from assistants_api.storage.keys import PrimaryKey
from assistants_api.storage.table import ConditionFailed, Table

HOUR = 3600  # seconds
COUNTER = "requests_"


@dataclass(frozen=True)
class Usage:
    """`limit` and `used` in requests of this hour, `seconds` until the next; a limit of None is unlimited."""

    limit: int | None
    used: int
    seconds: int
    refused: bool = False

    def check(self) -> None:
        """Raises RateLimited."""
        if self.refused and self.limit is not None and self.used >= self.limit:
            raise RateLimited(self.limit, self.seconds)

    @property
    def headers(self) -> dict[str, str]:
        """RateLimit and RateLimit-Policy as draft-ietf-httpapi-ratelimit-headers has them."""
        if self.limit is None:
            return {}
        left = max(0, self.limit - self.used)
        return {"ratelimit-policy": f'"hour";q={self.limit};w={HOUR}', "ratelimit": f'"hour";r={left};t={self.seconds}'}


UNLIMITED = Usage(None, 0, 0)


class Memory:
    """What this process has seen of API keys."""

    def __init__(self) -> None:
        self.outdated: dict[PrimaryKey, list[str]] = {}  # attributes of a key that its next count may remove
        self.uncounted: dict[PrimaryKey, int] = {}  # hours in which a key was seen to need no count


@lru_cache(maxsize=1)
def _memory(client: object) -> Memory:
    return Memory()


class Counting:
    """The count of one request, in flight from the start, unless the key is known to need none."""

    def __init__(self, table: Table, token: Token) -> None:
        self._table, self._token = table, token
        in_no_need = _memory(table.client).uncounted.get(api_keys.key(token)) == int(time.time()) // HOUR
        self._count = None if in_no_need else table.run_in_background(partial(_count, table, token))

    def usage(self, key: ApiKey | None) -> Usage:
        """`key` as it was read meanwhile. Should it have got a limit since it was known to have none, the request is
        counted now."""
        if self._count is not None:
            return self._count.result()
        if key is None or key.rate_limit_per_hour is None:
            return UNLIMITED
        return _count(self._table, self._token)


def _count(table: Table, token: Token) -> Usage:
    """That the key may be used at all is for authentication to say."""
    now = int(time.time())
    hour, seconds = now // HOUR, HOUR - now % HOUR
    key, counter = api_keys.key(token), f"{COUNTER}{hour}"
    began = timestamp(datetime.fromtimestamp(hour * HOUR, UTC))
    below = absent(counter) | below_attribute(counter, "rate_limit_per_hour")
    limited = present("rate_limit_per_hour") & below
    unnoted = absent("rate_limit_per_hour") & absent(counter)
    update = Update(
        key,
        api_keys.usable(datetime.fromtimestamp(now, UTC)) & (limited | unnoted),
        set={"last_used_at": began},
        add={counter: 1},
        remove=_memory(table.client).outdated.pop(key, ()),
    )
    try:
        item, refused = table.update(update), False
    except ConditionFailed as failure:
        item, refused = failure.item or {}, True
    if outdated := [name for name in item if name.startswith(COUNTER) and name != counter]:
        _memory(table.client).outdated[key] = outdated
    limit = item.get("rate_limit_per_hour")
    if limit is None and counter in item:
        _memory(table.client).uncounted[key] = hour
    return Usage(None if limit is None else int(limit), int(item.get(counter, 0)), seconds, refused)
