"""`python -m local.catalogue FILE [DATE]`: writes language_models.json from litellm's list.

FILE is litellm's model_prices_and_context_window.json, or a wheel of litellm, which has a copy. DATE is the day on
which it was fetched, today unless it is named.
"""

import json
import sys
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from assistants_api.catalogue import models
from local.catalogue.language_models import catalogue, render

IN_WHEEL = "litellm/model_prices_and_context_window_backup.json"


def read(path: Path) -> dict[str, Any]:
    """Raises OSError, ValueError, and KeyError for a wheel without the list."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as wheel:
            listed: dict[str, Any] = json.loads(wheel.read(IN_WHEEL))
    else:
        listed = json.loads(path.read_text("utf-8"))
    listed.pop("sample_spec", None)
    return listed


def main(arguments: list[str]) -> int:
    if len(arguments) not in (1, 2):
        print("Name litellm's list, or a wheel of litellm: make catalogue FILE=...", file=sys.stderr)
        return 2
    try:
        checked = date.fromisoformat(arguments[1]) if arguments[1:] else datetime.now(UTC).date()
        content = catalogue(read(Path(arguments[0])), checked)
    except (OSError, ValueError, KeyError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    models.LANGUAGE_MODELS.write_text(render(content), "utf-8")
    count = sum(len(of_provider) for of_provider in content["models"]["llm"].values())
    print(f"{models.LANGUAGE_MODELS.name}: {models.LANGUAGE_MODELS.stat().st_size:,} bytes, {count} models")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
