package dev.rekindle.warmers.jvm;

import com.amazonaws.lambda.thirdparty.com.fasterxml.jackson.core.JsonProcessingException;
import com.amazonaws.lambda.thirdparty.com.fasterxml.jackson.databind.JsonNode;
import com.amazonaws.lambda.thirdparty.com.fasterxml.jackson.databind.ObjectMapper;
import com.amazonaws.services.lambda.runtime.Client;
import com.amazonaws.services.lambda.runtime.ClientContext;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the caller tells of itself, in the form of AWS's mobile libraries. */
record CallersContext(@Nullable Client client, Map<String, String> custom, Map<String, String> env)
    implements ClientContext {
  static CallersContext of(String json) {
    JsonNode all = read("client context", json);
    return new CallersContext(
        all.path("client").isObject() ? Program.of(all.path("client")) : null,
        texts(all.path("custom")),
        texts(all.path("env")));
  }

  static JsonNode read(String what, String json) {
    try {
      JsonNode read = new ObjectMapper().readTree(json);
      if (read.isObject()) {
        return read;
      }
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("the caller's " + what + " is not JSON", e);
    }
    throw new IllegalArgumentException("the caller's " + what + " is not a JSON object");
  }

  private static Map<String, String> texts(JsonNode object) {
    Map<String, String> all = new LinkedHashMap<>();
    object
        .fields()
        .forEachRemaining(
            field ->
                all.put(
                    field.getKey(),
                    field.getValue().isValueNode()
                        ? field.getValue().asText()
                        : field.getValue().toString()));
    return all;
  }

  @Override
  public @Nullable Client getClient() {
    return client;
  }

  @Override
  public Map<String, String> getCustom() {
    return custom;
  }

  @Override
  public Map<String, String> getEnvironment() {
    return env;
  }

  /** The program that calls. */
  private record Program(
      @Nullable String installation,
      @Nullable String title,
      @Nullable String versionName,
      @Nullable String versionCode,
      @Nullable String packageName)
      implements Client {
    static Program of(JsonNode client) {
      return new Program(
          client.path("installation_id").textValue(),
          client.path("app_title").textValue(),
          client.path("app_version_name").textValue(),
          client.path("app_version_code").textValue(),
          client.path("app_package_name").textValue());
    }

    @Override
    public @Nullable String getInstallationId() {
      return installation;
    }

    @Override
    public @Nullable String getAppTitle() {
      return title;
    }

    @Override
    public @Nullable String getAppVersionName() {
      return versionName;
    }

    @Override
    public @Nullable String getAppVersionCode() {
      return versionCode;
    }

    @Override
    public @Nullable String getAppPackageName() {
      return packageName;
    }
  }
}
