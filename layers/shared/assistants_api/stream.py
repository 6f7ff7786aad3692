"""The table's stream: the records that Lambda passes on of it, in their order, and where it is to begin again."""

from collections.abc import Callable, Mapping
from typing import Any

from assistants_api import cold_start
from assistants_api.errors import Unavailable
from assistants_api.http import logger
from assistants_api.storage.keys import PrimaryKey
from assistants_api.storage.table import Table, from_env
from assistants_api.storage.values import key_of, unpack

StreamEvent = Mapping[str, Any]  # records of DynamoDB Streams, as an event source mapping passes them on
Failures = dict[str, list[dict[str, str]]]


def stream_handler(action: Callable[[Table, PrimaryKey], None]) -> Callable[[StreamEvent, object], Failures]:
    """Makes a Lambda handler of a function of the key of a changed item.

    What is done twice must be done once: Lambda sends records again. Where the database does not respond in time, or
    the time of a request is used up, the answer names the record, and Lambda sends it again with those after it. Any
    other exception is a bug, and Lambda tries the whole batch again.
    """

    def handler(event: StreamEvent, context: object) -> Failures:
        table = from_env().for_request()
        for record in event["Records"]:
            change = record["dynamodb"]
            try:
                action(table, key_of(unpack(change["Keys"])))
            except Unavailable as unavailable:
                logger.warning(unavailable.code, cause=unavailable.cause, sequence_number=change["SequenceNumber"])
                return {"batchItemFailures": [{"itemIdentifier": change["SequenceNumber"]}]}
        return {"batchItemFailures": []}

    cold_start.end()
    return handler
