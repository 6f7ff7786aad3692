"""GET /api/providers: list providers

Lists the providers of language models, voices and transcription that an assistant may name, each by its id or an alias.
The operator of a deployment can add more.
"""

from assistants_api import catalogue
from assistants_api.endpoint import Call, Response, endpoint, ok
from assistants_api.models.provider import ProviderQuery


@endpoint("assistants:read", query=ProviderQuery)
def handler(call: Call[None, None, ProviderQuery]) -> Response:
    return ok(providers=catalogue.providers(call.query.kind))
