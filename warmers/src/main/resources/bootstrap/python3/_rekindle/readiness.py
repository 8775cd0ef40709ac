"""The one line that tells the platform that the function is loaded, or why it is not."""

import fcntl
import json
import os
import platform

# Above the numbers that programs which tidy up descriptors usually close.
_OUT_OF_THE_WAY = 200


class Readiness:
    """Holds a private copy of the readiness pipe until its line is written."""

    def __init__(self, descriptor):
        self._descriptor = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _OUT_OF_THE_WAY)
        os.close(descriptor)
        # A child that the function forks while it loads has nothing to say here.
        os.register_at_fork(after_in_child=self._close)

    def ok(self):
        self._say({"ok": True, "runtimeVersion": platform.python_version()})

    def failed(self, fault):
        line = {"ok": False}
        line.update(fault)
        self._say(line)

    def _say(self, line):
        data = (json.dumps(line) + "\n").encode("ascii")
        while data:
            data = data[os.write(self._descriptor, data):]
        self._close()

    def _close(self):
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)
