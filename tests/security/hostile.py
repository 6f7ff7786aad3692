"""Bodies of up to 1 MiB that are made to cost time or memory.

Most fill all the room that a body has. `WHOLE` are bodies for any endpoint, `VALUES` what is sent in one of its fields.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count, islice, repeat

MIB = 1024 * 1024

Shape = Callable[[], str]


def filled(start: str, entries: Iterable[str], end: str, room: int = MIB) -> str:
    """As many of the entries, joined by commas, as there is room for."""
    chosen, left = list[str](), room - len(start.encode()) - len(end.encode())
    for entry in entries:
        left -= len(entry.encode()) + 1
        if left < 0:
            break
        chosen.append(entry)
    return start + ",".join(chosen) + end


def text(part: str, room: int = MIB - 1024) -> str:
    """A JSON string of nothing but this part, which is written as it stands in JSON."""
    return f'"{part * (room // len(part.encode()))}"'


def array(entry: str, room: int = MIB - 1024) -> str:
    return filled("[", repeat(entry, room), "]", room)


def names(number: int, value: str = "0") -> Iterator[str]:
    """Different names, as short as they can be for so many."""
    alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    for index in range(number):
        rest, name = index, ""
        while rest or not name:
            rest, digit = divmod(rest, len(alphabet))
            name += alphabet[digit]
        yield f'"{name}":{value}'


def objects_of(number: int, fields: int) -> str:
    entry = "{" + ",".join(names(fields)) + "}"
    return filled('{"unknown":[', repeat(entry, number), "]}")


def padded(number: int, spare: int = 64) -> Iterator[str]:
    """So many different names that fill the room together."""
    length = (MIB - spare) // number - len('"":0,')
    return (f'"{index:0{length}}":0' for index in range(number))


def alike(number: int) -> str:
    """Names that resemble the fields of an assistant as much as they can without being one."""
    letters = "transcriptor_language_provider_model_voice_recording_enabled_phone_number_ids"
    return filled("{", (f'"{letters}{index:023}":0' for index in range(number)), "}")


WHOLE: Mapping[str, Shape] = {
    "101 names": lambda: filled("{", padded(101), "}"),
    "10,000 names": lambda: filled("{", padded(10_000), "}"),
    "10,000 names, the last twice": lambda: filled("{", [*padded(10_000, 256), '"x":0', '"x":1'], "}"),
    "36,000 names, the last twice": lambda: filled("{", [*padded(36_000, 256), '"x":0', '"x":1'], "}"),
    "100,000 names": lambda: filled("{", padded(100_000), "}"),
    "as many names as there is room for": lambda: filled("{", names(200_000), "}"),
    "names of arrays": lambda: filled("{", names(200_000, "[]"), "}"),
    "names of texts": lambda: filled("{", names(200_000, '"ab"'), "}"),
    "200,000 times the empty name": lambda: filled("{", repeat('"":0', 200_000), "}"),
    "100,000 times a name and an array": lambda: filled("{", repeat('"a":[0]', 100_000), "}"),
    "names within": lambda: filled('{"unknown":{', names(200_000), "}}"),
    "names within an array": lambda: filled('{"unknown":[{', names(200_000), "}]}"),
    "100 names that resemble fields": lambda: alike(100),
    "100 long names": lambda: filled("{", padded(100), "}"),
    "a name of all the room": lambda: filled("{", [text("n") + ":0"], "}"),
    "a name of escapes": lambda: filled("{", [text("\\u006e") + ":0"], "}"),
    "a name of surrogates": lambda: filled("{", [text("\\ud800") + ":0"], "}"),
    "1,000 objects of 100 names": lambda: objects_of(990, 100),
    "350,000 empty objects": lambda: objects_of(350_000, 0),
    "nested objects": lambda: '{"":' * (MIB // 4),
    "nested arrays": lambda: "[" * MIB,
    "nested arrays within": lambda: '{"unknown":' + "[" * (MIB - 11),
    "nested arrays and objects": lambda: '[{"":' * (MIB // 5),
    "towers of arrays": lambda: filled('{"unknown":[', repeat("[" * 900 + "]" * 900, 600), "]}"),
    "towers of objects": lambda: filled('{"unknown":[', repeat('{"":' * 900 + "0" + "}" * 900, 600), "]}"),
    "white space before a field": lambda: "{" + " " * (MIB - 20) + '"unknown":1}',
    "lines without a value": lambda: "{" + "\n" * (MIB - 1),
    "something behind the end": lambda: filled('{"unknown":[', repeat("0", MIB), "]}x"),
    "a constant at the end": lambda: filled('{"unknown":[', repeat("0", MIB), "],NaN]}"),
    "an array of objects": lambda: filled("[", repeat("{}", MIB), "]"),
    "a text": lambda: text("x"),
    "a number": lambda: "1" * MIB,
    "no UTF-8": lambda: "{" + "\\" * (MIB - 1),
}
VALUES: Mapping[str, Shape] = {
    "a text": lambda: text("x"),
    "a text of escapes": lambda: text("\\u0041"),
    "a text of escaped quotes": lambda: text('\\"'),
    "a text of surrogates": lambda: text("\\udc00"),
    "a text of pairs of surrogates": lambda: text("\\ud83d\\ude00"),
    "a text of 4 bytes a character": lambda: text("😀"),
    "a text of ASCII and one emoji": lambda: f'"😀{text("x")[1:]}',
    "a text of spaces": lambda: text(" "),
    "a text of NULs": lambda: text("\\u0000"),
    "a text of a language tag": lambda: text("en-abcdefgh-"),
    "a text of single letters and hyphens": lambda: text("a-"),
    "a text of digits": lambda: text("1"),
    "empty texts": lambda: array('""'),
    "short texts": lambda: array('"ab"'),
    "texts with an emoji": lambda: array('"😀"'),
    "texts of 100 characters": lambda: array(f'"{"x" * 100}"'),
    "two long texts": lambda: f"[{text('x', MIB // 2 - 600)},{text('y', MIB // 2 - 600)}]",
    "phone numbers": lambda: filled("[", (f'"pn_{number}"' for number in count(14155550100)), "]", MIB - 1024),
    "one phone number again and again": lambda: array('"pn_14155550101"'),
    "1,000 malformed phone numbers": lambda: f"[{','.join(islice(repeat(text('9', 900)), 1_000))}]",
    "scopes": lambda: array('"*"'),
    "20 malformed scopes": lambda: f"[{','.join([text(':', 50_000)] * 20)}]",
    "nulls": lambda: array("null"),
    "zeros": lambda: array("0"),
    "numbers": lambda: array("12345"),
    "floats": lambda: array("1e9"),
    "long floats": lambda: array("1.7976931348623157e308"),
    "numbers of 4,300 digits": lambda: array("9" * 4_300),
    "a number of 4,300 digits": lambda: "9" * 4_300,
    "a number of all the room": lambda: "9" * (MIB - 1024),
    "a negative number of all the room": lambda: "-" + "9" * (MIB - 1024),
    "a float of all the room": lambda: "9.5" + "9" * (MIB - 1024),
    "a float of a long exponent": lambda: "9e" + "9" * (MIB - 1024),
    "a small float of a long exponent": lambda: "[-9e-" + "9" * (MIB - 1024) + "]",
    "an empty array": lambda: "[[]]",
    "arrays": lambda: array("[]"),
    "arrays of a number": lambda: array("[0]"),
    "towers of arrays": lambda: array("[" * 900 + "]" * 900),
    "an object of names": lambda: filled("{", names(200_000), "}", MIB - 1024),
    "an object": lambda: '{"a":{"b":{"c":[]}}}',
    "objects": lambda: array('{"a":0}'),
}
