package dev.rekindle.warmers.jvm;

import com.amazonaws.services.lambda.runtime.ClientContext;
import com.amazonaws.services.lambda.runtime.CognitoIdentity;
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import org.jspecify.annotations.Nullable;

/** What a handler may ask about the invocation it serves. */
final class InvocationContext implements Context {
  private final Request request;
  private final @Nullable ClientContext client;
  private final @Nullable CognitoIdentity identity;

  /**
   * Throws an IllegalArgumentException if the caller's context is not the JSON that it has to be.
   */
  InvocationContext(Request request) {
    this.request = request;
    this.client =
        request.has("clientContext") ? CallersContext.of(request.text("clientContext", "")) : null;
    this.identity =
        request.has("cognitoIdentity")
            ? CallersIdentity.of(request.text("cognitoIdentity", ""))
            : null;
  }

  @Override
  public String getAwsRequestId() {
    return request.text("requestId", "");
  }

  @Override
  public String getLogGroupName() {
    return EnvironmentVariables.get("AWS_LAMBDA_LOG_GROUP_NAME", "");
  }

  @Override
  public String getLogStreamName() {
    return EnvironmentVariables.get("AWS_LAMBDA_LOG_STREAM_NAME", "");
  }

  @Override
  public String getFunctionName() {
    return request.text("functionName", EnvironmentVariables.get("AWS_LAMBDA_FUNCTION_NAME", ""));
  }

  @Override
  public String getFunctionVersion() {
    return request.text(
        "functionVersion", EnvironmentVariables.get("AWS_LAMBDA_FUNCTION_VERSION", ""));
  }

  @Override
  public String getInvokedFunctionArn() {
    return request.has("invokedFunctionArn")
        ? request.text("invokedFunctionArn", "")
        : unknownPlace();
  }

  private String unknownPlace() {
    return "arn:aws:lambda:"
        + EnvironmentVariables.get("AWS_REGION", "local")
        + ":000000000000:function:"
        + getFunctionName();
  }

  @Override
  public @Nullable CognitoIdentity getIdentity() {
    return identity;
  }

  @Override
  public @Nullable ClientContext getClientContext() {
    return client;
  }

  @Override
  public @Nullable String getTenantId() {
    return request.has("tenantId") ? request.text("tenantId", "") : null;
  }

  @Override
  public @Nullable String getXrayTraceId() {
    return request.has("traceId") ? request.text("traceId", "") : null;
  }

  /** Milliseconds until the invocation times out; never negative. */
  @Override
  public int getRemainingTimeInMillis() {
    long left = request.number("deadlineEpochMs") - System.currentTimeMillis();
    return (int) Math.max(0, Math.min(left, Integer.MAX_VALUE));
  }

  @Override
  public int getMemoryLimitInMB() {
    return (int) request.number("memoryMb");
  }

  @Override
  public LambdaLogger getLogger() {
    return FunctionLogger.INSTANCE;
  }
}
