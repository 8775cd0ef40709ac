package dev.rekindle.warmers.jvm;

import com.amazonaws.services.lambda.runtime.ClientContext;
import com.amazonaws.services.lambda.runtime.CognitoIdentity;
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What a handler may ask about the invocation it serves. */
final class InvocationContext implements Context {
  private final Request request;

  InvocationContext(Request request) {
    this.request = request;
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
    return "arn:aws:lambda:"
        + EnvironmentVariables.get("AWS_REGION", "local")
        + ":000000000000:function:"
        + getFunctionName();
  }

  @Override
  public CognitoIdentity getIdentity() {
    return NoIdentity.INSTANCE;
  }

  @Override
  public @Nullable ClientContext getClientContext() {
    return null;
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

  /** The platform knows no Cognito identities. */
  private enum NoIdentity implements CognitoIdentity {
    INSTANCE;

    @Override
    public @Nullable String getIdentityId() {
      return null;
    }

    @Override
    public @Nullable String getIdentityPoolId() {
      return null;
    }
  }

  /** Writes to the function's log. */
  private enum FunctionLogger implements LambdaLogger {
    INSTANCE;

    @Override
    public void log(@Nullable String message) {
      log(String.valueOf(message).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void log(byte[] message) {
      Log.entry(message);
    }
  }
}
