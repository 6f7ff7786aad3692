"""Changes to what is stored: the fields sent, against those that only the service may change."""

from collections.abc import Mapping, Set
from operator import gt, lt
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel

from assistants_api.errors import ChangedMeanwhile, Detail, ReadOnlyField
from assistants_api.models.ids import canonical_instant, is_timestamp
from assistants_api.models.parsing import Body
from assistants_api.models.siblings import CHANGED_BY

Instant = Annotated[str, AfterValidator(canonical_instant)]


class Changes(Body):
    """The body of a PATCH: the fields to change.

    A field that only the service may change is accepted when it equals what is stored, so that a resource that was
    read, edited and sent back whole is a valid request.
    """

    read_only: ClassVar[frozenset[str]]
    outdated: ClassVar[frozenset[str]]  # those of them that differ where the resource has changed since it was read

    def shown(self) -> dict[str, Any]:
        """The fields sent that answers show; what is MISSING is left out."""
        return self.model_dump(exclude={"account_slug"})

    def diff(self, stored: BaseModel) -> dict[str, Any]:
        """The fields to write: empty when all are stored already, else every one sent.

        Raises ReadOnlyField, and ChangedMeanwhile for a resource that was read before another change.
        """
        sent = self.shown()  # without what is MISSING
        known = stored.model_dump(mode="json", include=set(sent))  # without what an answer leaves out
        differs = {field for field, value in sent.items() if _comparable(value) != _comparable(known.get(field))}
        if refused := differs & self.read_only:
            if refused <= self.outdated and _was_read_before(sent, known):
                details = _details(differs, "differs from what is stored")
                raise ChangedMeanwhile(sent.get("version"), known.get("version"), details)
            raise ReadOnlyField(sorted(refused), _details(refused, "is read-only and differs from what is stored"))
        return {field: value for field, value in sent.items() if field not in self.read_only} if differs else {}


def _was_read_before(sent: Mapping[str, Any], known: Mapping[str, Any]) -> bool:
    """Whether what was sent is the stored resource as it was before another change."""
    ages = {name for name in sent.keys() & {"version", "updated_at"} if name == "version" or is_timestamp(sent[name])}
    is_later, is_earlier = (any(compare(sent[age], known[age]) for age in ages) for compare in (gt, lt))
    return not is_later and (is_earlier if ages else "id" in sent)


def _comparable(value: object) -> object:
    """The lists that resources hold are sets: their order means nothing."""
    return sorted(value, key=str) if isinstance(value, list) else value


def _details(fields: Set[str], what: str) -> list[Detail]:
    hints = {field: f"; change it with {request}" for field, request in CHANGED_BY.items()}
    return [{"field": f"/{field}", "message": f"{what}{hints.get(field, '')}."} for field in sorted(fields)]
