"""The function's listening socket: one exchange for each connection, one at a time.

Uses the C module `_socket` on purpose: `socket` costs more imports at every cold start,
and functions replace its parts (gevent) or set a default timeout that would hit ours.
"""

import _socket
import fcntl
import os
from json import dumps, loads  # by value: functions replace them in the module

from . import checkpoint, faults, logs, renewal

# A header holds names and settings, or an environment: a few KB. The bound keeps a
# damaged length from becoming an allocation.
_MAX_HEADER_BYTES = 1 << 20
_MAX_BODY_BYTES = 256 << 20
_CHUNK_BYTES = 1 << 18
_OUT_OF_THE_WAY = 200


class BadFrame(Exception):
    """What came in is not a request of the protocol."""


class Disconnected(Exception):
    """The client went away in the middle of an exchange."""


def listen(path):
    """Binds the socket; all may connect, for the directory around it decides who can."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
    bound = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    bound.bind(path)
    os.chmod(path, 0o666)
    bound.listen(128)
    listener = _out_of_the_way(bound.detach())
    # Children that the function forks, also while it loads, do not listen: callers would
    # wait for them when the function itself has ended.
    os.register_at_fork(after_in_child=listener.close)
    return listener


def _out_of_the_way(descriptor):
    # Programs that tidy up descriptors usually stop at a low number.
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _OUT_OF_THE_WAY)
    os.close(descriptor)
    return _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM, 0, moved)


def serve(listener, function):
    """Answers requests until the process ends."""
    ours = []
    # Children that a handler forks keep no connection alive: the caller would wait for
    # its end, and a checkpoint would find it open.
    os.register_at_fork(after_in_child=lambda: [one.close() for one in ours])
    failures = 0
    while True:
        try:
            descriptor, _ = listener._accept()
            failures = 0
        except Exception as error:  # a function's signal handler may raise right here
            failures += 1
            if failures > 100:
                logs.log_line("[ERROR] cannot accept on the function's socket: %r" % error)
                raise SystemExit(70)
            continue
        connection = _out_of_the_way(descriptor)
        ours.append(connection)
        try:
            connection.settimeout(None)
            _exchange(connection, function)
        except Disconnected:
            pass
        except Exception as error:
            logs.log_fault(faults.describe(error))
        finally:
            ours.remove(connection)
            connection.close()


def _exchange(connection, function):
    try:
        header, body = _read(connection)
        operation = _OPERATIONS.get(header.get("op"))
        if operation is None:
            raise BadFrame("unknown operation %r" % (header.get("op"),))
    except (BadFrame, ValueError) as error:
        _write(connection, faults.fault("Runtime.BadFrame", str(error)), b"")
        return
    reply = {"ok": True}
    try:
        result = operation(function, header, body, reply)
    except Exception as error:
        result = b""
        reply = faults.describe(error)
        reply["ok"] = False
        reply["requestId"] = header.get("requestId", "")
        logs.log_fault(reply)
    logs.flush()
    _write(connection, reply, result)


def _invoke(function, header, body, reply):
    result, is_json = function.invoke(header, body)
    if not is_json:
        reply["contentType"] = "application/octet-stream"
    return result


def _before_checkpoint(function, header, body, reply):
    checkpoint.prepare()
    return b""


def _after_restore(function, header, body, reply):
    renewal.renew(header)
    return b""


_OPERATIONS = {
    "invoke": _invoke,
    "beforeCheckpoint": _before_checkpoint,
    "afterRestore": _after_restore,
}


def _read(connection):
    header_bytes = _read_block(connection, _MAX_HEADER_BYTES, "header")
    body = _read_block(connection, _MAX_BODY_BYTES, "body")
    header = loads(header_bytes.decode("utf-8"))
    if not isinstance(header, dict):
        raise BadFrame("the header is not a JSON object")
    return header, body


def _read_block(connection, limit, what):
    size = int.from_bytes(_read_exactly(connection, 4), "big")
    if size > limit:
        raise BadFrame("a %s of %d bytes is over the limit of %d" % (what, size, limit))
    return _read_exactly(connection, size)


def _read_exactly(connection, size):
    # Grows with what arrives, not with what the length promises.
    data = bytearray()
    while len(data) < size:
        try:
            chunk = connection.recv(min(_CHUNK_BYTES, size - len(data)))
        except OSError as error:
            raise Disconnected(str(error))
        if not chunk:
            raise Disconnected("end of stream after %d of %d bytes" % (len(data), size))
        data += chunk
    return bytes(data)


def _write(connection, header, body):
    header.setdefault("ok", False)
    # The error handler's escape for half a surrogate pair happens to be JSON's own.
    header_bytes = dumps(header, ensure_ascii=False).encode("utf-8", "backslashreplace")
    start = len(header_bytes).to_bytes(4, "big") + header_bytes + len(body).to_bytes(4, "big")
    try:
        # MSG_NOSIGNAL: a function may have given SIGPIPE its deadly default back.
        connection.sendall(start, _socket.MSG_NOSIGNAL)
        if body:
            connection.sendall(body, _socket.MSG_NOSIGNAL)
    except OSError as error:
        raise Disconnected(str(error))
