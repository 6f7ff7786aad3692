"""How many requests an API key may still make in this hour, counted by lease.

One write reserves several requests, and the process that made it serves them without another:

    reserved in the table   0 ─ 1 ─── 3 ──────── 7 ──────────────── 15 ─ ...        limit
    process A                 A   A A            A A A A A A A A
    process B                          B B B B

The write adds the lease to what all processes have reserved, without a condition, and brings back the sum. What of the
lease lies below the limit may be used; so the limit holds, however many processes reserve at once. A process that used
up its lease takes one of twice the size, but no more than a twentieth of what is left of the limit: the next processes
find something too. What a process reserved and did not use is lost to that hour, which is never more than it used.

Counting fails open. A count that is refused, throttled or late delays no request by more than `table.COUNT_SECONDS` and
refuses none: a call that is not answered costs more than a request that is not counted.

A key without a limit is not counted. Of each key its process notes the first use in an hour, for `last_used_at`.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from threading import Lock

from assistants_api.errors import RateLimited
from assistants_api.models.api_key import ApiKey
from assistants_api.models.ids import timestamp
from assistants_api.storage import keys
from assistants_api.storage.actions import Update
from assistants_api.storage.table import Table

HOUR = 3600  # seconds
PAUSE_SECONDS = 10  # in which a process asks no more, after a count that was late
SHARE = 20  # a lease is at most this part of what is left


@dataclass(frozen=True)
class Usage:
    """What a request is told of its key's limit, and why it is refused, or was not counted, if so."""

    headers: Mapping[str, str] = field(default_factory=dict)
    refusal: RateLimited | None = None
    failure: str | None = None


@dataclass
class Lease:
    """What this process has reserved for a key in an hour."""

    hour: int  # since 1970
    is_noted: bool = False  # the key's first use
    size: int = 0  # of the last reservation
    unused: int = 0  # requests that are reserved and not used yet
    reserved: int = 0  # by all processes, as the last reservation brought back
    paused_until: float = 0.0  # of time.monotonic()
    lock: Lock = field(default_factory=Lock)

    def next_size(self, limit: int) -> int:
        return max(1, min(self.size * 2, (limit - self.reserved) // SHARE))

    def add(self, size: int, reserved: int, limit: int) -> None:
        """Takes in a reservation, after which `reserved` requests are reserved in all."""
        self.size, self.reserved = size, reserved
        self.unused += max(0, min(size, limit - (reserved - size)))

    def use(self, limit: int, seconds: int) -> Usage:
        """Uses a request of the lease, if it has one. The hour ends in so many seconds."""
        refusal = None if self.unused else RateLimited(limit, seconds)
        self.unused = max(0, self.unused - 1)
        left = max(0, limit - self.reserved) + self.unused
        # RateLimit and RateLimit-Policy as draft-ietf-httpapi-ratelimit-headers has them.
        policy, state = f'"hour";q={limit};w={HOUR}', f'"hour";r={left};t={seconds}'
        return Usage({"ratelimit-policy": policy, "ratelimit": state}, refusal)


class Leases:
    """Those of this process, by the key that they are for."""

    def __init__(self) -> None:
        self._hour = 0
        self._leases: dict[str, Lease] = {}
        self._lock = Lock()

    def get(self, key_id: str, hour: int) -> Lease:
        """The key's lease of this hour, or of a later one that another thread has seen begin."""
        with self._lock:
            if hour > self._hour:
                self._hour, self._leases = hour, {}
            return self._leases.setdefault(key_id, Lease(self._hour))


@lru_cache(maxsize=1)
def _leases(client: object) -> Leases:
    return Leases()


def count(table: Table, api_key: ApiKey) -> Usage:
    """Counts a request of the key."""
    now, limit = int(time.time()), api_key.rate_limit_per_hour
    lease = _leases(table.client).get(api_key.id, now // HOUR)
    with lease.lock:
        note = None if lease.is_noted else table.start_count(_note(api_key, lease.hour))
        lease.is_noted = True
        failure = None if limit is None else _reserve(table, api_key, lease, limit)
        if failure:
            return Usage(failure=failure)
        if note:
            noted = note()
            lease.is_noted, failure = noted.is_final, noted.failure
        usage = Usage() if limit is None else lease.use(limit, HOUR - now % HOUR)
        return replace(usage, failure=failure) if failure else usage


def _reserve(table: Table, api_key: ApiKey, lease: Lease, limit: int) -> str | None:
    """Takes a new lease where one is needed and something is left. If that fails, says why."""
    if lease.unused or lease.reserved >= limit:
        return None
    if time.monotonic() < lease.paused_until:
        return "paused"
    size = lease.next_size(limit)
    reservation = table.start_count(_reservation(api_key, lease.hour, size))()
    if reservation.item:
        lease.add(size, int(reservation.item["reserved"]), limit)
    elif reservation.is_final:
        lease.paused_until = time.monotonic() + PAUSE_SECONDS
    return reservation.failure


def _reservation(api_key: ApiKey, hour: int, size: int) -> Update:
    expires = {"ttl": (hour + 2) * HOUR}
    return Update(keys.usage(api_key.account_id, api_key.counts_as, hour), set=expires, add={"reserved": size})


def _note(api_key: ApiKey, hour: int) -> Update:
    return Update(keys.last_use(api_key.account_id, api_key.id), set={"last_used_at": _began(hour)})


def reserved(table: Table, api_keys: Iterable[ApiKey]) -> dict[str, int]:
    """How many requests of this hour are reserved for each key, by its id: no fewer than it made. One that took
    another's place shares its count, and one without a limit has none."""
    hour = int(time.time()) // HOUR
    counted = {key.id: keys.usage(key.account_id, key.counts_as, hour) for key in api_keys if key.rate_limit_per_hour}
    items = table.read_many([*dict.fromkeys(counted.values())])
    return {key_id: int(item["reserved"]) if (item := items[key]) else 0 for key_id, key in counted.items()}


def _began(hour: int) -> str:
    return timestamp(datetime.fromtimestamp(hour * HOUR, UTC))


def this_hour() -> str:
    """When it began, which is the last use of a key that is used now."""
    return _began(int(time.time()) // HOUR)
