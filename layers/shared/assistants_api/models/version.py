"""The history of an assistant: a snapshot of each of its versions, and what differs between two of them."""

from collections.abc import Iterator
from typing import Any, TypedDict

from pydantic import Field

from assistants_api.models.api_key import ApiKey
from assistants_api.models.assistant import CONFIGURATION, Assistant
from assistants_api.models.creation import Creation
from assistants_api.models.ids import Timestamp
from assistants_api.models.pagination import Pagination
from assistants_api.models.parsing import Integer, OptionalAccountBody, Query, Resource

MAX_SHORT_TEXT = 200  # characters; a longer text, or one of several lines, is compared line by line
MAX_COMPARED_LINES = 2_000  # of two texts together: the time of a comparison grows with the square


class Actor(Resource):
    """The API key that made a change, as it was then."""

    id: str = Field(description="The id of the API key.", examples=[f"key_{'0' * 64}"])
    name: str = Field(description="Its name.", examples=["CI"])

    @classmethod
    def of(cls, api_key: ApiKey) -> "Actor":
        return cls(id=api_key.id, name=api_key.name)


class Restoration(OptionalAccountBody, Creation):
    """The body of a POST that restores: a version of an assistant, or an assistant that was deleted."""


class VersionSummary(Resource):
    """A version of an assistant, without the configuration."""

    version: int = Field(description="Counts the changes of the configuration, from 1.", examples=[3])
    created_at: Timestamp = Field(
        description="ISO 8601 timestamp of the change that made it.", examples=["2024-01-15T10:00:00Z"]
    )
    changed_by: Actor = Field(description="The API key that made the change.")
    changed_fields: list[str] = Field(
        description="The fields that differ from the version before; of the first one, all.",
        examples=[["system_prompt", "temperature"]],
        max_length=len(CONFIGURATION),
    )


class Version(VersionSummary):
    """A version with the assistant as it was then."""

    assistant: Assistant

    def summary(self) -> VersionSummary:
        return VersionSummary.model_validate(self.model_dump(exclude={"assistant"}))


class FieldDiff(TypedDict, total=False):
    """What differs in a field: `from` and `to`, or for a long text `unified_diff`."""

    field: str
    unified_diff: str


def diff(old: Assistant, new: Assistant) -> list[dict[str, Any]]:
    """What differs in the configuration, field by field."""
    return [_field_diff(name, getattr(old, name), getattr(new, name)) for name in changed_fields(old, new)]


def changed_fields(old: Assistant, new: Assistant) -> list[str]:
    return [name for name in CONFIGURATION if getattr(old, name) != getattr(new, name)]


def _field_diff(name: str, old: object, new: object) -> dict[str, Any]:
    if not (isinstance(old, str) and isinstance(new, str) and _is_long(old, new)):
        return {"field": name, "from": old, "to": new}
    return {"field": name, "unified_diff": "\n".join(_unified(name, old, new))}


def _is_long(*texts: str) -> bool:
    is_long = any(len(text) > MAX_SHORT_TEXT or "\n" in text for text in texts)
    return is_long and sum(text.count("\n") + 1 for text in texts) <= MAX_COMPARED_LINES


def _unified(name: str, old: str, new: str) -> Iterator[str]:
    from difflib import unified_diff  # only where two versions are compared

    return unified_diff(old.split("\n"), new.split("\n"), f"{name} (from)", f"{name} (to)", lineterm="")


class VersionQuery(Pagination):
    """The query parameters of GET /api/assistants/{assistantId}/versions."""


class Comparison(Query):
    """The query parameters of GET /api/assistants/{assistantId}/versions/{version}."""

    compare_to: Integer | None = Field(
        None, ge=1, description="Another version, to see what differs from it to this one.", examples=[1]
    )
