"""COSE_Sign1 (RFC 9052 §4.2), the part of it we allow: one signature, everything protected, no options.

* Tag 18 once, around an array of [protected bytes, empty map, payload bytes, signature].
* The protected header has exactly the keys of the ``Profile``: {1: alg, 4: kid} and, for our lists, {16: typ}.
* The algorithm is a registered one and the signature has its length. Nothing outside the signature is read.
* ``Signed`` is only a reading: nothing in it may be believed before ``holds()`` has said yes with a pinned key.
"""

from typing import Any, NamedTuple, NoReturn

from verify.encoding import dumps, loads
from verify.keyring import ALGORITHMS, KID_BYTES, Signer, VerifyingKey
from verify.reasons import Reason, Rejection

TAG_SIGN1 = 0xD2
ALG, CRIT, KID, TYP = 1, 2, 4, 16
_IN_ONE_FORM = {number: each.in_one_form for number, each in ALGORITHMS.items() if each.in_one_form is not None}
_EMBEDDED = {-1, 32, 33, 34, 35}
"""COSE_Key and the x5bag, x5chain, x5t, x5u headers: a token does not bring its own key."""


class Signed(NamedTuple):
    """A decoded, unverified COSE_Sign1."""

    algorithm: int
    kid: bytes
    payload: bytes
    message: bytes
    """Sig_structure: what was signed."""
    signature: bytes

    def holds(self, key: VerifyingKey) -> bool:
        """Whether ``key`` made this very signature: not another form of it that a stranger can write."""
        in_one_form = _IN_ONE_FORM.get(self.algorithm)
        return (in_one_form is None or in_one_form(self.signature)) and key(self.message, self.signature)


def sign1(payload: bytes, signer: Signer, typ: str | None = None) -> bytes:
    """``payload`` signed, as tagged COSE_Sign1 bytes."""
    header: dict[int, Any] = {ALG: signer.algorithm, KID: signer.kid}
    if typ is not None:
        header[TYP] = typ
    protected = dumps(header)
    signature = signer.sign(_sig_structure(protected, payload))
    return bytes([TAG_SIGN1]) + dumps([protected, {}, payload, signature])


def open_sign1(data: bytes, typ: str | None = None) -> Signed:
    """Decode; raises Rejection, and nothing else, for anything but our profile of COSE_Sign1."""
    protected, payload, signature = _parts(data)
    algorithm, kid = _header(loads(protected) if protected else {}, typ)
    if len(signature) != ALGORITHMS[algorithm].signature_bytes:
        _refuse(Reason.SIGNATURE_LENGTH, str(len(signature)))
    return Signed(algorithm, kid, payload, _sig_structure(protected, payload), signature)


def _sig_structure(protected: bytes, payload: bytes) -> bytes:
    return dumps(["Signature1", protected, b"", payload])


def _refuse(reason: Reason, detail: str = "") -> NoReturn:
    raise Rejection(reason, detail)


def _parts(data: bytes) -> tuple[bytes, bytes, bytes]:
    if not data:
        _refuse(Reason.EMPTY)
    if data[0] != TAG_SIGN1 or (len(data) > 1 and data[1] >> 5 == 6):
        _refuse(Reason.NOT_SIGN1)
    match loads(data[1:]):
        case [bytes(protected), dict(unprotected), bytes(payload), bytes(signature)]:
            if unprotected:
                _refuse(Reason.UNPROTECTED_HEADER)
            return protected, payload, signature
    _refuse(Reason.NOT_SIGN1)


def _header(header: Any, typ: str | None) -> tuple[int, bytes]:
    if not isinstance(header, dict):
        _refuse(Reason.MALFORMED, "标头不是映射")
    if CRIT in header:
        _refuse(Reason.CRITICAL_HEADER)
    if any(type(key) is int and key in _EMBEDDED for key in header):
        _refuse(Reason.EMBEDDED_KEY)
    if ALG not in header:
        _refuse(Reason.ALGORITHM_MISSING)
    if KID not in header:
        _refuse(Reason.KID_MISSING)
    expected = {ALG, KID} if typ is None else {ALG, KID, TYP}
    if set(header) != expected or header.get(TYP) != typ:
        _refuse(Reason.HEADER_UNEXPECTED)
    return _algorithm(header[ALG]), _kid(header[KID])


def _algorithm(number: Any) -> int:
    if type(number) is not int or number not in ALGORITHMS:
        _refuse(Reason.ALGORITHM_UNKNOWN, str(number) if type(number) is int else "?")
    return number


def _kid(value: Any) -> bytes:
    if type(value) is not bytes or len(value) != KID_BYTES:
        _refuse(Reason.KID_MALFORMED)
    return value
