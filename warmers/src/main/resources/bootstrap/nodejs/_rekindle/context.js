'use strict';

// The context object that a handler gets, with the attributes of Lambda's.

const { callbacks } = require('./contract.js');

const { now } = Date; // by value, here and elsewhere: functions replace the clock in tests
const { parse } = JSON;

/** What a handler may ask about the invocation it serves. */
exports.Context = class Context {
  constructor(header) {
    const { env } = process;
    if (callbacks) {
      // While it is true, the result of a callback waits until the event loop is empty.
      this.callbackWaitsForEmptyEventLoop = true;
    }
    this.functionVersion = header.functionVersion ?? env.AWS_LAMBDA_FUNCTION_VERSION;
    this.functionName = header.functionName ?? env.AWS_LAMBDA_FUNCTION_NAME;
    // Text, as on Lambda, where it comes from the environment.
    this.memoryLimitInMB = String(header.memoryMb ?? env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE);
    this.logGroupName = env.AWS_LAMBDA_LOG_GROUP_NAME;
    this.logStreamName = env.AWS_LAMBDA_LOG_STREAM_NAME;
    this.clientContext = fromJson(header.clientContext, 'ClientContext');
    this.identity = fromJson(header.cognitoIdentity, 'CognitoIdentity');
    this.invokedFunctionArn =
      header.invokedFunctionArn ??
      `arn:aws:lambda:${env.AWS_REGION ?? 'local'}:000000000000:function:` + this.functionName;
    this.awsRequestId = header.requestId ?? '';
    this.tenantId = header.tenantId;
    if (!callbacks) {
      this.xRayTraceId = header.traceId;
    }
    const deadline = header.deadlineEpochMs ?? 0;
    // Not a method: functions pass it on by itself.
    this.getRemainingTimeInMillis = () => Math.max(0, deadline - now());
  }
};

/** Puts the request's trace header where tracing libraries look for it. */
exports.passTraceOn = ({ traceId }) => {
  if (traceId) {
    process.env._X_AMZN_TRACE_ID = traceId;
  } else {
    delete process.env._X_AMZN_TRACE_ID;
  }
};

function fromJson(text, name) {
  if (text === undefined || text === null || text === '') {
    return undefined;
  }
  try {
    return parse(text);
  } catch (error) {
    throw new Error(`Cannot parse ${name} as json: ${error}`);
  }
}
