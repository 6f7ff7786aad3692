from typing import Any

import pytest
from botocore.exceptions import ParamValidationError

from assistants_api.storage.table import Table


def test_a_request_of_the_wrong_type_fails_a_test(table: Table) -> None:
    key: Any = {"PK": "ACCOUNT#a", "SK": {"S": "ACCOUNT"}}
    with pytest.raises(ParamValidationError, match=r"Key\.PK"):
        table.client.get_item(TableName=table.name, Key=key)
