'use strict';

// The context object that a handler gets, with the attributes of Lambda's.

const { now } = Date; // by value, here and elsewhere: functions replace the clock in tests

/** What a handler may ask about the invocation it serves. */
exports.Context = class Context {
  #deadlineEpochMs;

  constructor(header) {
    const { env } = process;
    // While it is true, the result of a callback waits until the event loop is empty.
    this.callbackWaitsForEmptyEventLoop = true;
    this.functionVersion = header.functionVersion ?? env.AWS_LAMBDA_FUNCTION_VERSION;
    this.functionName = header.functionName ?? env.AWS_LAMBDA_FUNCTION_NAME;
    // Text, as on Lambda, where it comes from the environment.
    this.memoryLimitInMB = String(header.memoryMb ?? env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE);
    this.logGroupName = env.AWS_LAMBDA_LOG_GROUP_NAME;
    this.logStreamName = env.AWS_LAMBDA_LOG_STREAM_NAME;
    this.clientContext = undefined;
    this.identity = undefined; // the platform knows no Cognito identities
    this.invokedFunctionArn =
      `arn:aws:lambda:${env.AWS_REGION ?? 'local'}:000000000000:function:` + this.functionName;
    this.awsRequestId = header.requestId ?? '';
    this.#deadlineEpochMs = header.deadlineEpochMs ?? 0;
    // Not a method: functions pass it on by itself.
    this.getRemainingTimeInMillis = () => Math.max(0, this.#deadlineEpochMs - now());
  }
};
