// The smallest useful function: greets, and gives the event back. Handler: hello.handler

exports.handler = async (event, context) => ({
  message: `Hello, ${event?.name ?? 'world'}!`,
  event,
  requestId: context.awsRequestId,
});
