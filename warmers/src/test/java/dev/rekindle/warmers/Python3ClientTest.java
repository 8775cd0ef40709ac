package dev.rekindle.warmers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.warmers.channel.Frame;
import dev.rekindle.warmers.channel.InstanceReply;
import dev.rekindle.warmers.channel.Invocation;
import dev.rekindle.warmers.channel.InvocationDetails;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Handlers get and give what they do with AWS's Python client, awslambdaric 4.0.1. */
class Python3ClientTest extends FunctionFixture {
  private static final String CLIENT =
      "{\"custom\":{\"k\":\"v\"},\"env\":{},\"client\":{\"app_title\":\"Shop\"}}";

  @Override
  String runtime() {
    return "python3";
  }

  @Override
  Map<String, String> code() throws IOException {
    return TestResources.folder("python3/functions");
  }

  /** The right column was written by the client's own marshaller. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'body': b'cG5n'}|{\"body\": \"cG5n\"}",
        "['ż'.encode(), b'']|[\"ż\", \"\"]",
        "{b'k': 1, None: 2, True: 3, 1.5: 4}|{\"k\": 1, \"null\": 2, \"true\": 3, \"1.5\": 4}",
        "[Row(1, 'a')]|[{\"id\": 1, \"name\": \"a\"}]",
        "(1, Row(b'x', Row(2, ())))|[1, {\"id\": \"x\", \"name\": {\"id\": 2, \"name\": []}}]",
        "collections.OrderedDict(r=Row(1, 2))|{\"r\": {\"id\": 1, \"name\": 2}}",
        "Asdict()|{\"q\": 1}",
        "Shelf(a=Row(1, 2))|{\"a\": {\"id\": 1, \"name\": 2}}",
        "[Level.LOW, {Level.LOW: {}}]|[1, {\"1\": {}}]",
        "Decimal('19.990')|19.990",
        "{'n': Decimal('12345678901234567890.123456789')}|{\"n\": 12345678901234567890.123456789}",
        "[Decimal('1e3'), Decimal('-0'), Decimal(7), Decimal('0.1')]|[1E+3, -0, 7, 0.1]",
        "[1 << 70, 1e16, -0.0]|[1180591620717411303424, 1e+16, -0.0]",
      })
  void result_isWrittenAsByTheClient(String expression, String json) throws Exception {
    assertThat(success(expression).result().toString()).isEqualTo(json);
  }

  @Test
  void result_bytes_areTheBody() throws Exception {
    InstanceReply.Success raw = success("bytes([0, 255, 10])");
    assertThat(raw.result()).isEqualTo(Buffer.buffer(new byte[] {0, -1, 10}));
    assertThat(raw.contentType()).isEqualTo("application/octet-stream");
    assertThat(success("b'[1]'").contentType()).isEqualTo("application/json");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "circle()|Circular reference detected",
        "{(1, 2): 3}|keys must be str, int, float, bool or None, not tuple",
        "[b'\\xff']|'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
        "Row(1, {2})|Object of type set is not JSON serializable",
        "ForJson()|Object of type ForJson is not JSON serializable",
      })
  void result_withoutAForm_failsInTheClientsWords(String expression, String words)
      throws Exception {
    FunctionProcess process = ready("client.evaluate");
    InstanceReply.FunctionError error = error(process, Frame.JSON.writeValueAsString(expression));
    assertThat(error.errorType()).isEqualTo("Runtime.MarshalError");
    assertThat(error.errorMessage()).isEqualTo("Unable to marshal response: " + words);
  }

  /** The client writes them all the same, though callers cannot read them. */
  @ParameterizedTest
  @ValueSource(strings = {"[float('nan')]", "Row(1, float('-inf'))", "[Decimal('Infinity')]"})
  void result_notANumber_isRefusedOnPurpose(String expression) throws Exception {
    FunctionProcess process = ready("client.evaluate");
    InstanceReply.FunctionError error = error(process, Frame.JSON.writeValueAsString(expression));
    assertThat(error.errorMessage()).contains("not JSON compliant");
  }

  @Test
  void error_hasTheRequestId_andFramesWithoutCarets() throws Exception {
    InstanceReply.FunctionError error = error(ready("client.raises"), "{\"n\":0}");
    assertThat(error.document().path("requestId").asText()).isEqualTo("request-1");
    assertThat(error.stackTrace()).hasSize(1);
    assertThat(error.stackTrace().get(0))
        .matches(
            "  File \".*/client.py\", line \\d+, in raises\n"
                + "    return 1 / int\\(event\\[\"n\"]\\) \\+ sum\\(\\[]\\)\n");
  }

  @Test
  void error_whileLoading_hasAnEmptyRequestId() throws Exception {
    JsonNode said = start("client.missing").readiness();
    assertThat(said.path("errorType").asText()).isEqualTo("Runtime.HandlerNotFound");
    assertThat(said.path("requestId").textValue()).isEmpty();
  }

  @Test
  void context_tellsWhatTheInvocationTells() throws Exception {
    FunctionProcess process = ready("client.tells");
    String identity = "{\"cognitoIdentityId\":\"i\",\"cognitoIdentityPoolId\":\"p\"}";
    JsonNode told =
        invoke(process, new InvocationDetails("arn:x", "Root=1-2-3", CLIENT, identity, "t1"));
    assertThat(told.path("arn").asText()).isEqualTo("arn:x");
    assertThat(told.path("tenant").asText()).isEqualTo("t1");
    assertThat(told.path("identity").toString()).isEqualTo("[\"i\",\"p\"]");
    assertThat(told.path("client").toString()).isEqualTo("[{\"k\":\"v\"},{},\"Shop\"]");
    assertThat(told.path("trace").asText()).isEqualTo("Root=1-2-3");
    assertThat(told.path("initialization").asText()).isEqualTo("snap-start");
    assertThat(told.path("words").asText())
        .startsWith("LambdaContext([aws_request_id=request-1,log_group_name=/aws/lambda/shop,")
        .contains("client=Client([installation_id=None,app_title=Shop,")
        .endsWith(
            "identity=CognitoIdentity([cognito_identity_id=i,cognito_identity_pool_id=p]),"
                + "tenant_id=t1])");
  }

