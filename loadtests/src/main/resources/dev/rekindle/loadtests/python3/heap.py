"""A function with a heap of a chosen size (HEAP_MB, in 10^6 bytes), built as it loads.

A quarter of the heap is a dictionary of small objects, the rest arrays in which no two
pages are alike; of each of their pages HEAP_RANDOM bytes (none by default) are random, and
so cannot be compressed. One event touches a small part of both. Handler: heap.handler; event:
{"key": 7}, and "holdMs" to keep the instance busy for that long.
"""

import os
import random
import time

_PAGE = 4096
_ARRAY = 1 << 20
_ENTRY = 180  # bytes that one entry of the dictionary takes: measured on CPython 3.11
_STRIDE = 7919  # a prime, so that successive look-ups lie far apart


_RANDOM = int(os.environ.get("HEAP_RANDOM", "0"))  # at most a page less 16


def _array(number):
    noise = random.Random(number)
    block = bytearray(bytes(range(1, 256)) * (_ARRAY // 255 + 1))[:_ARRAY]
    for page in range(0, _ARRAY, _PAGE):
        block[page : page + 8] = (number * _ARRAY + page).to_bytes(8, "little")
        block[page + 16 : page + 16 + _RANDOM] = noise.randbytes(_RANDOM)
    return block


def _build(megabytes):
    bytes_wanted = megabytes * 1_000_000
    table = {"k%d" % i: (i, i / 3) for i in range(bytes_wanted // 4 // _ENTRY)}
    arrays = [_array(i) for i in range(bytes_wanted * 3 // 4 // _ARRAY)]
    return table, arrays


_TABLE, _ARRAYS = _build(int(os.environ.get("HEAP_MB", "50")))


def handler(event, context):
    """Returns a sum over 16 entries and 16 pages, which depends on the key alone."""
    key = int(event.get("key", 0))
    total = 0.0
    for step in range(key, key + 16):
        number, third = _TABLE.get("k%d" % (step * _STRIDE % max(1, len(_TABLE))), (0, 0.0))
        total += number + third
        if _ARRAYS:
            array = _ARRAYS[step * _STRIDE % len(_ARRAYS)]
            total += array[step % 256 * _PAGE + 9]
    if "holdMs" in event:
        time.sleep(event["holdMs"] / 1000)
    return {"sum": total, "entries": len(_TABLE), "arrays": len(_ARRAYS)}
