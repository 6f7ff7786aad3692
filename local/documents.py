"""`python -m local.documents`: writes the tables of documents anew that programs print.

Such a table stands between two comments, `<!-- its-name -->` and `<!-- end -->`.
"""

import re
from collections.abc import Callable

from local.cost import tables as cost
from local.scale import tables as scale
from local.stack.template import ROOT

DOCUMENTS = ("README.md", "docs/cost.md", "docs/scale.md")
TABLES: dict[str, Callable[[], str]] = {
    "cost-basis": cost.basis,
    "cost-of-requests": cost.of_requests,
    "cost-of-months": cost.of_months,
    "cost-of-a-call": lambda: cost.of_parts("get_call", 60),
    "cost-summary": cost.summary,
    "ceilings": scale.of_ceilings,
    "bottlenecks": scale.of_examples,
}
PLACE = re.compile(r"<!-- ([a-z-]+) -->\n.*?<!-- end -->", re.DOTALL)


def rendered(text: str) -> str:
    """The document with each of its tables as it is now."""
    return PLACE.sub(lambda found: f"<!-- {found[1]} -->\n{TABLES[found[1]]()}\n<!-- end -->", text)


if __name__ == "__main__":
    for name in DOCUMENTS:
        path = ROOT / name
        path.write_text(rendered(path.read_text()))