  @Test
  void context_toldNothing_keepsNothingOfTheRequestBefore() throws Exception {
    FunctionProcess process = ready("client.tells");
    invoke(process, new InvocationDetails("arn:x", "Root=1-2-3", CLIENT, "{}", "t1"));
    JsonNode told = invoke(process, InvocationDetails.NONE);
    assertThat(told.path("arn").asText())
        .isEqualTo("arn:aws:lambda:us-east-1:123456789012:function:shop");
    for (String field : List.of("tenant", "client", "trace")) {
      assertThat(told.path(field).isNull()).as(field).isTrue();
    }
    assertThat(told.path("identity").toString()).isEqualTo("[null,null]");
  }

  @Test
  void context_unreadable_isAFault() throws Exception {
    FunctionProcess process = ready("client.tells");
    InstanceReply reply = send(process, "{}", new InvocationDetails(null, null, "{", null, null));
    assertThat(reply)
        .isInstanceOfSatisfying(
            InstanceReply.FunctionError.class,
            e -> assertThat(e.errorType()).isEqualTo("Runtime.LambdaContextUnmarshalError"));
  }

  @Test
  void log_inJson_hasTheClientsFields_alsoAfterARestore() throws Exception {
    FunctionProcess process =
        start(
            "client.logs", Map.of("AWS_LAMBDA_LOG_FORMAT", "JSON", "AWS_LAMBDA_LOG_LEVEL", "WARN"));
    result(process, "{\"n\":3}");
    checkpoint(process);
    restored(process, restore(1, Map.of()));
    send(process, "{\"n\":4}", new InvocationDetails(null, null, null, null, "t1"));
    List<String> lines = process.log().lines().toList();
    assertThat(lines).hasSize(4);
    JsonNode sold = Frame.JSON.readTree(lines.get(0));
    assertThat(sold.path("timestamp").asText())
        .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ");
    assertThat(without(lines.get(0), "timestamp"))
        .isEqualTo(
            "{\"level\":\"WARNING\",\"message\":\"sold 3\",\"logger\":\"shop\","
                + "\"requestId\":\"request-1\",\"shelf\":1,\"odd\":\"{1}\"}");
    JsonNode missing = Frame.JSON.readTree(lines.get(1));
    assertThat(missing.path("level").asText()).isEqualTo("ERROR");
    assertThat(missing.path("errorType").asText()).isEqualTo("KeyError");
    assertThat(missing.path("errorMessage").asText()).isEqualTo("'żółw'");
    assertThat(missing.path("stackTrace").path(0).asText()).contains("in logs");
    assertThat(missing.path("location").asText()).contains("client.py:logs:");
    assertThat(Frame.JSON.readTree(lines.get(2)).path("requestId").asText()).isEqualTo("request-2");
    assertThat(Frame.JSON.readTree(lines.get(2)).path("tenantId").asText()).isEqualTo("t1");
  }

  @Test
  void log_inJson_holdsErrorsInOneLine() throws Exception {
    FunctionProcess process = start("client.raises", Map.of("AWS_LAMBDA_LOG_FORMAT", "JSON"));
    error(process, "{\"n\":0}");
    JsonNode line = Frame.JSON.readTree(process.log());
    assertThat(line.path("log_level").asText()).isEqualTo("ERROR");
    assertThat(line.path("errorMessage").asText()).isEqualTo("division by zero");
    assertThat(line.path("requestId").asText()).isEqualTo("request-1");
  }

  @Test
  void log_inText_followsTheLevel() throws Exception {
    FunctionProcess process = start("client.logs", Map.of("AWS_LAMBDA_LOG_LEVEL", "TRACE"));
    result(process, "{\"n\":3}");
    assertThat(process.log()).contains("[DEBUG]\t").contains("\trequest-1\tleft out\n");
  }

  private InstanceReply.Success success(String expression) throws Exception {
    InstanceReply reply =
        reply(ready("client.evaluate"), Frame.JSON.writeValueAsString(expression));
    assertThat(reply).isInstanceOf(InstanceReply.Success.class);
    return (InstanceReply.Success) reply;
  }

  private static String without(String line, String field) throws IOException {
    var object = (com.fasterxml.jackson.databind.node.ObjectNode) Frame.JSON.readTree(line);
    object.remove(field);
    return object.toString();
  }

  private static JsonNode invoke(FunctionProcess process, InvocationDetails details)
      throws IOException {
    InstanceReply reply =
        await(channel.invoke(process.socket(), invocation("request-1", "{}", details), PATIENCE));
    assertThat(reply).isInstanceOf(InstanceReply.Success.class);
    return Frame.JSON.readTree(((InstanceReply.Success) reply).result().getBytes());
  }

  private static InstanceReply send(
      FunctionProcess process, String event, InvocationDetails details) {
    return await(
        channel.invoke(process.socket(), invocation("request-2", event, details), PATIENCE));
  }

  private static Invocation invocation(String id, String event, InvocationDetails details) {
    Instant deadline = Instant.now().plus(PATIENCE);
    return new Invocation(id, deadline, "shop", VERSION, MEMORY_MB, Buffer.buffer(event), details);
  }
}
