"""POST /telephony/{carrier}/{connectionId}/voice: answer a carrier's webhook

The carrier asks what to do with a call, and is told in its markup: open a stream to the assistant that holds the called
number, or do what the connection says of calls that no assistant answers. The carrier's signature is the login.
"""

from assistants_api import auth
from assistants_api.models.telephony_connection import MEDIA_SECRET
from assistants_api.storage import calls, telephony_connections
from assistants_api.telephony import instructions
from assistants_api.webhook import Webhook, answers_call


@answers_call
def handler(webhook: Webhook) -> str:
    incoming, media = webhook.request.incoming, webhook.connection.media
    call = calls.answer(webhook.table, incoming, webhook.account, media is not None, webhook.items, webhook.log)
    webhook.log.update(outcome=call.reason, call_id=call.id, assistant_version=call.assistant_version)
    routed = call.routed(incoming.account_id)
    if routed is None or media is None:
        return instructions.fall_back(webhook.fallback)
    secrets = telephony_connections.media_secrets(webhook.connection_item, webhook.table.deadline)
    password, secret = secrets.get(MEDIA_SECRET, ""), auth.deployment_secret()
    return instructions.connect(webhook.request.carrier, routed, call.from_number, media, password, secret)
