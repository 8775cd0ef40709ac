"""Clones must not be twins: renews what was frozen and must differ in every clone.

Renewed: the environment, `random` and every `random.Random`, NumPy's generators and the
seed sequences that they spawn from, OpenSSL's generator, SQLite's generator, `uuid1` state, `tempfile` names, the log stream's name.
Needs nothing: `os.urandom`, `secrets`, `uuid4`, `SystemRandom`, which ask the kernel each
time, and the clock, which Python does not cache.

Cannot be renewed: the seed of `hash(str)`, since every dict in memory is laid out by it,
and the process id, which all clones of a snapshot share. Generators of other libraries
(or one that a C library keeps to itself) need a hook of the function's own:
snapshot_restore_py.register_after_restore.
"""

import gc
import os
import sys
import time
from _blake2 import blake2b  # not hashlib, which would load all of OpenSSL

from . import hooks

# Found before the checkpoint, because looking for them later would cost each clone.
_generators = []
_reset_sqlite = []


def prepare():
    """Finds, before a checkpoint, what is to be renewed after it.

    Walking all objects after a restore would write to nearly every page of the clone.
    Seeded generators are found too: frozen state cannot tell a wanted seed from chance.
    """
    types = _generator_types()
    # type(), not isinstance(): that would wake proxy objects, which may raise.
    _generators[:] = [found for found in gc.get_objects() if issubclass(type(found), types)]
    _reset_sqlite[:] = _find_sqlite()


def _generator_types():
    types = []
    if "random" in sys.modules:
        types.append(sys.modules["random"].Random)
    if "numpy.random" in sys.modules:
        types.append(sys.modules["numpy.random"].BitGenerator)
        types.append(sys.modules["numpy.random"].RandomState)
        types.append(sys.modules["numpy.random"].SeedSequence)
    return tuple(types)


def _find_sqlite():
    sqlite = sys.modules.get("_sqlite3")
    if sqlite is None:
        return []
    import ctypes

    # Looks the name up in what the extension itself is linked with.
    return [ctypes.CDLL(sqlite.__file__).sqlite3_randomness]


def renew(header):
    """Renews everything from the request's entropy, then runs the function's hooks."""
    entropy = bytes.fromhex(header["entropy"])
    renew_environment(header.get("environment") or {})
    seed_number = [0]

    def seed():
        """64 bytes that no other source in this clone, and no other clone, gets."""
        seed_number[0] += 1
        return blake2b(seed_number[0].to_bytes(8, "big"), key=entropy[:64]).digest()

    for renew_one in (_random, _numpy, _openssl, _sqlite, _uuid, _tempfile):
        renew_one(seed)
    _generators.clear()
    name_log_stream(seed())
    hooks.run_after_restore()


def renew_environment(environment):
    """Sets the given variables; the others stay."""
    time_zone = os.environ.get("TZ")
    os.environ.update(environment)
    if os.environ.get("TZ") != time_zone:
        time.tzset()


def name_log_stream(random_bytes):
    """Gives this instance a log stream name of its own, in Lambda's form."""
    os.environ["AWS_LAMBDA_LOG_STREAM_NAME"] = "%s/[%s]%s" % (
        time.strftime("%Y/%m/%d", time.gmtime()),
        os.environ.get("AWS_LAMBDA_FUNCTION_VERSION", ""),
        random_bytes[:16].hex(),
    )


def _random(seed):
    random = sys.modules.get("random")
    if random is None:
        return
    system = random.SystemRandom
    random.seed(seed())
    for generator in _generators:
        if isinstance(generator, random.Random) and not isinstance(generator, system):
            # The base class's method: a subclass may take other seeds, or refuse them.
            random.Random.seed(generator, seed())


def _numpy(seed):
    numpy_random = sys.modules.get("numpy.random")
    if numpy_random is None:
        return

    def words():
        data = seed()
        return [int.from_bytes(data[i:i + 4], "big") for i in range(0, 64, 4)]

    numpy_random.seed(words())
    for sequence in _generators:
        if isinstance(sequence, numpy_random.SeedSequence):
            # In place, since its fields are read-only: a generator spawns from the one it holds.
            sequence.__init__(words(), pool_size=sequence.pool_size)
    for generator in _generators:
        if isinstance(generator, numpy_random.BitGenerator):
            generator.state = type(generator)(numpy_random.SeedSequence(words())).state
    for generator in _generators:
        # After the bit generators: this also drops the cached second normal deviate.
        if isinstance(generator, numpy_random.RandomState):
            try:
                generator.seed(words())
            except TypeError:  # only over MT19937 can be seeded; the others just were
                pass


def _openssl(seed):
    openssl = sys.modules.get("_ssl")
    if openssl is not None:
        # Reseeds the root generator; those of the threads follow at their next use.
        openssl.RAND_add(seed(), 64.0)


def _sqlite(seed):
    for randomness in _reset_sqlite:
        # With N < 1 it only resets; SQLite then asks the kernel at the next use.
        randomness(0, None)


def _uuid(seed):
    uuid = sys.modules.get("uuid")
    if uuid is None:
        return
    # libuuid keeps its clock sequence where nobody can reset it: use Python's own way.
    uuid._generate_time_safe = None
    # A random node with the multicast bit set, as RFC 9562 (6.10) allows.
    uuid._node = int.from_bytes(seed()[:6], "big") | (1 << 40)
    for state in ("_last_timestamp", "_last_timestamp_v6", "_last_timestamp_v7"):
        if hasattr(uuid, state):
            setattr(uuid, state, None)


def _tempfile(seed):
    tempfile = sys.modules.get("tempfile")
    if tempfile is not None:
        tempfile._name_sequence = None
