"""An account: whose all things are, how many it may have of each, and whether its requests are served."""

from collections.abc import Mapping
from typing import Literal, get_args

from assistants_api.errors import AccountErasing, AccountSuspended
from assistants_api.models.parsing import Resource

Countable = Literal["api_keys", "assistants", "phone_numbers", "telephony_connections"]
COUNTABLES: tuple[Countable, ...] = get_args(Countable)
Maxima = Mapping[Countable, int]


class Account(Resource):
    """The counts are how many of each the account has: about, since they are counted beside the writes.

    A maximum of None is the deployment's. An account that is being erased is suspended too.
    """

    id: str
    slug: str
    name: str
    created_at: str
    api_keys: int = 0
    assistants: int = 0
    phone_numbers: int = 0
    telephony_connections: int = 0
    max_api_keys: int | None = None
    max_assistants: int | None = None
    max_phone_numbers: int | None = None
    max_telephony_connections: int | None = None
    suspended_at: str | None = None
    erasing_since: str | None = None

    def maxima(self, of_deployment: Maxima) -> Maxima:
        own = {things: getattr(self, f"max_{things}") for things in COUNTABLES}
        return {things: of_deployment[things] if own[things] is None else own[things] for things in COUNTABLES}

    def over_quota(self, of_deployment: Maxima) -> list[Countable]:
        """What the account has more of than it may."""
        return [it for it, maximum in self.maxima(of_deployment).items() if getattr(self, it) > maximum]

    def check_in_use(self) -> None:
        """Raises AccountSuspended."""
        if self.suspended_at:
            raise AccountSuspended

    def check_stays(self) -> None:
        """Raises AccountErasing."""
        if self.erasing_since:
            raise AccountErasing(self.slug)
