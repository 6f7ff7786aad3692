"""`python -m local.cost`: prints what requests and months cost."""

from local.cost import tables
from local.cost.units import SIZES

if __name__ == "__main__":
    print(tables.basis(), "", "A million requests, by the size of the prompt:", "", tables.of_requests(), sep="\n")
    print("", "Three users:", "", tables.of_months(), sep="\n")
    for size in SIZES:
        print("", f"A million of get_call with a prompt of {size} KB, part by part:", "", sep="\n")
        print(tables.of_parts("get_call", size))
