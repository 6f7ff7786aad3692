"""A carrier's own API stands against the request."""

from assistants_api.errors.base import ApiError


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
