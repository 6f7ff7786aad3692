"""Verifies Ed25519 signatures, as RFC 8032, section 5.1.7, has it, and as strictly as libsodium does.

A verification computes with nothing secret, so it need not take the same time for all values; that is why it can be
written in Python. Signing could not. docs/decisions.md says why it is.
"""

from hashlib import sha512

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493  # of the base point
D = -121665 * pow(121666, -1, P) % P
SQRT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)

Point = tuple[int, int, int, int]  # X, Y, Z, T of x = X/Z, y = Y/Z, x * y = T/Z

NEUTRAL: Point = (0, 1, 1, 0)


def verify(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the signature, of 64 bytes, is that of the message under the key, of 32 bytes."""
    key = _decode(public_key)
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    if key is None or _has_small_order(key) or len(signature) != 64 or s >= ORDER:
        return False
    k = int.from_bytes(sha512(r + public_key + message).digest(), "little") % ORDER
    return _encode(_multiply(s, BASE, k, _negate(key))) == r


def _decode(encoded: bytes) -> Point | None:
    """None for what is no point, or not as it is to be written."""
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & (1 << 255) - 1
    if len(encoded) != 32 or y >= P:
        return None
    x = _x(y, sign)
    return None if x is None else (x, y, 1, x * y % P)


def _x(y: int, sign: int) -> int | None:
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * SQRT_OF_MINUS_1 % P
    if x * x % P != square or (x == 0 and sign):
        return None
    return x if x & 1 == sign else P - x


def _encode(point: Point) -> bytes:
    x, y, z, _ = point
    inverse = pow(z, -1, P)
    return (y * inverse % P | (x * inverse % P & 1) << 255).to_bytes(32, "little")


def _has_small_order(point: Point) -> bool:
    """Such a key would accept signatures that anybody can make."""
    x, y, z, _ = _double(_double(_double(point)))
    return x == 0 and y == z


def _multiply(s: int, first: Point, k: int, second: Point) -> Point:
    """s times the first and k times the second, bit by bit of both at once."""
    sums = (NEUTRAL, first, second, _add(first, second))
    result = NEUTRAL
    for bit in range(ORDER.bit_length() - 1, -1, -1):
        result = _double(result)
        if chosen := (s >> bit & 1) | (k >> bit & 1) << 1:
            result = _add(result, sums[chosen])
    return result


def _negate(point: Point) -> Point:
    x, y, z, t = point
    return P - x, y, z, P - t


def _add(first: Point, second: Point) -> Point:
    x1, y1, z1, t1 = first
    x2, y2, z2, t2 = second
    a, b = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * D * t1 * t2 % P, 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def _double(point: Point) -> Point:
    x, y, z, _ = point
    a, b = x * x % P, y * y % P
    h, g = a + b, a - b
    e, f = h - (x + y) * (x + y), 2 * z * z + g
    return e * f % P, g * h % P, f * g % P, e * h % P


_BASE_Y = 4 * pow(5, -1, P) % P
_BASE_X = 0x216936D3CD6E53FEC0A4E231FDD6DC5C692CC7609525A7B2C9562D608F25D51A
BASE: Point = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % P)
