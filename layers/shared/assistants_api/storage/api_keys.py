"""API keys in the table, under the SHA-256 of their token."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from assistants_api.errors import ApiKeyNotActive, ApiKeyNotFound, ConcurrentChange, LastApiKey, Unauthenticated
from assistants_api.models.api_key import OPERATOR, ApiKey, IssuedApiKey, grants
from assistants_api.models.api_key_requests import ApiKeyChanges, check_grants
from assistants_api.models.ids import timestamp
from assistants_api.models.preconditions import Precondition
from assistants_api.storage import accounts, keys
from assistants_api.storage.actions import Action, ConditionCheck, Delete, Put, Update
from assistants_api.storage.client import races
from assistants_api.storage.conditions import EXISTS, Condition, above, absent, equal, unchanged
from assistants_api.storage.errors import ConditionFailed, TransactionFailed
from assistants_api.storage.keys import PrimaryKey
from assistants_api.storage.pages import Listed, fitting
from assistants_api.storage.readers import check_place, reader
from assistants_api.storage.resources import PathResource, Unreadable
from assistants_api.storage.table import Table
from assistants_api.storage.values import Item, ItemsByKey, key_of

REVOKED = "The API key was revoked or rotated meanwhile; use another."
OLD_COUNTER = "requests_"  # attributes of an earlier release, which counted requests on the key; removed with a change
MAX_OLD_COUNTERS = 100  # in one change, since an expression has at most 4 KB


@reader
def from_item(item: Item) -> ApiKey:
    counters = [name for name in item if name.startswith(OLD_COUNTER)]
    api_key = ApiKey.model_validate({**item, "old_counters": counters[:MAX_OLD_COUNTERS]})
    check_place(item, _key(api_key))
    keys.api_key(api_key.account_id, api_key.counts_as)  # raises for one that has no key
    return api_key


in_path = PathResource(("apiKeyId",), keys.api_key, from_item, ApiKeyNotFound)
last_use_in_path = PathResource(("apiKeyId",), keys.last_use, reader(lambda use: str(use["last_used_at"])), None)


def to_item(api_key: ApiKey) -> dict[str, Any]:
    pk, sk = keys.api_key(api_key.account_id, api_key.id)
    return {"PK": pk, "SK": sk, **api_key.model_dump(mode="json")}


def _new_item(api_key: ApiKey, actor_id: str) -> Put:
    return Put({**to_item(api_key), "created_by_id": actor_id})


def issue(table: Table, api_key: ApiKey) -> None:
    """Stores a key that the operator creates."""
    with accounts.counted(table, api_key.account_id, "api_keys", 1):
        table.put(_new_item(api_key, OPERATOR))


def create(table: Table, creator: ApiKey, new: IssuedApiKey) -> None:
    """Stores a key that another one creates. Raises Unauthenticated when that was revoked or rotated meanwhile."""
    with accounts.counted(table, creator.account_id, "api_keys", 1):
        try:
            table.commit([_still_gives(creator), _new_item(new.api_key, creator.id)], None, new)
        except TransactionFailed as failure:
            if _key(new.api_key) not in failure.items:  # else it was written by the attempt whose answer was lost
                raise Unauthenticated(REVOKED) from None


def page(table: Table, account_id: str, limit: int, after: str | None) -> Listed[ApiKey]:
    """Keys in the order of their ids, with their last use, which is read at the same time."""
    uses = table.run_in_background(lambda: _last_uses(table, account_id, limit, after))
    items, next_key = table.query(keys.partition(account_id), keys.API_KEY, limit, after=after)
    return fitting(items, next_key, lambda item: _with_last_use(from_item(item), uses.result()))


def of_account(table: Table, account_id: str) -> Listed[ApiKey]:
    """All of them."""
    found = page(table, account_id, 100, None)
    while found.next_key:
        found += page(table, account_id, 100, found.next_key)
    return found


def revoke(table: Table, account_id: str, key_id: str) -> ApiKey:
    """The key stops working immediately, and no other key can reactivate it. Raises ApiKeyNotFound."""
    try:
        revoked = {"is_active": False, "revoked_at": timestamp(), "retired_by_id": OPERATOR}
        item = table.update(Update(keys.api_key(account_id, key_id), EXISTS, set=revoked))
    except ConditionFailed:
        raise ApiKeyNotFound(key_id) from None
    return _with_last_use(from_item(item), table.read([keys.last_use(account_id, key_id)]))


def change(
    table: Table, caller: ApiKey, target: ApiKey, changes: ApiKeyChanges, force: bool, precondition: Precondition
) -> ApiKey:
    """The target after the changes. A key can be renamed or reactivated only by one that could create it.

    Raises ReadOnlyField, MissingScope, GrantsTooMuch, ApiKeyNotActive, ApiKeyNotFound, PreconditionFailed,
    Unauthenticated, and what `remove` raises when the key is deactivated.
    """
    fields = changes.diff(target)
    if not fields:
        return target
    after = target.model_copy(update=fields)
    is_as_read = _is_as_read(target, precondition)
    update = Update(_key(target), is_as_read, set=fields, remove=target.old_counters)
    if fields.keys() - {"is_active"} or fields["is_active"]:
        check_grants(caller, target)
    if not fields.get("is_active", target.is_active) and target.is_active:
        update = replace(update, set=fields | {"retired_by_id": caller.id})
        _commit_unless_last_manager(table, caller, target, force, precondition, [update], after)
        return after
    if fields.get("is_active"):
        update = replace(update, condition=is_as_read & absent("revoked_at"))
    try:
        table.commit([*([] if caller.id == target.id else [_still_gives(caller)]), update], target, after)
    except TransactionFailed as failure:
        if update.key not in failure.items:
            raise Unauthenticated(REVOKED) from None
        if not _took_effect(update, failure.items[update.key], target.id, precondition):
            raise ApiKeyNotActive from None
    return after


def remove(table: Table, caller: ApiKey, target: ApiKey | Unreadable, force: bool, precondition: Precondition) -> None:
    """Raises Unauthenticated, PreconditionFailed and, when without `force` no key would be left that may manage keys,
    LastApiKey."""
    deletions = [
        Delete(_key(target), _is_as_read(target, precondition)),
        Delete(keys.last_use(target.account_id, target.id)),
    ]
    # One that is not found is gone meanwhile, perhaps by an attempt whose answer was lost.
    with suppress(ApiKeyNotFound), accounts.counted(table, target.account_id, "api_keys", -1):
        _commit_unless_last_manager(table, caller, target, force, precondition, deletions, None)


def rotate(
    table: Table, caller: ApiKey, old: ApiKey, new: IssuedApiKey, grace_seconds: int, precondition: Precondition
) -> None:
    """Replaces the old key by the new one. The old one works for the grace, but not beyond its own expiry.

    Raises ApiKeyNotActive, PreconditionFailed, Unauthenticated.
    """
    now = datetime.now(UTC).replace(microsecond=0)
    ends = min(filter(None, [now + timedelta(seconds=grace_seconds), old.expires_at]))
    retired = {"rotated_at": timestamp(now), "expires_at": timestamp(ends), "retired_by_id": caller.id}
    actions: list[Action] = [
        Update(
            _key(old),
            usable(now) & absent("rotated_at") & _is_as_read(old, precondition),
            set=retired,
            remove=old.old_counters,
        ),
        _new_item(new.api_key, caller.id),
    ]
    if caller.id != old.id:
        actions.append(_still_gives(caller))
    with accounts.counted(table, old.account_id, "api_keys", 1):
        try:
            table.commit(actions, None, new)
        except TransactionFailed as failure:
            if _key(new.api_key) in failure.items:
                return  # it was written by the attempt whose answer was lost
            if _key(old) not in failure.items:
                raise Unauthenticated(REVOKED) from None
            if item := failure.items[_key(old)]:
                precondition.check(from_item(item))
            raise ApiKeyNotActive from None


def _commit_unless_last_manager(
    table: Table,
    caller: ApiKey,
    target: ApiKey | Unreadable,
    force: bool,
    precondition: Precondition,
    actions: Sequence[Action],
    after: ApiKey | None,
) -> None:
    """Takes a key out of use, which the first action does, in one transaction with the check that a manager stays.

    A manager is a key with api_keys:write, such as the caller's own. When that is the one to go, another has to be
    found first, which is one more round trip. Two keys that remove each other at once can't both succeed.
    """
    for _ in races(table.deadline):
        now, checks = datetime.now(UTC), list[Action]()
        if target.id != caller.id:
            checks.append(ConditionCheck(_key(caller), usable(now)))
        elif not force:
            others = [
                key
                for key in of_account(table, caller.account_id).entries
                if key.id != target.id and _can_manage_keys(key, now)
            ]
            if not others:
                raise LastApiKey
            checks.append(ConditionCheck(_key(others[0]), usable(now)))
        try:
            table.commit([*actions, *checks], target, after)
            return
        except TransactionFailed as failure:
            if _key(target) in failure.items:
                if _took_effect(actions[0], failure.items[_key(target)], target.id, precondition):
                    return
                break
            if _key(caller) in failure.items:
                raise Unauthenticated(REVOKED) from None
    raise ConcurrentChange("Others are changing these API keys at the same time; try again.")


def _took_effect(action: Action, item: Item | None, key_id: str, precondition: Precondition) -> bool:
    """Whether the action that failed was done by an attempt whose answer was lost, by what is stored now.

    Raises ApiKeyNotFound and PreconditionFailed.
    """
    if item is None:
        raise ApiKeyNotFound(key_id)
    if isinstance(action, Update) and action.set.items() <= item.items():
        return True
    precondition.check(from_item(item))
    return False


def _is_as_read(target: ApiKey | Unreadable, precondition: Precondition) -> Condition:
    """That the key exists and, if the request is bound to what was read, that nothing which can change has changed."""
    if not precondition or isinstance(target, Unreadable):
        return EXISTS
    stored = to_item(target)
    return EXISTS & unchanged({name: stored[name] for name in ("name", "is_active", "expires_at", "rotated_at")})


def _still_gives(caller: ApiKey) -> ConditionCheck:
    """That the caller's key, when it makes a key, was not revoked or rotated since it was read."""
    return ConditionCheck(_key(caller), usable(datetime.now(UTC)) & absent("rotated_at"))


def _last_uses(table: Table, account_id: str, limit: int, after: str | None) -> ItemsByKey:
    """Those of the same page of keys: both are in the order of the key's SHA-256, and each is that of a key."""
    after = after and keys.LAST_USE + after.removeprefix(keys.API_KEY)
    items, _ = table.query(keys.usage_partition(account_id), keys.LAST_USE, limit, after=after)
    return {key_of(item): item for item in items}


def _with_last_use(api_key: ApiKey, uses: ItemsByKey) -> ApiKey:
    use = uses.get(keys.last_use(api_key.account_id, api_key.id))
    return api_key.model_copy(update={"last_used_at": use["last_used_at"]}) if use else api_key


def _can_manage_keys(api_key: ApiKey, now: datetime) -> bool:
    return api_key.is_usable(now) and any(grants(scope, "api_keys:write") for scope in api_key.scopes)


def _key(api_key: ApiKey | Unreadable) -> PrimaryKey:
    return keys.api_key(api_key.account_id, api_key.id)


def usable(now: datetime) -> Condition:
    """That the key exists, is active and has not expired."""
    unexpired = absent("expires_at") | above("expires_at", timestamp(now))
    return EXISTS & equal("is_active", True) & unexpired
