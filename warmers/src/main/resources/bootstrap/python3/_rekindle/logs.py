"""Standard output, and the root logger as Lambda sets it up: its records go to stdout."""

import logging
import os
import sys
import time
from json import JSONEncoder  # by value: functions replace it in the module

# Of the invocation being served; shown in every log record.
_request_id = ""
_tenant_id = None

# Lambda writes whole seconds in JSON.
_JSON_TIME = "%Y-%m-%dT%H:%M:%SZ"

# What every record has, or what is written under another name. All else was given by
# `extra` and becomes a field of its own.
_NOT_EXTRA = frozenset(
    "name msg args levelname levelno pathname filename module exc_info exc_text stack_info"
    " lineno funcName created msecs relativeCreated thread threadName processName process"
    " aws_request_id tenant_id".split()
)


def prepare_streams():
    """Each line goes out at once, and characters that UTF-8 lacks are no reason to fail."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)


def begin(header):
    """From now on records belong to this request."""
    global _request_id, _tenant_id
    _request_id = header.get("requestId", "")
    _tenant_id = header.get("tenantId")


def in_json():
    """Whether the function wants its log in JSON."""
    return os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"


class _StdoutHandler(logging.Handler):
    """Looks up sys.stdout at each record: functions replace it."""

    def emit(self, record):
        try:
            sys.stdout.write(self.format(record))
        except Exception:
            self.handleError(record)

    def handleError(self, record):
        pass  # the function closed its standard output: there is nowhere left to complain


class _Request(logging.Filter):
    def filter(self, record):
        record.aws_request_id = _request_id
        record.tenant_id = _tenant_id
        return True


class _JsonFormatter(logging.Formatter):
    """One JSON object for each record, with the fields of Lambda's."""

    def format(self, record):
        # Levels of the function's own count as the named one below them.
        level = min(50, max(0, record.levelno)) // 10 * 10
        fields = {
            "timestamp": self.formatTime(record, _JSON_TIME),
            "level": logging.getLevelName(level),
            "message": record.getMessage(),
            "logger": record.name,
        }
        if record.exc_info:
            fields.update(_exception(record))
        # By getattr: a function may give the handler a filter of its own.
        fields["requestId"] = getattr(record, "aws_request_id", None)
        if record.exc_info:
            fields["location"] = "%s:%s:%s" % (record.pathname, record.funcName, record.lineno)
        fields["tenantId"] = getattr(record, "tenant_id", None)
        for name, value in vars(record).items():
            if name not in _NOT_EXTRA and name not in fields:
                fields[name] = value
        return _json({name: value for name, value in fields.items() if value is not None})


def _exception(record):
    import traceback

    kind, error, trace = record.exc_info
    if kind is None:  # logger.exception() where nothing was raised
        return {}
    return {
        "stackTrace": traceback.format_tb(trace),
        "errorType": kind.__name__,
        "errorMessage": str(error),
    }


# What has no JSON form is written as text: a record is worth more than its type.
_encode = JSONEncoder(ensure_ascii=False, default=str).encode


def _json(fields):
    return _encode(fields) + "\n"


def install():
    """Gives the root logger its handler, in the format and the level that the function wants."""
    logging.Formatter.converter = time.gmtime
    handler = _StdoutHandler()
    if in_json():
        handler.setFormatter(_JsonFormatter())
    else:
        handler.setFormatter(
            logging.Formatter(
                "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n",
                "%Y-%m-%dT%H:%M:%S",
            )
        )
    handler.addFilter(_Request())
    root = logging.getLogger()
    root.addHandler(handler)
    level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper()
    level = "DEBUG" if level == "TRACE" else level
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
    if in_json():
        fields = {"timestamp": time.strftime(_JSON_TIME, time.gmtime()), "log_level": "ERROR"}
        fields.update((name, value) for name, value in fault.items() if name != "ok")
        log_line(_json(fields).rstrip("\n"))
        return
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
