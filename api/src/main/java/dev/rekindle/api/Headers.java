package dev.rekindle.api;

/** Names of the HTTP headers of the contract. */
public final class Headers {
  /** How the invocation got its instance: a {@link StartKind} on the wire. */
  public static final String START = "Rekindle-Start";

  /** The id of the request, on every reply. */
  public static final String REQUEST_ID = "Rekindle-Request-Id";

  /** The id of the instance that served the invocation. */
  public static final String INSTANCE = "Rekindle-Instance";

  /** The id of the snapshot that the instance was restored from, where there is one. */
  public static final String SNAPSHOT = "Rekindle-Snapshot";

  /** How the instance's memory came back, where it was restored: a {@link RestoreMode}. */
  public static final String RESTORE_MODE = "Rekindle-Restore-Mode";

  /** Set when the function itself failed; see {@link #UNHANDLED}. */
  public static final String FUNCTION_ERROR = "Rekindle-Function-Error";

  /** Says {@code streaming} where the body is what the handler streamed; the name is Lambda's. */
  public static final String RESPONSE_MODE = "Lambda-Runtime-Function-Response-Mode";

  /** The one value of {@link #FUNCTION_ERROR}, the same as Lambda's X-Amz-Function-Error. */
  public static final String UNHANDLED = "Unhandled";

  /** The phases of the invocation in milliseconds; see {@link ServerTiming}. */
  public static final String SERVER_TIMING = "Server-Timing";

  /** The preference header (RFC 7240). */
  public static final String PREFER = "Prefer";

  /** The value of {@link #PREFER} that asks for an asynchronous invocation. */
  public static final String RESPOND_ASYNC = "respond-async";

  /** What the caller passes to the handler's context: JSON in base64, as with Lambda. */
  public static final String CLIENT_CONTEXT = "X-Amz-Client-Context";

  /** Who calls, for the handler's context: JSON, as Lambda's runtime API passes it. */
  public static final String COGNITO_IDENTITY = "X-Amz-Cognito-Identity";

  /** The tenant that an invocation belongs to, as with Lambda. */
  public static final String TENANT_ID = "X-Amz-Tenant-Id";

  /** The trace that an invocation belongs to; the service begins one where it is missing. */
  public static final String TRACE_ID = "X-Amzn-Trace-Id";

  private Headers() {}
}
