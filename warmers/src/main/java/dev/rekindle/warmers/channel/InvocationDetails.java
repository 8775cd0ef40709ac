package dev.rekindle.warmers.channel;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/**
 * What an invocation tells its handler beside the event. Each field has the meaning of the header
 * of the same name in Lambda's runtime API; null leaves it out.
 *
 * @param invokedFunctionArn what the function was called by
 * @param traceId the request's trace header; the function finds it in {@code _X_AMZN_TRACE_ID}
 * @param clientContext JSON text that the caller passes
 * @param cognitoIdentity JSON text with the ids of the identity and of its pool
 * @param tenantId the tenant that the request belongs to
 */
public record InvocationDetails(
    @Nullable String invokedFunctionArn,
    @Nullable String traceId,
    @Nullable String clientContext,
    @Nullable String cognitoIdentity,
    @Nullable String tenantId) {
  /** Nothing is told. */
  public static final InvocationDetails NONE = new InvocationDetails(null, null, null, null, null);

  /** Puts the fields that are there into a request of the bootstrap protocol. */
  void addTo(ObjectNode header) {
    put(header, "invokedFunctionArn", invokedFunctionArn);
    put(header, "traceId", traceId);
    put(header, "clientContext", clientContext);
    put(header, "cognitoIdentity", cognitoIdentity);
    put(header, "tenantId", tenantId);
  }

  private static void put(ObjectNode header, String field, @Nullable String value) {
    if (value != null) {
      header.put(field, value);
    }
  }
}
