package dev.rekindle.warmers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.warmers.channel.ChannelException;
import dev.rekindle.warmers.channel.Frame;
import dev.rekindle.warmers.channel.InstanceReply;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is peculiar to Python: Lambda's conversions, and handlers that misbehave. */
class Python3FunctionsTest extends FunctionFixture {
  @Override
  String runtime() {
    return "python3";
  }

  @Override
  Map<String, String> code() throws IOException {
    return TestResources.folder("python3/functions");
  }

  @ParameterizedTest
  @ValueSource(strings = {"shop.orders.list.handler", "shop/orders/list.handler"})
  void handler_inAPackage_isFoundInBothForms(String handler) throws Exception {
    assertThat(result(ready(handler), "{}").asText()).isEqualTo("orders");
  }

  @ParameterizedTest
  @CsvSource({
    "sys.exit, Runtime.BuiltInModuleConflict",
    "handler, Runtime.MalformedHandlerName",
    ".handler, Runtime.MalformedHandlerName",
    "needs_absent_module.handler, Runtime.ImportModuleError",
  })
  void boot_handlerUnusable_saysWhy(String handler, String errorType) throws Exception {
    FunctionProcess process = start(handler);
    assertThat(process.readiness().path("errorType").asText()).isEqualTo(errorType);
    assertThat(process.exitCode()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "Decimal('3')|3",
        "(1, 'żółw')|[1,\"żółw\"]",
        "None|null",
        "b'{\"a\": 1}'|{\"a\": 1}",
        "'\\ud800'|\"\\ud800\"",
        "{1: True}|{\"1\": true}",
      })
  void result_isConvertedAsOnLambda(String expression, String json) throws Exception {
    FunctionProcess process = ready("odd.evaluate");
    InstanceReply reply = reply(process, Frame.JSON.writeValueAsString(expression));
    assertThat(reply).isInstanceOf(InstanceReply.Success.class);
    assertThat(((InstanceReply.Success) reply).result().toString())
        .isEqualToIgnoringWhitespace(json);
  }

  @ParameterizedTest
  @ValueSource(strings = {"float('nan')", "float('inf')", "Decimal('NaN')", "{1, 2}", "deep()"})
  void result_withoutAJsonForm_isAMarshalError(String expression) throws Exception {
    FunctionProcess process = ready("odd.evaluate");
    InstanceReply.FunctionError error = error(process, Frame.JSON.writeValueAsString(expression));
    assertThat(error.errorType()).isEqualTo("Runtime.MarshalError");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "odd.changes_directory",
        "odd.replaces_stdout",
        "odd.closes_stdout",
        "odd.sets_default_timeout",
        "odd.default_sigpipe",
        "odd.forks_a_child_that_stays",
        "odd.breaks_json",
        "odd.disables_gc",
        "odd.closes_low_descriptors",
      })
  void handler_misbehaves_theNextInvocationsWork(String handler) throws Exception {
    FunctionProcess process = ready(handler);
    for (int i = 0; i < 3; i++) {
      RawClient.sendAndLeave(process.socket(), new byte[] {0, 0});
      assertThat(result(process, "{\"n\":" + i + "}").asInt()).isEqualTo(i);
    }
    checkpoint(process);
    assertThat(RawClient.openConnections(process.socket())).isZero();
    restored(process, restore(1, Map.of()));
    assertThat(result(process, "{\"n\":9}").asInt()).isEqualTo(9);
  }

  @Test
  void handler_closesDescriptor3AtLoad_isStillReady() throws Exception {
    assertThat(result(ready("closes_descriptors.handler"), "{}").asText()).isEqualTo("ok");
  }

  @Test
  void signal_raisesBetweenInvocations_doesNotEndTheFunction() throws Exception {
    FunctionProcess process = ready("odd.leaves_alarm");
    result(process, "{\"n\":1}");
    // The alarm fires while the function waits for work; the log tells when it has.
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!process.log().contains("alarm")) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.onSpinWait();
    }
    assertThat(result(process, "{\"n\":2}").asInt()).isEqualTo(2);
  }

  @Test
  void error_thatCannotBeShown_isReported() throws Exception {
    FunctionProcess process = ready("odd.raises_unshowable");
    InstanceReply.FunctionError error = error(process, "{}");
    assertThat(error.errorType()).isEqualTo("Unshowable");
    assertThat(error.errorMessage()).contains("cannot be shown");
  }

  @Test
  void error_enormous_isCutToFitAHeader() throws Exception {
    FunctionProcess process = ready("odd.raises_enormous");
    InstanceReply.FunctionError error = error(process, "{}");
    assertThat(error.errorType()).isEqualTo("ValueError");
    assertThat(error.errorMessage()).hasSize(2 * 65_536).startsWith("🎉");
    assertThat(error(ready("odd.recurses"), "{}").errorType()).isEqualTo("RecursionError");
  }

  @Test
  void exit_withStrayThreads_isImmediateAndRunsExitHandlers() throws Exception {
    FunctionProcess process = ready("odd.exits_with_thread");
    ChannelException failure =
        failure(channel.invoke(process.socket(), invocation("{}"), PATIENCE));
    assertThat(failure.reason()).isEqualTo(ChannelException.Cause.CLOSED_WITHOUT_REPLY);
    assertThat(process.exitCode()).isEqualTo(1);
    assertThat(process.log()).contains("leaving now").contains("exit handler ran");
  }

  @Test
  void logging_goesToTheLogWithTheRequestId() throws Exception {
    FunctionProcess process = ready("odd.logs");
    result(process, "{}");
    assertThat(process.log())
        .containsPattern("\\[INFO]\\t\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z\\trequest-1\\tsold 3\\n");
  }

  @Test
  void modules_namedLikeThePlatforms_areTheFunctionsOwn() throws Exception {
    FunctionProcess process = ready("own_names.handler");
    assertThat(result(process, "{}"))
        .map(JsonNode::asText)
        .isEqualTo(List.of("my bootstrap", "my renewal", "my hooks"));
    checkpoint(process);
    assertThat(process.log()).contains("my own snapshot_restore_py ran a hook");
  }

  @Test
  void renewal_skipsProxiesThatRaise() throws Exception {
    FunctionProcess process = ready("odd.keeps_raising_proxy");
    checkpoint(process);
    restored(process, restore(1, Map.of()));
    assertThat(result(process, "{\"n\":5}").asInt()).isEqualTo(5);
  }

  @Test
  void renewal_reachesNumPysGeneratorsAndWhatTheySpawn() throws Exception {
    JsonNode equal = result(ready("numpy_twins.handler"), "{}");
    assertThat(equal.path("frozen")).as("twins without renewal").isEqualTo(equal.path("all"));
    assertThat(equal.path("renewed")).isEmpty();
  }

  @Test
  void timeZone_changedAtRestore_takesEffect() throws Exception {
    FunctionProcess process = ready("odd.hour_at_epoch");
    assertThat(result(process, "{}").asInt()).isZero();
    checkpoint(process);
    restored(process, restore(1, Map.of("TZ", "XYZ-5")));
    assertThat(result(process, "{}").asInt()).isEqualTo(5);
  }
}
