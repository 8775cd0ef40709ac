package dev.rekindle.warmers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.rekindle.warmers.channel.ChannelException;
import dev.rekindle.warmers.channel.Frame;
import dev.rekindle.warmers.channel.InstanceReply;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is peculiar to Node.js: the styles of Lambda's handlers, and those that misbehave. */
class NodejsFunctionsTest extends FunctionFixture {
  @Override
  String runtime() {
    return "nodejs";
  }

  @Override
  Map<String, String> code() throws IOException {
    return TestResources.folder("nodejs/functions");
  }

  @ParameterizedTest
  @CsvSource({
    "shop/orders/list.handler, orders",
    "shop/orders/list.nested.deeper.handler, nested orders",
    "plain.handler, cjs",
    "esm/index.handler, index.js",
    "packaged.handler, orders",
    "./plain.handler, cjs",
  })
  void handler_isFoundAsOnLambda(String handler, String result) throws Exception {
    warmer().validateHandler(handler);
    assertThat(result(ready(handler), "{}").asText()).isEqualTo(result);
  }

  @Test
  void handler_inAnEsModule_findsBundledModulesAndHooks() throws Exception {
    FunctionProcess process = ready("module.handler");
    checkpoint(process);
    JsonNode result = result(process, "{}");
    assertThat(result.path("greeting").asText()).isEqualTo("Hello, module!");
    assertThat(result.path("started").asText()).isEqualTo("awaited at the top");
    assertThat(result.path("ran")).map(JsonNode::asText).containsExactly("before");
  }

  @ParameterizedTest
  @CsvSource({
    "handler, Runtime.MalformedHandlerName",
    ".handler, Runtime.MalformedHandlerName",
    "../plain.handler, Runtime.MalformedHandlerName",
    "plain.absent, Runtime.HandlerNotFound",
    "plain.absent.handler, Runtime.HandlerNotFound",
    "no_function.handler, Runtime.HandlerNotFound",
    "needs_absent.handler, Runtime.ImportModuleError",
    "needs_absent_module.handler, Runtime.ImportModuleError",
    "broken.handler, Runtime.UserCodeSyntaxError",
    "rejects_at_load.handler, Runtime.UnhandledPromiseRejection",
    "stalls_at_load.handler, Runtime.ExitError",
  })
  void boot_handlerUnusable_saysWhy(String handler, String errorType) throws Exception {
    FunctionProcess process = start(handler);
    assertThat(process.readiness().path("errorType").asText()).isEqualTo(errorType);
    assertThat(process.readiness().path("errorMessage").asText()).isNotEmpty();
    assertThat(process.exitCode()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "async",
        "promise",
        "thenable",
        "callback",
        "late_callback",
        "succeed",
        "done",
        "method.handler",
        "callback_does_not_wait",
        "async_does_not_wait",
        "calls_twice",
      })
  void handler_inAnyStyle_returnsItsResult(String style) throws Exception {
    FunctionProcess process = ready("styles." + style);
    for (int i = 1; i <= 3; i++) {
      assertThat(result(process, "{\"n\":" + i + "}").asInt()).isEqualTo(i);
    }
    checkpoint(process);
    restored(process, restore(1, Map.of()));
    assertThat(result(process, "{\"n\":9}").asInt()).isEqualTo(9);
  }

