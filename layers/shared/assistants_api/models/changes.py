"""Changes to what is stored: the fields sent, against those that only the service may change."""

from typing import Any, ClassVar

from pydantic import BaseModel

from assistants_api.errors import Detail, ReadOnlyField
from assistants_api.models.parsing import Body


class Changes(Body):
    """The body of a PATCH: the fields to change.

    A field that only the service may change is accepted when it equals what is stored, so that a resource that was
    read, edited and sent back whole is a valid request.
    """

    read_only: ClassVar[frozenset[str]]

    def diff(self, stored: BaseModel) -> dict[str, Any]:
        """The fields to write: empty when all are stored already, else every one sent. Raises ReadOnlyField."""
        sent = self.model_dump(exclude={"account_slug"})  # without what is MISSING
        known = stored.model_dump(mode="json", include=set(sent))
        differs = {field for field, value in sent.items() if value != known[field]}
        if refused := sorted(differs & self.read_only):
            details: list[Detail] = [
                {"field": f"/{field}", "message": "is read-only and differs from what is stored."} for field in refused
            ]
            raise ReadOnlyField(f"{', '.join(refused)}: read-only; leave it out or send what GET answers.", details)
        return {field: value for field, value in sent.items() if field not in self.read_only} if differs else {}
