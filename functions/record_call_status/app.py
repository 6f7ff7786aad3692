"""POST /telephony/{carrier}/{connectionId}/status: record how a call ended

The carrier tells how a call ended and how long it was connected. The first such word counts. Nothing is recorded of a
call that goes on, of one that this deployment never heard of, and of an account that is being erased. The carrier's
signature is the login.
"""

from assistants_api.models.call import ENDED
from assistants_api.storage import calls
from assistants_api.telephony import forms
from assistants_api.webhook import Webhook, takes_status


@takes_status
def handler(webhook: Webhook) -> None:
    form, incoming = webhook.request.form, webhook.request.incoming
    status, seconds = ENDED.get(forms.only(form, "CallStatus")), forms.whole_number(forms.only(form, "CallDuration"))
    known = next((webhook.items[key] for key in incoming.known_as), None)
    if known is None or status is None or webhook.account.erasing_since:
        webhook.log["outcome"] = "ignored"
    elif not calls.end(webhook.table, incoming.account_id, calls.from_item(known), status, seconds):
        webhook.log["outcome"] = "known"
