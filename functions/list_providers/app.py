"""GET /api/providers: list providers

Lists the providers of language models, voices and transcription that an assistant may name, each by its id or an alias.
`retirements` has the models that retire, and what replaces them. The operator of a deployment can add more providers.
"""

from assistants_api import catalogue
from assistants_api.catalogue import models
from assistants_api.endpoint import Call, Response, endpoint, ok
from assistants_api.models.provider import ProviderQuery


@endpoint("assistants:read", query=ProviderQuery)
def handler(call: Call[None, None, ProviderQuery]) -> Response:
    kind = call.query.kind
    listed = [{**each, "retirements": models.retirements(each, kind)} for each in catalogue.providers(kind)]
    return ok(providers=listed)
