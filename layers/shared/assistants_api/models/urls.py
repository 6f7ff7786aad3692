"""Addresses that calls are sent to: encrypted ones only, and unless the operator allows others, of public hosts only.

Where private hosts are allowed, a stream to this machine itself may go without encryption, as it crosses no network.

A host is judged by how it is written. Names are not looked up: what a name leads to can change after that.
"""

import os
import re
from collections.abc import Callable
from ipaddress import ip_address
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

MAX_URL = 2_000  # characters
HOST = r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?P<port>:[0-9]{1,5})?"
# Only what RFC 3986 lets stand in a URL, and no user name or password before the host.
WEB = re.compile(rf"(?P<scheme>[a-z]+)://{HOST}(?:[/?][!$%&'()*+,./0-9:;=?@A-Z_a-z~-]*)?", re.IGNORECASE)
SIP = re.compile(
    rf"(?P<scheme>sips):(?:[!$%&'()*+,./0-9;=?A-Z_a-z~-]+@)?{HOST}(?:[;?][!$%&'()*+,./0-9:;=?@A-Z_a-z~-]*)?",
    re.IGNORECASE,
)
LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")  # a last label by which others take the host for an IPv4 address
PRIVATE_SUFFIXES = (".localhost", ".local", ".internal")
NOT_PUBLIC = (
    "must be at a public host, such as {example}: addresses and names of a private network are refused, unless the "
    "operator of this deployment allows them (AllowPrivateHosts)."
)


def _checked(
    form: re.Pattern[str], schemes: tuple[str, ...], example: str, to_loopback: tuple[str, ...] = ()
) -> Callable[[str], str]:
    rule = (
        f"must be a URL that starts with {' or '.join(schemes)}, such as {example}, without a password and a fragment."
    )

    def check(text: str) -> str:
        match = form.fullmatch(text)
        if not match or not _is_host(match["host"]) or int((match["port"] or ":0")[1:]) > 65_535:
            raise ValueError(rule)
        allows_private = os.environ.get("ALLOW_PRIVATE_HOSTS") == "true"
        if not text.lower().startswith(schemes + to_loopback * (allows_private and is_loopback(match["host"]))):
            raise ValueError(rule)
        if not allows_private and not is_public(match["host"]):
            raise ValueError(NOT_PUBLIC.format(example=example))
        return text

    return check


def is_public(host: str) -> bool:
    """Whether it is, as it is written, a host of the internet: a public IP address, or a name that others may have."""
    name = host.lower().removesuffix(".")
    try:
        address = ip_address(name.strip("[]"))
    except ValueError:
        return "." in name and not name.endswith(PRIVATE_SUFFIXES) and not NUMERIC.fullmatch(name.rpartition(".")[2])
    return address.is_global and not address.is_multicast


def is_loopback(host: str) -> bool:
    """Whether it is, as it is written, the machine that asks."""
    name = host.lower().removesuffix(".").strip("[]")
    return ip_address(name).is_loopback if _is_address(name) else name == "localhost"


def _is_host(host: str) -> bool:
    if host.startswith("["):
        return _is_address(host.strip("[]"))
    labels = host.lower().removesuffix(".").split(".")
    return len(host) <= 253 and all(map(LABEL.fullmatch, labels))


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


Bounded = Annotated[str, StringConstraints(max_length=MAX_URL)]
StreamUrl = Annotated[Bounded, AfterValidator(_checked(WEB, ("wss://",), "wss://bots.example.com/ws", ("ws://",)))]
ServerUrl = Annotated[Bounded, AfterValidator(_checked(WEB, ("wss://", "https://"), "wss://my-project.livekit.cloud"))]
SipUri = Annotated[Bounded, AfterValidator(_checked(SIP, ("sips:",), "sips:bot@sip.example.com"))]
