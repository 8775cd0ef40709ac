"""The smallest useful function: greets, and gives the event back. Handler: hello.handler"""


def handler(event, context):
    name = event.get("name", "world") if isinstance(event, dict) else "world"
    return {"message": "Hello, %s!" % name, "event": event, "requestId": context.aws_request_id}
