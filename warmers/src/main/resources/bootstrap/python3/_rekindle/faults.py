"""Errors in the form in which Lambda reports them: type, message, stack trace."""

import os
import traceback

# Bounds of a reported error: at most 4 bytes for each character, and 6 for a control
# character, keep its header under the protocol's limit of 1 MiB.
_MAX_MESSAGE_CHARS = 65536
_MAX_FRAME_CHARS = 500
_MAX_FRAMES_EACH_END = 100

_RUNTIME = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


class Fault(Exception):
    """A failure with an error type of Lambda's own, such as Runtime.HandlerNotFound."""

    def __init__(self, error_type, message, trace=()):
        super().__init__(message)
        self.error_type = error_type
        self.message = message
        self.trace = list(trace)


def fault(error_type, message, trace=()):
    """The fields of a reported error, each cut to a size that fits a header."""
    trace = [entry[:_MAX_FRAME_CHARS] for entry in trace]
    if len(trace) > 2 * _MAX_FRAMES_EACH_END:
        left_out = "  ... %d frames left out ...\n" % (len(trace) - 2 * _MAX_FRAMES_EACH_END)
        trace = trace[:_MAX_FRAMES_EACH_END] + [left_out] + trace[-_MAX_FRAMES_EACH_END:]
    return {
        "errorType": error_type[:_MAX_FRAME_CHARS],
        "errorMessage": message[:_MAX_MESSAGE_CHARS],
        "requestId": "",  # of the invocation that failed; none while the function loads
        "stackTrace": trace,
    }


def describe(error):
    """Turns an exception into the fields of a reported error."""
    if isinstance(error, Fault):
        return fault(error.error_type, error.message, error.trace)
    if isinstance(error, SystemExit):
        return fault("Runtime.ExitError", "the function left with exit(%r)" % (error.code,))
    try:
        message = str(error)
    except Exception:
        message = "<the message of this error cannot be shown>"
    try:
        # As tuples: they know no columns, so no lines of carets are drawn under the code.
        frames = _frames_of_the_function(error)
        trace = traceback.format_list([(f.filename, f.lineno, f.name, f.line) for f in frames])
    except Exception:  # out of memory, or source files that cannot be read
        trace = []
    return fault(type(error).__name__, message, trace)


def _frames_of_the_function(error):
    frames = traceback.extract_tb(error.__traceback__)
    first = 0
    while first < len(frames) and _of_the_platform(frames[first].filename):
        first += 1
    return frames[first:]


def _of_the_platform(filename):
    return (
        filename.startswith(_RUNTIME)
        or filename.startswith("<frozen importlib")
        or filename.endswith("/importlib/__init__.py")
    )
