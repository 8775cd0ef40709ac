"""The context object that a handler gets, with the attributes of Lambda's."""

import os
import sys
import time


class Identity:
    """Who called; the platform knows no Cognito identities, so both are None."""

    __slots__ = ("cognito_identity_id", "cognito_identity_pool_id")

    def __init__(self):
        self.cognito_identity_id = None
        self.cognito_identity_pool_id = None


class Context:
    """What a handler may ask about the invocation it serves."""

    def __init__(self, header):
        environment = os.environ.get
        self.aws_request_id = header.get("requestId", "")
        self.function_name = header.get("functionName", environment("AWS_LAMBDA_FUNCTION_NAME"))
        self.function_version = header.get(
            "functionVersion", environment("AWS_LAMBDA_FUNCTION_VERSION")
        )
        # Text, as on Lambda, where it comes from the environment.
        self.memory_limit_in_mb = str(
            header.get("memoryMb", environment("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"))
        )
        self.log_group_name = environment("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = environment("AWS_LAMBDA_LOG_STREAM_NAME")
        self.invoked_function_arn = "arn:aws:lambda:%s:000000000000:function:%s" % (
            environment("AWS_REGION", "local"),
            self.function_name,
        )
        self.identity = Identity()
        self.client_context = None
        self._deadline_epoch_ms = int(header.get("deadlineEpochMs", 0))

    def get_remaining_time_in_millis(self):
        """Milliseconds until the invocation times out; never negative."""
        return max(0, self._deadline_epoch_ms - int(time.time() * 1000))

    def log(self, message):
        """Writes a message to the function's log as it is."""
        sys.stdout.write(str(message))

    def __repr__(self):
        fields = (name for name in sorted(vars(self)) if not name.startswith("_"))
        return "Context([%s])" % ",".join("%s=%s" % (f, getattr(self, f)) for f in fields)
