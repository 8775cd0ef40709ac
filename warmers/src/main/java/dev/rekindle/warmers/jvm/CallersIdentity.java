package dev.rekindle.warmers.jvm;

import com.amazonaws.lambda.thirdparty.com.fasterxml.jackson.databind.JsonNode;
import com.amazonaws.services.lambda.runtime.CognitoIdentity;
import org.jspecify.annotations.Nullable;

/** Who calls, by Cognito. */
record CallersIdentity(@Nullable String identity, @Nullable String pool)
    implements CognitoIdentity {
  static CallersIdentity of(String json) {
    JsonNode all = CallersContext.read("identity", json);
    return new CallersIdentity(
        all.path("cognitoIdentityId").textValue(), all.path("cognitoIdentityPoolId").textValue());
  }

  @Override
  public @Nullable String getIdentityId() {
    return identity;
  }

  @Override
  public @Nullable String getIdentityPoolId() {
    return pool;
  }
}