  /** Each value is what aws-lambda-ric 3.3.0 posts for the same handler. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "asyncCallback|{\"ok\":1}",
        "awaited|{\"ok\":2}",
        "middleware|{\"mw\":1}",
        "both|\"callback\"",
        "throwsAfterwards|1",
        "twice|1",
        "settlesFirst|null",
        "succeedsInAsync|\"succeed\"",
        "throwsNothing|null",
        "callsWithNothing|null",
        "returnsAValue|null",
        "neverSettles|null",
      })
  void outcome_thatIsSettledFirst_counts(String handler, String json) throws Exception {
    InstanceReply reply = reply(ready("settling." + handler), "{}");
    assertThat(reply).isInstanceOf(InstanceReply.Success.class);
    assertThat(((InstanceReply.Success) reply).result().toString()).isEqualTo(json);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "callsWithText|{\"errorType\":\"string\",\"errorMessage\":\"out\",\"trace\":[]}",
        "callsWithZero|{\"errorType\":\"number\",\"errorMessage\":\"0\",\"trace\":[]}",
        "rejectsNothing|{\"errorType\":\"string\",\"errorMessage\":\"handled\",\"trace\":[]}",
        "failsNothing|{\"errorType\":\"string\",\"errorMessage\":\"handled\",\"trace\":[]}",
        "failsThenSettles|{\"errorType\":\"RangeError\",\"errorMessage\":\"first\"}",
        "withoutStack|{\"errorType\":\"handled\"}",
      })
  void error_hasTheFieldsOfLambda(String handler, String json) throws Exception {
    JsonNode document = error(ready("settling." + handler), "{}").document();
    JsonNode expected = Frame.JSON.readTree(json);
    expected
        .properties()
        .forEach(field -> assertThat(document.get(field.getKey())).isEqualTo(field.getValue()));
    assertThat(document.has("stackTrace")).isFalse();
  }

  @Test
  void callback_withAResultWithoutAJsonForm_endsTheProcess() throws Exception {
    FunctionProcess process = ready("settling.callsWithABigInt");
    assertThat(error(process, "{}").errorMessage()).isEqualTo("Unable to stringify response body");
    assertThat(process.exitCode()).isEqualTo(129);
  }

  @Test
  void context_hasWhatTheInvocationTells() throws Exception {
    FunctionProcess process = ready("settling.context");
    ObjectNode header =
        Frame.header("invoke")
            .put("requestId", "r-1")
            .put("traceId", "Root=1-5-abc")
            .put("clientContext", "{\"client\":{\"installation_id\":\"i\"}}")
            .put("cognitoIdentity", "{\"identityId\":\"x\"}")
            .put("tenantId", "green")
            .put("invokedFunctionArn", "arn:aws:lambda:eu-west-1:123456789012:function:shop");
    JsonNode said = Frame.JSON.readTree(exchange(process, header, "{}").body().getBytes());
    assertThat(said.path("trace").asText()).isEqualTo("Root=1-5-abc");
    assertThat(said.path("client").path("client").path("installation_id").asText()).isEqualTo("i");
    assertThat(said.path("identity").path("identityId").asText()).isEqualTo("x");
    assertThat(said.path("tenant").asText()).isEqualTo("green");
    assertThat(said.path("arn").asText()).startsWith("arn:aws:lambda:eu-west-1:123456789012:");
    assertThat(result(process, "{}").has("trace")).isFalse(); // of that request alone
  }

  /** Sends a request of the bootstrap protocol; the reply with all that its header has. */
  private static Frame exchange(FunctionProcess process, ObjectNode header, String body)
      throws IOException {
    byte[] request = new Frame(header, Buffer.buffer(body)).encode().getBytes();
    Buffer reply = Buffer.buffer(RawClient.exchange(process.socket(), request));
    int bodyAt = reply.getInt(0) + 8;
    return new Frame(
        Frame.JSON.readTree(reply.getBytes(4, bodyAt - 4)), reply.slice(bodyAt, reply.length()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "streams.text|text/plain|hello world",
        "streams.pieces|application/octet-stream|a{\"b\":1}żc",
        "streams.piped|application/octet-stream|piped",
        "streams.http|application/vnd.awslambda.http-integration-response"
            + "|{\"statusCode\":201,\"headers\":{\"x-a\":\"b\"}}\0\0\0\0\0\0\0\0body",
      })
  void stream_isTheReplyWithItsType(String handler, String type, String body) throws Exception {
    FunctionProcess process = ready(handler);
    for (int i = 0; i < 2; i++) {
      Frame reply = exchange(process, Frame.header("invoke"), "{}");
      assertThat(reply.header().path("streaming").asBoolean()).isTrue();
      assertThat(reply.header().path("contentType").asText()).isEqualTo(type);
      assertThat(reply.body().toString()).isEqualTo(body.replace("\\0", "\0"));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "streams.not_async, string, Streaming does not support non-async handlers.",
    "streams.throws, RangeError, no stock",
    "streams.too_late, Runtime.InvalidStreamingOperation, 'Cannot set content-type, too late.'",
    "streams.never_ends, Runtime.NodeJsExit, ''",
  })
  void stream_thatFails_isAnError(String handler, String type, String message) throws Exception {
    InstanceReply.FunctionError error = error(ready(handler), "{}");
    assertThat(error.errorType()).isEqualTo(type);
    assertThat(error.errorMessage()).contains(message);
  }

  @Test
  void checkpoint_tellsWhatEventsHaveLeft() throws Exception {
    FunctionProcess process = ready("busy.handler");
    assertThat(busy(process)).isEmpty(); // the interval of its own is no event's
    result(process, "{}");
    assertThat(busy(process)).isEmpty();
    result(process, "{\"leave\":\"Timeout\"}");
    assertThat(busy(process)).containsExactly("Timeout");
    result(process, "{\"leave\":\"server\"}");
    assertThat(busy(process)).containsExactlyInAnyOrder("Timeout", "TCPServerWrap");
    result(process, "{\"clear\":true}");
    assertThat(busy(process)).isEmpty();
  }

  @Test
  void checkpoint_whileTheThreadPoolWorks_isBusy() throws Exception {
    FunctionProcess process = ready("hashing.handler");
    result(process, "{}");
    assertThat(busy(process)).containsExactly("Work");
  }

  private static List<String> busy(FunctionProcess process) throws IOException {
    Frame reply = exchange(process, Frame.header("beforeCheckpoint"), "");
    assertThat(reply.header().path("ok").asBoolean()).isTrue();
    restored(process, restore(1, Map.of()));
    return StreamSupport.stream(reply.header().path("busy").spliterator(), false)
        .map(JsonNode::asText)
        .toList();
  }

  @Test
  void pools_filledBeforeTheSnapshot_areRefilled() throws Exception {
    FunctionProcess process = ready("pools.handler");
    JsonNode frozen = result(process, "{}");
    checkpoint(process);
    restored(process, restore(1, Map.of()));
    JsonNode renewed = result(process, "{}");
    for (Map.Entry<String, JsonNode> pool : frozen.properties()) {
      if (pool.getKey().startsWith("kept")) {
        assertThat(renewed.get(pool.getKey())).as(pool.getKey()).isEqualTo(pool.getValue());
      } else {
        assertThat(renewed.get(pool.getKey())).as(pool.getKey()).isNotEqualTo(pool.getValue());
      }
    }
    assertThat(frozen.size()).isGreaterThan(8);
  }

  @Test
  void pools_thatAreGone_areForgotten() throws Exception {
    FunctionProcess process = ready("pools.many");
    double mb = result(process, "{}").asDouble();
    assertThat(mb).isLessThan(50);
  }

  @Test
  void callback_waitsForTheEmptyEventLoop() throws Exception {
    FunctionProcess process = ready("styles.callback_waits");
    assertThat(result(process, "{}").path("finished").asInt()).isEqualTo(1);
    assertThat(result(process, "{}").path("finished").asInt()).isEqualTo(2);
  }

  @Test
  void handler_thatNothingWillFinish_endsWithTheEventLoop() throws Exception {
    assertThat(result(ready("styles.calls_nothing"), "{}").isNull()).isTrue();
    FunctionProcess process = ready("styles.never_settles");
    for (int i = 0; i < 2; i++) {
      assertThat(result(process, "{}").isNull()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"callback", "context", "promise", "throw"})
  void handler_failsInAnyStyle_isTheSameError(String how) throws Exception {
    FunctionProcess process = ready("styles.fails");
    InstanceReply.FunctionError error = error(process, "{\"how\":\"" + how + "\"}");
    assertThat(error.errorType()).isEqualTo("RangeError");
    assertThat(error.errorMessage()).isEqualTo("no stock");
    assertThat(error.stackTrace().get(0)).isEqualTo("RangeError: no stock");
    assertThat(error.stackTrace().get(1)).contains("styles.js");
    assertThat(process.log()).contains("\tERROR\tInvoke Error \t").contains("no stock");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "'out of stock'|string|out of stock",
        "42|number|42",
        "null|string|handled",
        "undefined|string|handled",
        "''|string|``",
        "({ code: 7 })|object|[object Object]",
        "Object.assign(new Error('x'), { name: 'Custom' })|Custom|x",
        "vm.runInNewContext('new TypeError(`elsewhere`)')|TypeError|elsewhere",
        "Object.create(null)|TypeError|Cannot convert object to primitive value",
        "({ toString() { throw 1 } })|number|1",
        "({ name: 'Fake', message: 'm', stack: 's1\\ns2' })|Fake|m",
        "new Error('a\\x7fb')|Error|a%7Fb",
      })
  void error_ofAnyKind_isReported(String expression, String type, String message) throws Exception {
    FunctionProcess process = ready("odd.throws");
    InstanceReply.FunctionError error =
        error(process, Frame.JSON.writeValueAsString(expression.replace('`', '"')));
    assertThat(error.errorType()).isEqualTo(type);
    assertThat(error.errorMessage()).isEqualTo(message);
  }

  @Test
  void error_enormous_isCutToFitAHeader() throws Exception {
    FunctionProcess process = ready("odd.throws");
    InstanceReply.FunctionError error =
        error(process, "\"new RangeError('\\\\u0001ż🎉'.repeat(2_000_000))\"");
    assertThat(error.errorMessage()).hasSize(65_536);
    error =
        error(process, "\"(() => { const f = () => f(); try { f() } catch (e) { return e } })()\"");
    assertThat(error.errorType()).isEqualTo("RangeError");
    assertThat(error.stackTrace()).hasSizeLessThanOrEqualTo(201);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "undefined|null",
        "new Date(0)|\"1970-01-01T00:00:00.000Z\"",
        "[NaN, -0, 1e21]|[null,0,1e+21]",
        "new Map([[1, 2]])|{}",
        "Buffer.from('é')|{\"type\":\"Buffer\",\"data\":[195,169]}",
        "'\\ud800'|\"\\ud800\"",
        "({ toJSON: () => 'żółw' })|\"żółw\"",
      })
  void result_isConvertedAsOnLambda(String expression, String json) throws Exception {
    FunctionProcess process = ready("odd.evaluate");
    InstanceReply reply = reply(process, Frame.JSON.writeValueAsString(expression));
    assertThat(reply).isInstanceOf(InstanceReply.Success.class);
    assertThat(((InstanceReply.Success) reply).result().toString()).isEqualTo(json);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1n",
        "(() => { const a = {}; a.a = a; return a })()",
        "({ toJSON() { throw null } })",
        "(() => { let a = []; for (let i = 0; i < 1e6; i++) a = [a]; return a })()",
      })
  void result_withoutAJsonForm_isAnError(String expression) throws Exception {
    FunctionProcess process = ready("odd.evaluate");
    InstanceReply.FunctionError error = error(process, Frame.JSON.writeValueAsString(expression));
    assertThat(error.errorType()).isEqualTo("Error");
    assertThat(error.errorMessage()).isEqualTo("Unable to stringify response body");
    assertThat(process.log()).contains("The result has no JSON form");
  }

  @ParameterizedTest
  @ValueSource(strings = {"() => 1", "Symbol('a')"})
  void result_thatIsNoValueOfJson_isAnError(String expression) throws Exception {
    FunctionProcess process = ready("odd.evaluate");
    InstanceReply.FunctionError error = error(process, Frame.JSON.writeValueAsString(expression));
    assertThat(error.errorType()).isEqualTo("TypeError");
    assertThat(error.errorMessage()).isEqualTo("Wrong arguments");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "changes_directory",
        "replaces_stdout",
        "breaks_globals",
        "breaks_streams",
        "default_sigpipe",
        "spawns_a_child_that_stays",
        "closes_low_descriptors",
        "leaves_interval",
        "replaces_random",
      })
  void handler_misbehaves_theNextInvocationsWork(String handler) throws Exception {
    FunctionProcess process = ready("odd." + handler);
    for (int i = 0; i < 3; i++) {
      RawClient.sendAndLeave(process.socket(), new byte[] {0, 0});
      byte[] request =
          new Frame(Frame.header("invoke"), invocation("{\"n\":0}").event()).encode().getBytes();
      RawClient.sendAndLeave(process.socket(), request); // the reply finds nobody
      assertThat(result(process, "{\"n\":" + i + "}").asInt()).isEqualTo(i);
    }
    checkpoint(process);
    assertThat(RawClient.openConnections(process.socket())).isZero();
    restored(process, restore(1, Map.of()));
    assertThat(result(process, "{\"n\":9}").asInt()).isEqualTo(9);
  }

  @ParameterizedTest
  @CsvSource({
    "rejects_unhandled, Runtime.UnhandledPromiseRejection, 128",
    "throws_in_a_timer, RangeError, 129",
  })
  void error_outOfReachOfTheHandler_isRepliedAndEndsTheProcess(
      String handler, String errorType, int exitCode) throws Exception {
    FunctionProcess process = ready("odd." + handler);
    assertThat(error(process, "{}").errorType()).isEqualTo(errorType);
    assertThat(process.exitCode()).isEqualTo(exitCode);
    assertThat(process.log()).contains(errorType);
    // Nobody is let in while it leaves: the event can go to another instance.
    ChannelException failure =
        failure(channel.invoke(process.socket(), invocation("{}"), PATIENCE));
    assertThat(failure.reason()).isEqualTo(ChannelException.Cause.CANNOT_CONNECT);
  }

  @Test
  void error_outOfReachAfterTheResult_sendsTheResultAndEndsTheProcess() throws Exception {
    FunctionProcess process = ready("odd.rejects_unhandled_and_returns");
    assertThat(result(process, "{\"n\":5}").asInt()).isEqualTo(5);
    assertThat(process.exitCode()).isEqualTo(128);
    assertThat(process.log()).contains("nobody looks");
  }

  @Test
  void console_goesToTheLogInLambdasForm() throws Exception {
    FunctionProcess process = ready("odd.logs");
    result(process, "{}");
    String start = "\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z\\trequest-1\\t";
    assertThat(process.log())
        .containsPattern(start + "INFO\\tsold 3 \\{ a: 1 }\\n")
        .containsPattern(start + "WARN\\tfew left\\n")
        .containsPattern(start + "ERROR\\tRangeError: no stock\\n {4}at exports.logs")
        .containsPattern(start + "TRACE\\tTrace: here\\n {4}at exports.logs");
  }

  @Test
  void console_inJson_writesObjectsAsLambdasClient() throws Exception {
    FunctionProcess process = start("odd.logs", Map.of("AWS_LAMBDA_LOG_FORMAT", "JSON"));
    result(process, "{}");
    List<JsonNode> lines = new ArrayList<>();
    for (String line : process.log().split("\n")) {
      lines.add(Frame.JSON.readTree(line));
    }
    assertThat(lines)
        .allSatisfy(
            line -> {
              assertThat(line.path("timestamp").asText()).matches("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z");
              assertThat(line.path("requestId").asText()).isEqualTo("request-1");
            })
        .map(line -> line.path("level").asText())
        .containsExactly("INFO", "WARN", "ERROR", "TRACE");
    assertThat(lines.get(0).path("message").asText()).isEqualTo("sold 3 { a: 1 }");
    assertThat(lines.get(2).path("message").path("errorType").asText()).isEqualTo("RangeError");
    assertThat(lines.get(2).path("message").path("errorMessage").asText()).isEqualTo("no stock");
    assertThat(lines.get(2).path("message").path("stackTrace").size()).isGreaterThan(1);
  }

  @Test
  void console_belowTheLevel_isSilent() throws Exception {
    FunctionProcess process = start("odd.logs", Map.of("AWS_LAMBDA_LOG_LEVEL", "warn"));
    result(process, "{}");
    assertThat(process.log()).contains("\tWARN\tfew left").contains("\tERROR\tRangeError");
    assertThat(process.log()).doesNotContain("sold 3").doesNotContain("TRACE");
  }

  @Test
  void output_largerThanAPipe_isWholeWhenTheReplyComes() throws Exception {
    FunctionProcess process = ready("odd.prints_much");
    result(process, "{\"size\":1000000}");
    assertThat(process.log()).contains("x".repeat(1_000_000)).contains("y".repeat(1_000_000));
    FunctionProcess exits = ready("odd.prints_much_and_exits");
    failure(channel.invoke(exits.socket(), invocation("{\"size\":1000000}"), PATIENCE));
    assertThat(exits.exitCode()).isEqualTo(3);
    assertThat(exits.log()).contains("x".repeat(1_000_000) + "\n");
  }

  @Test
  void timers_dueBeforeTheRenewal_ringAfterIt() throws Exception {
    FunctionProcess process = start("timers.handler", Map.of("STAGE", "frozen"));
    checkpoint(process); // its hook sets a timer of 1 ms
    Thread.sleep(200); // long enough for a timer that nothing holds back
    restored(process, restore(1, Map.of("STAGE", "renewed")));
    assertThat(result(process, "{\"wait\":true}")).map(JsonNode::asText).containsExactly("renewed");
  }

  @Test
  void timers_ofTheInstanceThatWasFrozen_goOnWithItsNextRequest() throws Exception {
    FunctionProcess process = start("timers.handler", Map.of("STAGE", "same"));
    checkpoint(process);
    assertThat(result(process, "{\"wait\":true}")).map(JsonNode::asText).containsExactly("same");
  }

  @Test
  void checkpoint_givesMemoryBackAndKeepsGcToItself() throws Exception {
    FunctionProcess process = ready("odd.leaves_garbage");
    double before = result(process, "{\"mb\":0}").asDouble();
    double full = result(process, "{\"mb\":100}").asDouble();
    assertThat(full).isGreaterThan(before + 50);
    checkpoint(process);
    assertThat(result(process, "{\"mb\":0}").asDouble()).isLessThan(before + 20);

    FunctionProcess looking = ready("odd.looks_for_gc");
    checkpoint(looking);
    assertThat(result(looking, "{}")).map(JsonNode::asText).containsOnly("undefined");
  }

  @Test
  void timeZone_changedAtRestore_takesEffect() throws Exception {
    FunctionProcess process = ready("odd.hour_at_epoch");
    assertThat(result(process, "{}").asInt()).isZero();
    checkpoint(process);
    restored(process, restore(1, Map.of("TZ", "XYZ-5")));
    assertThat(result(process, "{}").asInt()).isEqualTo(5);
  }

  @Test
  void random_isXoshiro128() throws Exception {
    JsonNode said = result(ready("random.handler"), "{}");
    // Six outputs for the state 1, 2, 3, 4, two for each number, worked out apart from this code.
    long[] words = {11520, 0, 5927040, 70819200, 2031721883L, 1637235492};
    for (int i = 0; i < 3; i++) {
      double expected = ((words[2 * i] >>> 5) * 0x1p26 + (words[2 * i + 1] >>> 6)) / 0x1p53;
      assertThat(said.path("first").get(i).asDouble()).isEqualTo(expected);
    }
    assertThat(said.path("zeros").get(3).asDouble()).isPositive();
    assertThat(said.path("low").asDouble()).isBetween(0.0, 0.001);
    assertThat(said.path("high").asDouble()).isBetween(0.999, Math.nextDown(1.0));
    assertThat(StreamSupport.stream(said.path("buckets").spliterator(), false))
        .allSatisfy(bucket -> assertThat(bucket.asInt()).isBetween(98_500, 101_500));
    assertThat(said.path("enumerable")).isEmpty();
  }
}
