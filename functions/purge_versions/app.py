"""Deletes the versions and the counts of calls of assistants that can't be restored any more.

No HTTP route leads here: the table's stream passes on each deleted assistant that TTL removed.
"""

from assistants_api.http import logger
from assistants_api.storage import keys, versions
from assistants_api.storage.keys import PrimaryKey
from assistants_api.storage.table import Table
from assistants_api.stream import stream_handler


@stream_handler
def handler(table: Table, removed: PrimaryKey) -> None:
    account_id, assistant_id = keys.ids_of_deleted_assistant(removed)
    purged = versions.purge(table, account_id, assistant_id)
    logger.info("purged", account_id=account_id, resource=assistant_id, versions=purged)
