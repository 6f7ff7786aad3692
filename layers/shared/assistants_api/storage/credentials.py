"""Credentials of others, such as a carrier's: encrypted by KMS before they reach the table.

What is encrypted is bound to its account and connection by the encryption context: it opens nothing elsewhere.
"""

import json
import os
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from botocore.exceptions import ClientError
from botocore.retries.quota import RetryQuota

from assistants_api.errors import Unavailable
from assistants_api.storage.client import call, new_kms_client

Reply = Mapping[str, Any]

SERVICE = "service that encrypts credentials"
MAX_DECRYPTED = 1_000  # secrets of connections that a process keeps


class KeyService:
    """KMS, with the key of the deployment."""

    def __init__(self, client: Any, key: str) -> None:
        self.client = client
        self._key = key
        self._retry_budget = RetryQuota()
        self._decrypted = dict[tuple[bytes, str], Mapping[str, str]]()

    def encrypt(self, secrets: Mapping[str, str], context: Mapping[str, str], deadline: float) -> bytes:
        """The secrets, as JSON of at most 4 KB, encrypted. The deadline is one of time.monotonic().

        Raises Unavailable, also for a failure that stays, such as a key that is disabled.
        """
        plaintext = json.dumps(secrets, ensure_ascii=False).encode()
        reply = self._call(self.client.encrypt, deadline, Plaintext=plaintext, EncryptionContext=context)
        ciphertext: bytes = reply["CiphertextBlob"]
        return ciphertext

    def decrypt(self, ciphertext: bytes, context: Mapping[str, str], deadline: float) -> Mapping[str, str]:
        """The secrets. Each ciphertext is decrypted once in a process.

        Raises Unavailable, also for what was encrypted under another key or in another context.
        """
        known = ciphertext, json.dumps(context)
        if known not in self._decrypted:
            reply = self._call(self.client.decrypt, deadline, CiphertextBlob=ciphertext, EncryptionContext=context)
            if len(self._decrypted) == MAX_DECRYPTED:
                del self._decrypted[next(iter(self._decrypted))]
            self._decrypted[known] = json.loads(reply["Plaintext"])
        return self._decrypted[known]

    def _call(
        self, operation: Callable[..., Mapping[str, Any]], deadline: float, **request: object
    ) -> Mapping[str, Any]:
        try:
            return call(operation, {"KeyId": self._key, **request}, deadline, self._retry_budget)
        except Unavailable as failure:
            raise Unavailable(failure.cause, SERVICE) from failure
        except ClientError as refusal:
            raise Unavailable(f"KMS {refusal.response['Error']['Code']}", SERVICE) from None


@cache
def from_env() -> KeyService:
    """With the key that `CREDENTIALS_KEY` names, and a client that all requests of this process share. It is made for
    the first credentials, so that no other request waits for it."""
    return KeyService(new_kms_client(), os.environ["CREDENTIALS_KEY"])
