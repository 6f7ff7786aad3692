"""What endpoints answer that change a phone number."""

from assistants_api.answers import Answer
from assistants_api.models.carrier_number import SyncedNumber
from assistants_api.models.phone_number import PhoneNumber


def show_phone_number(number: PhoneNumber) -> Answer:
    return Answer({"phone_number": number}, number.etag)


def show_synced_number(synced: SyncedNumber) -> Answer:
    return Answer({"phone_number": synced.number, "drift": synced.drift}, synced.number.etag)
