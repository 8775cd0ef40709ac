"""Standard output, and the root logger as Lambda sets it up: its records go to stdout."""

import logging
import os
import sys
import time

# Of the invocation being served; shown in every log record.
request_id = ""


def prepare_streams():
    """Each line goes out at once, and characters that UTF-8 lacks are no reason to fail."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)


class _StdoutHandler(logging.Handler):
    """Looks up sys.stdout at each record: functions replace it."""

    def emit(self, record):
        try:
            sys.stdout.write(self.format(record))
        except Exception:
            self.handleError(record)

    def handleError(self, record):
        pass  # the function closed its standard output: there is nowhere left to complain


class _RequestId(logging.Filter):
    def filter(self, record):
        record.aws_request_id = request_id
        return True


def install():
    """Gives the root logger its handler; AWS_LAMBDA_LOG_LEVEL sets its level."""
    logging.Formatter.converter = time.gmtime
    handler = _StdoutHandler()
    handler.setFormatter(
        logging.Formatter(
            "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n",
            "%Y-%m-%dT%H:%M:%S",
        )
    )
    handler.addFilter(_RequestId())
    root = logging.getLogger()
    root.addHandler(handler)
    level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper()
    if isinstance(logging.getLevelName(level), int):
        root.setLevel(level)


def log_line(line):
    """Writes one line to the function's log, if there still is one."""
    try:
        sys.stdout.write(line + "\n")
    except Exception:
        pass


def log_fault(fault):
    """Writes a reported error to the function's log."""
    lines = ["[ERROR] %s: %s" % (fault["errorType"], fault["errorMessage"])]
    if fault["stackTrace"]:
        lines.append("Traceback (most recent call last):")
        lines.extend(entry.rstrip("\n") for entry in fault["stackTrace"])
    log_line("\n".join(lines))


def flush():
    """Empties the output buffers, also those that the function has hidden or closed."""
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        try:
            stream.flush()
        except Exception:
            pass
