"""What endpoints answer that change a phone number."""

from assistants_api.answers import Answer
from assistants_api.models.phone_number import PhoneNumber


def show_phone_number(number: PhoneNumber) -> Answer:
    return Answer({"phone_number": number}, number.etag)
