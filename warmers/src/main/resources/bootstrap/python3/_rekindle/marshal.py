"""Events and results as JSON, the way Lambda's Python runtime converts them.

Two known differences, both since the standard library lacks what simplejson has: a
Decimal with a fraction becomes the nearest float, and a named tuple becomes an array.
"""

import sys
from json import JSONEncoder, loads  # by value: functions replace them in the module

from .faults import Fault


def _unknown(value):
    # A Decimal can only be there if its module is: no need to import it here.
    decimal = sys.modules.get("decimal")
    if decimal is not None and isinstance(value, decimal.Decimal):
        if value.is_finite() and value == value.to_integral_value():
            return int(value)
        return float(value)
    raise TypeError(
        "Object of type %s is not JSON serializable" % type(value).__name__
    )


# Unicode as it is, and no NaN or Infinity: what goes out is always valid JSON.
_encoder = JSONEncoder(ensure_ascii=False, allow_nan=False, default=_unknown)
_ascii_encoder = JSONEncoder(ensure_ascii=True, allow_nan=False, default=_unknown)


def to_event(body):
    """Parses the event; raises Fault when it is not JSON."""
    try:
        return loads(body)
    except Exception as error:
        raise Fault("Runtime.UnmarshalError", "Unable to unmarshal input: %s" % error)


def to_json(result):
    """Encodes a handler's result; bytes pass through when they are JSON already."""
    try:
        if isinstance(result, bytes):
            loads(result)
            return result
        try:
            return _encoder.encode(result).encode("utf-8")
        except UnicodeEncodeError:  # half a surrogate pair can only be sent escaped
            return _ascii_encoder.encode(result).encode("ascii")
    except Exception as error:
        raise Fault("Runtime.MarshalError", "Unable to marshal response: %s" % error)
