"""What endpoints answer that change an API key."""

from assistants_api.answers import Answer
from assistants_api.models.api_key import ApiKey, IssuedApiKey


def show_api_key(api_key: ApiKey) -> Answer:
    return Answer({"api_key": api_key.to_public()}, api_key.etag)


def show_issued_api_key(new: IssuedApiKey) -> Answer:
    return Answer({"api_key": new.api_key.to_public()}, new.api_key.etag, new.full_key)
