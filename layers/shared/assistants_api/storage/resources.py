"""A resource that a request names, such as the assistant of `/api/assistants/{assistantId}`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from assistants_api.errors import ItemUnreadable, NotFound
from assistants_api.storage import keys
from assistants_api.storage.keys import PrimaryKey
from assistants_api.storage.values import Item, key_of

Resource = TypeVar("Resource", covariant=True)


@dataclass(frozen=True)
class PathResource(Generic[Resource]):
    """`key` forms the DynamoDB key of the account's id and the parameters, and raises MalformedId.

    What has no `not_found` need not exist.
    """

    parameters: tuple[str, ...]
    key: Callable[..., PrimaryKey]
    from_item: Callable[[Item], Resource]
    not_found: Callable[..., NotFound] | None

    def primary_key(self, account_id: str, path: Mapping[str, str], body: object) -> PrimaryKey:
        return self.key(account_id, *self.named(path))

    def load(self, item: Item | None, path: Mapping[str, str]) -> Resource | None:
        """Raises NotFound."""
        if item is None and self.not_found:
            raise self.not_found(*self.named(path))
        return None if item is None else self.from_item(item)

    def named(self, path: Mapping[str, str]) -> list[str]:
        return [path[name] for name in self.parameters]


@dataclass(frozen=True)
class Unreadable:
    """What is stored of a resource and can't be read, for what deletes it nevertheless."""

    item: Item
    fault: ItemUnreadable

    @property
    def id(self) -> str:
        return self.fault.name

    @property
    def account_id(self) -> str:
        return keys.account_of(self.item)

    @property
    def key(self) -> PrimaryKey:
        return key_of(self.item)

    @property
    def etag(self) -> str:
        """Nobody can tell, so no request that is bound to one succeeds. Raises ItemUnreadable."""
        raise self.fault

    def to_public(self) -> dict[str, Any]:
        return {"id": self.id}


def to_delete(resource: PathResource[Resource]) -> "PathResource[Resource | Unreadable]":
    """The resource as it is, readable or not."""

    return PathResource(
        resource.parameters, resource.key, partial(even_unreadable, resource.from_item), resource.not_found
    )


def even_unreadable(from_item: Callable[[Item], Resource], item: Item) -> Resource | Unreadable:
    try:
        return from_item(item)
    except ItemUnreadable as fault:
        return Unreadable(item, fault)


@dataclass(frozen=True)
class BodyResource(Generic[Resource]):
    """`key` forms the DynamoDB key of the account's id and the body, or none. The resource need not exist."""

    key: Callable[[str, Any], PrimaryKey | None]
    from_item: Callable[[Item], Resource]

    def primary_key(self, account_id: str, path: Mapping[str, str], body: object) -> PrimaryKey | None:
        return self.key(account_id, body)

    def load(self, item: Item | None, path: Mapping[str, str]) -> Resource | None:
        return None if item is None else self.from_item(item)

    def named(self, path: Mapping[str, str]) -> list[str]:
        return []
