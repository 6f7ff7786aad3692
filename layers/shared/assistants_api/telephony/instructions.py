"""What a carrier is told to do with a call: markup for the call's assistant, or for the fallback."""

from assistants_api.models.call import RoutedCall
from assistants_api.models.fallback import Fallback
from assistants_api.models.telephony_connection import Media
from assistants_api.telephony import call_tokens, markup
from assistants_api.telephony.markup import Carrier


def connect(carrier: Carrier, call: RoutedCall, from_number: str, media: Media, password: str, secret: str) -> str:
    """Markup that sends the call's media to where the assistant is; `secret` signs the call token."""
    token, told = call_tokens.mint(call, secret), markup.parameters(call, from_number)
    if media.kind == "stream":
        return markup.stream(carrier, media.url or "", token, told)
    if media.kind == "pipecat-cloud":
        return markup.pipecat_cloud(carrier, media.agent or "", token, told)
    return markup.sip(media.uri or "", media.username or "", password, token, told)


def fall_back(fallback: Fallback) -> str:
    if fallback.kind == "say":
        return markup.say(fallback.text or "", fallback.language)
    if fallback.kind == "dial":
        return markup.dial(fallback.number or "")
    return markup.reject()
