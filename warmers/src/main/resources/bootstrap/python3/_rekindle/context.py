"""The context object that a handler gets, with the attributes of Lambda's."""

import os
import sys
import time
from json import loads  # by value: functions replace it in the module

from .faults import Fault

# Where the platform names none.
_REGION = "us-east-1"
_ACCOUNT = "123456789012"


class _Fields:
    """Has one attribute for each slot; those that the given dict lacks are None."""

    __slots__ = ()

    def __init__(self, fields):
        for name in self.__slots__:
            setattr(self, name, fields.get(name))

    def __repr__(self):
        values = ("%s=%s" % (name, getattr(self, name, None)) for name in self.__slots__)
        return "%s([%s])" % (type(self).__name__, ",".join(values))


class CognitoIdentity(_Fields):
    """Who called, if the caller said it."""

    __slots__ = ("cognito_identity_id", "cognito_identity_pool_id")


class Client(_Fields):
    """The application that called, as mobile clients describe it."""

    __slots__ = (
        "installation_id",
        "app_title",
        "app_version_name",
        "app_version_code",
        "app_package_name",
    )


class ClientContext(_Fields):
    """What the caller passes beside the event."""

    __slots__ = ("custom", "env", "client")


class LambdaContext:
    """What a handler may ask about the invocation it serves."""

    def __init__(self, header):
        environment = os.environ.get
        self.aws_request_id = header.get("requestId", "")
        self.log_group_name = environment("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = environment("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = header.get("functionName", environment("AWS_LAMBDA_FUNCTION_NAME"))
        # Text, as on Lambda, where it comes from the environment.
        self.memory_limit_in_mb = str(
            header.get("memoryMb", environment("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"))
        )
        self.function_version = header.get(
            "functionVersion", environment("AWS_LAMBDA_FUNCTION_VERSION")
        )
        self.invoked_function_arn = header.get("invokedFunctionArn") or (
            "arn:aws:lambda:%s:%s:function:%s"
            % (environment("AWS_REGION", _REGION), _ACCOUNT, self.function_name)
        )
        self.client_context = _client_context(header.get("clientContext"))
        self.identity = _identity(header.get("cognitoIdentity"))
        self.tenant_id = header.get("tenantId")
        self._deadline_epoch_ms = int(header.get("deadlineEpochMs", 0))

    def get_remaining_time_in_millis(self):
        """Milliseconds until the invocation times out; never negative."""
        return max(0, self._deadline_epoch_ms - int(time.time() * 1000))

    def log(self, message):
        """Writes a message to the function's log as it is."""
        sys.stdout.write(str(message))

    def __repr__(self):
        fields = (name for name in vars(self) if not name.startswith("_"))
        return "LambdaContext([%s])" % ",".join("%s=%s" % (f, getattr(self, f)) for f in fields)


def _client_context(text):
    if not text:
        return None
    told = ClientContext(_parse(text, "Client Context"))
    if told.client is not None:
        told.client = Client(told.client)
    return told


def _identity(text):
    told = _parse(text, "Cognito Identity") if text else {}
    return CognitoIdentity(
        {
            "cognito_identity_id": told.get("cognitoIdentityId"),
            "cognito_identity_pool_id": told.get("cognitoIdentityPoolId"),
        }
    )


def _parse(text, name):
    try:
        told = loads(text)
        if isinstance(told, dict):
            return told
        problem = "it is no object"
    except Exception as error:
        problem = str(error)
    raise Fault(
        "Runtime.LambdaContextUnmarshalError", "Unable to parse %s JSON: %s" % (name, problem)
    )
