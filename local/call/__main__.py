"""`make call`: calls a number of the stack that runs here, as Twilio does, and writes down what the caller hears.

    the webhook              signed as Twilio signs, answered with markup
    the stream               opened as the markup says, to the example worker, which this starts and ends
    what the assistant says  in FILE (call.wav)

TO is the number, FROM the caller's. A number without an assistant gets one, and keeps it.
"""

import asyncio
import os
import secrets
import sys
from pathlib import Path

import httpx

from local.call.api import Api, account, connection, ensure_assistant, why_nobody_answers
from local.call.carrier import Carrier, stream_of
from local.call.errors import CallError
from local.call.sound import RATE, write_wav
from local.call.stream import Stream, listen
from local.call.worker import worker
from local.stack.admin import NOTHING_RUNS
from local.stack.running import running
from local.stack.stack import ACCOUNT, PHONE_NUMBERS

CALLER = "+14155550199"


def main() -> int:
    to, caller = os.environ.get("TO") or next(iter(PHONE_NUMBERS)), os.environ.get("FROM") or CALLER
    file = Path(os.environ.get("FILE") or "call.wav")
    try:
        first_message, sound = place_call(to, caller)
    except (CallError, httpx.HTTPError) as error:
        print(error, file=sys.stderr)
        return 1
    write_wav(file, sound)
    print(
        f"{len(sound) / RATE:.1f} seconds of speech are in {file}. The assistant's first message is:\n{first_message}"
    )
    return 0


def place_call(to: str, caller: str) -> tuple[str, bytes]:
    """What the assistant should say first, and what the caller heard. Raises CallError and httpx.HTTPError."""
    stack = running()
    if stack is None:
        raise CallError(NOTHING_RUNS)
    carrier, call_sid, slug = Carrier(), f"CA{secrets.token_hex(16)}", ACCOUNT["slug"]
    with (
        account(stack.url, slug) as api,
        worker(stack.url) as media_url,
        connection(api, slug, carrier, media_url) as webhooks,
    ):
        ensure_assistant(api, slug, to)
        print(f"Calling {to} from {caller} ...", flush=True)
        call = {"CallSid": call_sid, "From": caller, "To": to}
        stream = stream_of(carrier.post(f"{stack.url}{webhooks}/voice", CallStatus="ringing", **call))
        if stream is None:
            raise CallError(f"No assistant answers {to}: {why_nobody_answers(api, to)}.")
        first_message = what_the_worker_gets(stack.url, stream)["first_message"]
        sound = asyncio.run(listen(stream, carrier.account_sid, call_sid))
        seconds = str(round(len(sound) / RATE))
        carrier.post(f"{stack.url}{webhooks}/status", CallStatus="completed", CallDuration=seconds, **call)
    return first_message, sound


def what_the_worker_gets(url: str, stream: Stream) -> dict[str, str]:
    path = f"/api/calls/{stream.parameters['call_id']}"
    assistant: dict[str, str] = Api(url, stream.token).send("GET", path)["assistant"]
    return assistant


if __name__ == "__main__":
    sys.exit(main())
