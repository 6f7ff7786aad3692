"""The environments of samconfig.toml. `python -m local.stack.stages STAGE PARAMETERS` prints all parameters of STAGE.

`sam deploy --parameter-overrides` takes the place of all that samconfig.toml says. So what is given for one deployment
follows what the environment has, and the last value of a parameter counts.
"""

import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

CONFIG = Path(__file__).parents[2] / "samconfig.toml"


def stages() -> dict[str, Any]:
    return {name: it for name, it in tomllib.loads(CONFIG.read_text("utf-8")).items() if name != "version"}


def parameters(stage: Mapping[str, Any], given: str) -> str:
    """Those of the environment, and then those given: `LogLevel=INFO TableName=""`."""
    named: Any = ""
    for command in ("global", "deploy"):  # what is of a command takes the place of what is of all
        named = stage.get(command, {}).get("parameters", {}).get("parameter_overrides", named)
    if isinstance(named, dict):
        named = [f'{name}="{value}"' for name, value in named.items()]
    return " ".join([*([named] if isinstance(named, str) else named), given]).strip()


if __name__ == "__main__":
    print(parameters(stages()[sys.argv[1]], sys.argv[2]))
