"""What telephony connections, calls and carriers stand against."""

from assistants_api.errors.base import ApiError
from assistants_api.errors.resource import Conflict, NotFound


class CallNotFound(NotFound):
    """The account has no such call, or it was removed: calls are kept for 90 days."""

    code = "call_not_found"
    example = ("CA00000000000000000000000000000000",)

    def __init__(self, call_id: str) -> None:
        super().__init__(f"The call {call_id} does not exist in this account.")


class TelephonyConnectionNotFound(NotFound):
    """The account has no telephony connection with this id."""

    code = "telephony_connection_not_found"
    example = ("conn_01jd5xexamp1e000000000000001jd5xexamp1e0000000000000",)

    def __init__(self, connection_id: str) -> None:
        super().__init__(f"There is no telephony connection {connection_id} in this account; check the id.")


class ConnectionHasPhoneNumbers(Conflict):
    """Phone numbers were imported through the connection."""

    code = "connection_has_phone_numbers"
    example = (12,)

    def __init__(self, count: int) -> None:
        numbers = "1 phone number was" if count == 1 else f"{count:,} phone numbers were"
        super().__init__(
            f"{numbers} imported through the connection, and without it their calls reach no assistant; import them "
            "through another one, or send ?force=true to delete it all the same."
        )


class PhoneNumberNotConnected(Conflict):
    """The phone number was imported through no connection that is still there, so its carrier can't be asked."""

    code = "phone_number_not_connected"
    example = ("pn_14155550101", "was imported without a connection")

    def __init__(self, number: str, why: str) -> None:
        super().__init__(
            f"The phone number {number} {why}; import it again with POST /api/phone-numbers and the connectionId of "
            "the account that has it."
        )


class NothingToList(Conflict):
    """The provider of the connection has no API that tells which phone numbers it has."""

    code = "nothing_to_list"
    example = ("sip",)

    def __init__(self, provider: str) -> None:
        super().__init__(
            f"A {provider} connection has no API that tells its phone numbers; GET /api/phone-numbers lists those "
            "that are imported."
        )


class CarrierError(ApiError):
    """Base class: the carrier that the request needs did not do its part."""


class CarrierUnavailable(CarrierError):
    """The carrier's API did not respond as it should, or not in time."""

    status = 503
    code = "carrier_unavailable"
    example = ("Twilio",)
    headers = {"retry-after": "5"}

    def __init__(self, carrier: str, cause: str = "") -> None:
        super().__init__(f"{carrier} did not respond as it should; try again in a few seconds.")
        self.cause = cause


class CarrierRefused(CarrierError):
    """The carrier refuses what the request needs, such as the credentials of the connection."""

    status = 409
    code = "carrier_refused"
    example = (
        "Twilio refused the credentials of conn_01jd5xexamp1e000000000000001jd5xexamp1e0000000000000; send those that "
        "it shows with PATCH /api/telephony-connections/{connectionId}.",
    )


class NumberNotAtCarrier(CarrierError):
    """The connection's account at the carrier does not have the phone number."""

    status = 409
    code = "number_not_at_carrier"
    example = ("Twilio", "+14155550101")

    def __init__(self, carrier: str, number: str) -> None:
        super().__init__(
            f"The connection's account at {carrier} does not have {number}; buy it there, or import it through the "
            "connection whose account has it."
        )


class NumberNotUsable(CarrierError):
    """The carrier has the phone number, and can't send its calls here as it is set up there."""

    status = 409
    code = "number_not_usable"
    example = (
        "+14155550101 is in the trunk TK00000000000000000000000000000000, so Twilio ignores its voice URL; remove it "
        "from the trunk first.",
    )
