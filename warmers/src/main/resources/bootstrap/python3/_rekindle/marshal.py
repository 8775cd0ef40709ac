"""Events and results as JSON, the way Lambda's Python runtime converts them.

That runtime encodes with simplejson, which differs from the standard library: text in
bytes is a string, what has `_asdict` (a named tuple) is an object, and a Decimal keeps
all its digits. It also writes NaN, which is no JSON: that is refused here.
"""

import gc
import sys
from _collections import OrderedDict, defaultdict
from json import JSONEncoder, loads  # by value: functions replace them in the module
from json.encoder import encode_basestring, encode_basestring_ascii

from .faults import Fault

_BASIC = frozenset((dict, list, tuple))
_MAPPINGS = frozenset((OrderedDict, defaultdict))
_CONTAINERS = _BASIC | _MAPPINGS
_USUAL = _CONTAINERS | frozenset((str, int, float, bool, type(None)))


def to_event(body):
    """Parses the event; raises Fault when it is not JSON."""
    try:
        return loads(body)
    except Exception as error:
        raise Fault("Runtime.UnmarshalError", "Unable to unmarshal input: %s" % error)


def to_body(result):
    """Encodes a handler's result; returns its bytes and whether they are JSON.

    Bytes are a body of the handler's own, whatever they hold.
    """
    if isinstance(result, bytes):
        return result, _is_json(result)
    try:
        try:
            return _encode(result, _encoder, encode_basestring).encode("utf-8"), True
        except UnicodeEncodeError:  # half a surrogate pair can only be sent escaped
            text = _encode(result, _ascii_encoder, encode_basestring_ascii)
            return text.encode("ascii"), True
    except Exception as error:
        raise Fault("Runtime.MarshalError", "Unable to marshal response: %s" % error)


def _is_json(data):
    try:
        loads(data)
        return True
    except Exception:
        return False


def _encode(result, quick, quote):
    # The standard encoder is compiled. It serves unless it refuses the result or takes
    # an object for an array; then the slower one below decides.
    try:
        text = quick.encode(result)
    except UnicodeEncodeError:
        raise
    except Exception:
        return _Slow(quote).encode(result)
    return text if _is_plain(result) else _Slow(quote).encode(result)


class _NotQuick(Exception):
    """The standard encoder cannot write this value."""


def _convert(value):
    # What the standard encoder can be told in its own types.
    if isinstance(value, bytes):
        return str(value, "utf-8")
    if _is_decimal(value):
        text = str(value)
        for number in (int, float):
            try:
                converted = number(text)
            except ValueError:
                continue
            if str(converted) == text:
                return converted
    raise _NotQuick()


# Unicode as it is, and no NaN or Infinity: what goes out is always valid JSON.
_encoder = JSONEncoder(ensure_ascii=False, allow_nan=False, default=_convert)
_ascii_encoder = JSONEncoder(ensure_ascii=True, allow_nan=False, default=_convert)


def _is_plain(result):
    # Level by level, with loops that run in C. Only after the standard encoder has
    # succeeded: then there is no circle in which this would go round.
    level = [result]
    while True:
        kinds = set(map(type, level))
        if not all(map(_is_read_alike, kinds - _USUAL)):
            return False
        if kinds.isdisjoint(_CONTAINERS):
            return True
        inner = gc.get_referents(*[one for one in level if type(one) in _BASIC])
        if not kinds.isdisjoint(_MAPPINGS):  # gc would also find what hangs on them
            for one in level:
                if type(one) in _MAPPINGS:
                    inner.extend(one.values())
        level = inner


def _is_read_alike(kind):
    # Whether both encoders see the same in it: what is a container or may have _asdict
    # need not be for the one what it is for the other.
    return not (
        issubclass(kind, (dict, list, tuple))
        or hasattr(kind, "_asdict")
        or hasattr(kind, "__getattr__")
    )


def _is_decimal(value):
    # A Decimal can only be there if its module is: no need to import it here.
    decimal = sys.modules.get("decimal")
    return decimal is not None and isinstance(value, decimal.Decimal)


class _Slow:
    """Writes what the standard encoder cannot, with the same spaces."""

    def __init__(self, quote):
        self._quote = quote
        self._open = set()

    def encode(self, result):
        parts = []
        self._write(result, parts.append)
        return "".join(parts)

    def _write(self, value, out):
        # One frame for each level, so that it gets as deep as the standard encoder.
        if isinstance(value, str):
            out(self._quote(value))
            return
        if isinstance(value, bytes):
            out(self._quote(str(value, "utf-8")))
            return
        if value is None or isinstance(value, (int, float)):
            out("null" if value is None else _number(value))
            return
        marker = id(value)
        if marker in self._open:
            raise ValueError("Circular reference detected")
        self._open.add(marker)
        fields = _as_dict(value)
        if fields is None and isinstance(value, (list, tuple)):
            separator = "["
            for one in value:
                out(separator)
                self._write(one, out)
                separator = ", "
            out("[]" if separator == "[" else "]")
        elif fields is not None or isinstance(value, dict):
            separator = "{"
            for key, one in (value if fields is None else fields).items():
                out(separator)
                out(self._quote(_key(key)))
                out(": ")
                self._write(one, out)
                separator = ", "
            out("{}" if separator == "{" else "}")
        else:
            out(_decimal(value))
        self._open.remove(marker)


def _as_dict(value):
    method = getattr(value, "_asdict", None)
    if not callable(method):
        return None
    try:
        fields = method()
    except TypeError:  # a class, or a method of another meaning
        return None
    if not isinstance(fields, dict):
        raise TypeError("_asdict() must return a dict, not %s" % type(fields).__name__)
    return fields


def _decimal(value):
    if not _is_decimal(value):
        raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)
    if not value.is_finite():
        raise ValueError("Out of range decimal values are not JSON compliant: %s" % value)
    return str(value)


def _number(value):
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, int):
        return int.__repr__(value)
    if value != value or value in (float("inf"), float("-inf")):
        raise ValueError("Out of range float values are not JSON compliant: %r" % value)
    return float.__repr__(value)


def _key(key):
    if isinstance(key, str):
        return key
    if isinstance(key, bytes):
        return str(key, "utf-8")
    if key is None:
        return "null"
    if isinstance(key, (int, float)):
        return _number(key)
    raise TypeError(
        "keys must be str, int, float, bool or None, not %s" % type(key).__name__
    )
