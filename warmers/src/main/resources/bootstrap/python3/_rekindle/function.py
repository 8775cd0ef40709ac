"""The function itself: finding its handler, calling it, leaving with it."""

import atexit
import importlib
import os
import sys

from . import context, logs, marshal
from .faults import Fault


def load(name):
    """Imports `package.module.handler` or `package/module.handler`; raises Fault."""
    module_name, dot, attribute = name.rpartition(".")
    if not dot or not module_name or not attribute:
        raise Fault(
            "Runtime.MalformedHandlerName",
            "Bad handler '%s': write it as module.function" % name,
        )
    if module_name.split(".")[0] in sys.builtin_module_names:
        raise Fault(
            "Runtime.BuiltInModuleConflict",
            "Cannot use built-in module %s as a handler module" % module_name,
        )
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise Fault(
            "Runtime.ImportModuleError",
            "Unable to import module '%s': %s" % (module_name, error),
        )
    except SyntaxError as error:
        raise Fault(
            "Runtime.UserCodeSyntaxError",
            "Syntax error in module '%s': %s" % (module_name, error),
            ['  File "%s" Line %s\n    %s' % (error.filename, error.lineno, error.text)],
        )
    try:
        return getattr(module, attribute)
    except AttributeError:
        raise Fault(
            "Runtime.HandlerNotFound",
            "Handler '%s' missing on module '%s'" % (attribute, module_name),
        )


class Function:
    """A loaded handler."""

    def __init__(self, handler):
        self._handler = handler

    def invoke(self, header, body):
        """Calls the handler with the event; returns its result and whether it is JSON."""
        logs.begin(header)
        _tell_trace(header.get("traceId"))
        call = context.LambdaContext(header)
        event = marshal.to_event(body)
        return marshal.to_body(self._handler(event, call))


def _tell_trace(trace_id):
    # Tracers read it at each request; one that is left over would join two requests.
    if trace_id is not None:
        os.environ["_X_AMZN_TRACE_ID"] = trace_id
    else:
        os.environ.pop("_X_AMZN_TRACE_ID", None)


def leave(leaving):
    """Ends the process as sys.exit() does, but without waiting for stray threads."""
    code = leaving.code
    if code is None:
        code = 0
    elif not isinstance(code, int):
        logs.log_line(str(code))
        code = 1
    atexit._run_exitfuncs()
    logs.flush()
    os._exit(code & 0xFF)
