package dev.rekindle.warmers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rekindle.warmers.channel.Frame;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What AWS's client for Java 2.10.1 gives to handlers: each value here was seen with it. The table
 * is in {@code docs/contract.md}.
 */
class JavaClientContractTest extends FunctionFixture {
  private String code = "client";

  @Override
  String runtime() {
    return "java";
  }

  @Override
  void install(Path task) throws IOException {
    JavaCode.compile(code, task);
    if (code.equals("serializer")) {
      Path services = Files.createDirectories(task.resolve("META-INF/services"));
      Files.writeString(
          services.resolve("com.amazonaws.services.lambda.runtime.CustomPojoSerializer"),
          "serializer.Own");
    }
  }

  private static ObjectNode header() {
    return Frame.header("invoke")
        .put("requestId", "request-1")
        .put("deadlineEpochMs", Instant.now().plus(PATIENCE).toEpochMilli())
        .put("functionName", "shop");
  }

  private static JsonNode ask(FunctionProcess process, ObjectNode header, String event)
      throws IOException {
    return RawClient.ask(process.socket(), new Frame(header, Buffer.buffer(event)));
  }

  @Test
  void details_ofTheInvocation_reachTheHandler() throws Exception {
    FunctionProcess process = ready("client.Told::details");
    String arn = "arn:aws:lambda:eu-west-1:123456789012:function:shop";
    ObjectNode header =
        header()
            .put("invokedFunctionArn", arn)
            .put("traceId", "Root=1-2")
            .put("tenantId", "blue")
            .put("cognitoIdentity", "{\"cognitoIdentityId\":\"i\",\"cognitoIdentityPoolId\":\"p\"}")
            .put(
                "clientContext",
                "{\"client\":{\"installation_id\":\"n\",\"other\":1},\"custom\":{\"a\":\"b\"},"
                    + "\"env\":{\"e\":\"f\"},\"services\":{}}");
    assertThat(RawClient.body(process.socket(), new Frame(header, Buffer.buffer("{}"))))
        .isEqualTo(
            Frame.JSON.readTree(
                "{\"arn\":\""
                    + arn
                    + "\",\"tenant\":\"blue\",\"trace\":\"Root=1-2\",\"property\":\"Root=1-2\","
                    + "\"identity\":\"i\",\"pool\":\"p\",\"installation\":\"n\","
                    + "\"custom\":{\"a\":\"b\"},\"environment\":{\"e\":\"f\"}}"));
    // Nothing of it is left for the next request, which has none of these.
    JsonNode next = RawClient.body(process.socket(), new Frame(header(), Buffer.buffer("{}")));
    for (String absent : List.of("tenant", "trace", "property", "identity", "installation")) {
      assertThat(next.path(absent).isTextual()).as(absent).isFalse();
    }
  }

  @Test
  void details_notJson_areTheRequestsFailure() throws Exception {
    FunctionProcess process = ready("client.Told::details");
    JsonNode reply = ask(process, header().put("clientContext", "[1"), "{}");
    assertThat(reply.path("errorMessage").asText())
        .isEqualTo("the caller's client context is not JSON");
    assertThat(ask(process, header(), "{}").path("ok").asBoolean()).isTrue();
  }

  @Test
  void logs_asJson_haveTimeLevelAndRequest() throws Exception {
    FunctionProcess process =
        ready(start("client.Told::logs", Map.of("AWS_LAMBDA_LOG_FORMAT", "JSON")));
    ask(process, header().put("tenantId", "blue"), "{}");
    List<JsonNode> entries = new ArrayList<>();
    for (String line : process.log().lines().toList()) {
      if (!line.equals("bytes")) {
        entries.add(Frame.JSON.readTree(line));
      }
    }
    assertThat(process.log().lines()).contains("bytes");
    assertThat(entries)
        .extracting(entry -> entry.path("level").asText())
        .containsExactly("UNDEFINED", "INFO", "DEBUG", "WARN", "ERROR");
    assertThat(entries.get(1).path("message").asText()).isEqualTo("two \"lines\"\nof <b>żółw</b>");
    assertThat(entries.get(4).path("message").asText())
        .startsWith("java.lang.IllegalStateException: no stock\n\tat client.Told.logs(");
    for (JsonNode entry : entries) {
      assertThat(entry.path("timestamp").asText())
          .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
      assertThat(entry.path("AWSRequestId").asText()).isEqualTo("request-1");
      assertThat(entry.path("tenantId").asText()).isEqualTo("blue");
    }
  }

  @ParameterizedTest
  @CsvSource({"JSON, INFO, 4", "TEXT, INFO, 5", "JSON, error, 2"})
  void logs_belowTheLevel_areLeftOut(String format, String level, int entries) throws Exception {
    FunctionProcess process =
        ready(
            start(
                "client.Told::logs",
                Map.of("AWS_LAMBDA_LOG_FORMAT", format, "AWS_LAMBDA_LOG_LEVEL", level)));
    ask(process, header(), "{}");
    assertThat(process.log()).contains("plain").contains("no stock").doesNotContain("too fine");
    assertThat(
            process.log().lines().filter(l -> !l.equals("bytes") && !l.startsWith("\tat")).count())
        .as(process.log())
        .isEqualTo(entries);
    if (format.equals("TEXT")) {
      assertThat(process.log())
          .contains("plain\n[INFO] two \"lines\"")
          .contains("\n[WARN] careful\n");
    }
  }

  @Test
  void serializer_ofTheFunction_readsAndWritesItsValues() throws Exception {
    code = "serializer";
    FunctionProcess process = ready("serializer.Own$Handler");
    assertThat(result(process, "no JSON at all").asText())
        .isEqualTo(
            "[Parcel[text=no JSON at all as serializer.Own$Parcel]] as"
                + " java.util.List<serializer.Own$Parcel>");
  }

  @Test
  void interfaces_newerThanThePlatforms_winAndClonesWork() throws Exception {
    code = "newer";
    FunctionProcess process = ready("newer.Handler");
    String result = "[\"blue\",\"shop\",\"false\",\"false\"]";
    assertThat(result(process, "{}").toString()).isEqualTo(result);
    assertThat(process.log()).contains("in blue");
    checkpoint(process);
    restored(process, restore(1, Map.of("A", "b")));
    assertThat(result(process, "{}").toString()).isEqualTo(result);
  }

  private static JsonNode left(FunctionProcess process, String what) throws IOException {
    ask(process, header(), "{\"what\":\"" + what + "\"}");
    JsonNode prepared =
        RawClient.ask(
            process.socket(), new Frame(Frame.header("beforeCheckpoint"), Buffer.buffer()));
    assertThat(prepared.path("ok").asBoolean()).isTrue();
    return prepared.path("busy");
  }

  @ParameterizedTest
  @CsvSource({
    "timer, thread \"alarm\" (TIMED_WAITING",
    "schedule, thread \"schedule\" (TIMED_WAITING",
    "thread, in client.Told.forever(",
    "pool, in client.Told.forever("
  })
  void checkpoint_workIsLeft_isTold(String what, String told) throws Exception {
    JsonNode busy = left(ready("client.Told::leaves"), what);
    assertThat(busy).hasSize(1);
    assertThat(busy.get(0).asText()).contains(told);
  }

  @ParameterizedTest
  @ValueSource(strings = {"nothing", "idle pool"})
  void checkpoint_nothingIsLeft_saysNothing(String what) throws Exception {
    assertThat(left(ready("client.Told::leaves"), what).isMissingNode()).isTrue();
  }
}
