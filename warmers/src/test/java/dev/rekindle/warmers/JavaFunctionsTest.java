package dev.rekindle.warmers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.rekindle.warmers.channel.ChannelException;
import dev.rekindle.warmers.channel.Frame;
import dev.rekindle.warmers.channel.InstanceReply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is Java's own: forms of handlers, class loading, the language's edges, the JVM. */
class JavaFunctionsTest extends FunctionFixture {
  @TempDir static Path compiled;

  @BeforeAll
  static void compile() throws IOException {
    JavaCode.compile("functions", compiled);
    Files.writeString(compiled.resolve("shop/price.txt"), "3 zł");
    Files.delete(compiled.resolve("shop/Unloadable$Missing.class"));
    Path lib = compiled.resolve("lib");
    for (Class<?> part :
        List.of(
            ObjectMapper.class,
            com.fasterxml.jackson.core.JsonFactory.class,
            com.fasterxml.jackson.annotation.JsonProperty.class,
            com.amazonaws.services.lambda.runtime.Context.class,
            com.amazonaws.services.lambda.runtime.events.SQSEvent.class,
            org.joda.time.DateTime.class)) {
      JavaCode.bundle(part, lib);
    }
    JavaCode.bundle(org.crac.Core.class, compiled); // a jar at the top
  }

  @Override
  String runtime() {
    return "java";
  }

  @Override
  void install(Path task) throws IOException {
    TestResources.copy(compiled, task);
  }

  private FunctionProcess handler(String name) throws Exception {
    return ready("shop.Handlers" + name);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "$Beans | {'name':'a','count':1,'tags':['x']} | {'name':'a','count':2,'tags':['x']}",
        "$Beans | {'name':'a','unknown':7} | {'name':'a','count':1}",
        "$Records | [{'name':'a','count':1},{'name':'b','count':2}] | {'name':'a','count':3}",
        "$TwiceOrder | {'name':'a'} |" + " [{'name':'a','count':0},{'name':'a!','count':0}]",
        "$OfLines::both | {'name':'a','count':1} | [{'name':'a','count':1},{'name':'a','count':1}]",
        "$Raw | {'name':'a'} | 'a'",
        "$Streams | 'abc' | 'ABC'",
        "$Beans::handleRequest | {'count':4} | {'count':5}",
        "::stream | {'a':1} | {'a':1}",
        "::silentStream | {'a':1} | null",
        "::length | 'abcd' | 4",
        "::onlyContext | {} | 'shop'",
        "::nothing | {} | 'nothing'",
        "::overloaded | {'name':'a'} | 'two of a'",
        "::queue | {'Records':[{'body':'b','eventSourceARN':'arn:q'}]} | 'b arn:q'",
        "::gateway | {'httpMethod':'GET','queryStringParameters':{'q':'x'}} |"
            + " {'statusCode':200,'body':'GET x'}",
        "::ownJackson | {'a':1} | '7 true'",
        "::resource | {} | '3 zł'",
      })
  void invoke_handlerOfAnyForm_returnsItsResult(String name, String event, String result)
      throws Exception {
    FunctionProcess process = handler(name);
    assertThat(result(process, event.replace('\'', '"')))
        .isEqualTo(Frame.JSON.readTree(result.replace('\'', '"')));
  }

  @Test
  void event_ofAnotherShape_isAnUnmarshalError() throws Exception {
    InstanceReply.FunctionError error = error(handler("$Beans"), "[1]");
    assertThat(error.errorType()).isEqualTo("Runtime.UnmarshalError");
    assertThat(error.errorMessage()).contains("shop.Order");
  }

  @Test
  void classes_ofThePlatform_areHiddenButForItsInterfaces() throws Exception {
    JsonNode sees = result(handler("::sees"), "{}");
    for (String hidden : List.of("bootstrap", "json", "shaded")) {
      assertThat(sees.path(hidden).asBoolean()).as(hidden).isFalse();
    }
    for (String shown : List.of("interfaces", "sql", "compiler")) {
      assertThat(sees.path(shown).asBoolean()).as(shown).isTrue();
    }
  }

  @Test
  void context_isCompleteAndItsLoggerWritesLines() throws Exception {
    JsonNode context = result(handler("::context"), "{}");
    assertThat(context.get(0).asText()).isEqualTo("/aws/lambda/shop");
    assertThat(context.get(1).asText()).matches("\\d{4}/\\d\\d/\\d\\d/\\[7]\\p{XDigit}{32}");
    assertThat(context.get(2).asText())
        .as("told no ARN, it makes one of the region that every function is told")
        .isEqualTo("arn:aws:lambda:us-east-1:000000000000:function:shop");
    assertThat(context.get(3).isNull()).isTrue();
    assertThat(context.get(4).isNull()).isTrue();
    assertThat(context.get(5).isNull()).isTrue();

    FunctionProcess process = handler("::logs");
    result(process, "{}");
    assertThat(process.log().lines())
        .containsSequence("sold 3", "sold 4", "[INFO] sold żółw", "sold 5");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "interruptsItself",
        "interruptedForever",
        "replacesOut",
        "closesOut",
        "setsContextLoader"
      })
  void invoke_handlerMisbehaves_theNextEventsAreServed(String method) throws Exception {
    FunctionProcess process = ready("shop.Odd::" + method);
    for (int n = 0; n < 3; n++) {
      assertThat(result(process, "{\"n\":" + n + "}").asInt()).isEqualTo(n);
    }
    checkpoint(process);
    restored(process, restore(1, Map.of()));
    assertThat(result(process, "{\"n\":9}").asInt()).isEqualTo(9);
  }

  @ParameterizedTest
  @CsvSource({
    "raisesUnshowable, shop.Odd$Unshowable",
    "raisesEnormous, java.lang.IllegalArgumentException",
    "raisesHalfASurrogatePair, java.lang.IllegalArgumentException",
    "raisesWithoutWords, java.lang.IllegalStateException"
  })
  void invoke_oddError_isReportedAndTheProcessLives(String method, String type) throws Exception {
    FunctionProcess process = ready("shop.Odd::" + method);
    for (int i = 0; i < 2; i++) {
      assertThat(error(process, "{}").errorType()).isEqualTo(type);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "recurses, java.lang.StackOverflowError",
    "fillsMemory, java.lang.OutOfMemoryError",
    "breaksTheMachine, java.lang.InternalError",
    "losesItsTerminal, java.io.IOError"
  })
  void invoke_errorOfTheJvm_isReportedAndEndsTheProcess(String method, String type)
      throws Exception {
    FunctionProcess process = ready("shop.Odd::" + method);
    assertThat(error(process, "{}").errorType()).isEqualTo(type);
    // Who comes next finds nobody, so that its event can go elsewhere.
    assertThat(failure(channel.invoke(process.socket(), invocation("{}"), PATIENCE)).reason())
        .isEqualTo(ChannelException.Cause.CANNOT_CONNECT);
    assertThat(process.exitCode()).isPositive();
  }

  @Test
  void error_withoutWords_hasTheNameOfItsClass() throws Exception {
    InstanceReply.FunctionError error = error(ready("shop.Odd::raisesWithoutWords"), "{}");
    assertThat(error.errorMessage()).isEqualTo("java.lang.IllegalStateException");
  }

  @Test
  void error_withCause_tellsBothInTheTrace() throws Exception {
    InstanceReply.FunctionError error = error(ready("shop.Odd::raisesWithCause"), "{}");
    assertThat(error.errorMessage()).isEqualTo("no order");
    assertThat(error.stackTrace().get(0)).startsWith("shop.Odd.raisesWithCause(Odd.java:");
    assertThat(error.stackTrace()).contains("Caused by: java.io.IOException: disk");
    assertThat(error.stackTrace()).noneMatch(frame -> frame.contains("java.lang.reflect"));
  }

  @Test
  void exit_runsTheFunctionsShutdownHooks() throws Exception {
    FunctionProcess process = ready("shop.Odd::exitsByHook");
    assertThat(failure(channel.invoke(process.socket(), invocation("{}"), PATIENCE)).reason())
        .isEqualTo(ChannelException.Cause.CLOSED_WITHOUT_REPLY);
    assertThat(process.exitCode()).isEqualTo(5);
    assertThat(process.log()).contains("hook ran");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "shop.Absent | java.lang.ClassNotFoundException | shop.Absent; it is neither",
        "shop.Unloadable$Abstract | java.lang.InstantiationException | is abstract",
        "shop.Unloadable$Inner | java.lang.InstantiationException | inner class",
        "shop.Unloadable$NeedsArguments | java.lang.InstantiationException | no constructor",
        "shop.Unloadable$NoHandler | java.lang.ClassCastException | shop.Unloadable$NoHandler::method",
        "shop.Unloadable$NoHandler::x | java.lang.NoSuchMethodException | named x",
        "shop.Unloadable$Throws | java.lang.IllegalStateException | no database",
        "shop.Unloadable$MissingPart::handle | java.lang.NoClassDefFoundError | Missing"
      })
  void boot_unloadable_saysWhatToMend(String handler, String type, String message)
      throws Exception {
    FunctionProcess process = start(handler);
    assertThat(process.readiness().path("ok").asBoolean()).isFalse();
    assertThat(process.readiness().path("errorType").asText()).isEqualTo(type);
    assertThat(process.readiness().path("errorMessage").asText()).contains(message);
    assertThat(process.exitCode()).isEqualTo(1);
  }

  @Test
  void boot_privateConstructor_isCalledAllTheSame() throws Exception {
    assertThat(result(ready("shop.Unloadable$Hidden::handle"), "\"you\"").asText())
        .isEqualTo("hello you");
  }

  @Test
  void hooks_underAwsOwnName_runAndAllFailuresAreTold() throws Exception {
    FunctionProcess process = ready("shop.AwsHooks::handler");
    result(process, "\"\"");
    checkpoint(process);
    restored(process, restore(1, Map.of()));
    assertThat(result(process, "\"fail\""))
        .map(JsonNode::asText)
        .containsExactly("before b", "before a", "after a", "after b");
    ChannelException failure = failure(channel.beforeCheckpoint(process.socket(), PATIENCE));
    assertThat(failure.reason()).isEqualTo(ChannelException.Cause.HOOK_FAILED);
    assertThat(failure).hasMessageContaining("b is busy");
    // The first failure keeps no other resource from its hook.
    assertThat(result(process, "\"\"")).map(JsonNode::asText).endsWith("before b", "before a");
    assertThat(process.log()).contains("Suppressed: java.lang.IllegalStateException: a is busy");
  }

  @Test
  void afterRestore_changesTheTimeZone() throws Exception {
    FunctionProcess process = ready("shop.Odd::zone");
    assertThat(result(process, "{}").asText()).isEqualTo("UTC");
    checkpoint(process);
    restored(process, restore(1, Map.of("TZ", "Europe/Warsaw")));
    assertThat(result(process, "{}").asText()).isEqualTo("Europe/Warsaw");
  }

  @Test
  void options_ofTheUser_winOverOurs() throws Exception {
    assertThat(result(ready("shop.Odd::jvm"), "{}").toString())
        .contains("Copy")
        .doesNotContain("G1");
    FunctionProcess process =
        start("shop.Odd::jvm", Map.of("JAVA_TOOL_OPTIONS", "-XX:+UseG1GC -Xmx96m"));
    assertThat(result(process, "{}").toString()).contains("G1").contains("max 96");
  }

  @Test
  void boot_mapsTheArchiveOfClasses() throws Exception {
    assertThat(ready("shop.Handlers::nothing").memoryMap()).contains("bootstrap.jsa");
  }

  @Test
  void checkpoint_givesGarbageBack() throws Exception {
    for (String collector : List.of("-XX:+UseSerialGC", "-XX:+UseParallelGC")) {
      FunctionProcess process =
          start("shop.Odd::garbage", Map.of("JAVA_TOOL_OPTIONS", collector + " -Xms100m"));
      for (int i = 0; i < 5; i++) {
        result(process, "{\"mb\":60}");
      }
      long before = process.anonymousBytes();
      checkpoint(process);
      long after = process.anonymousBytes();
      assertThat(before - after).as("%s, before: %d", collector, before).isGreaterThan(20L << 20);
      assertThat(result(process, "{\"mb\":1}").asLong()).isEqualTo(7);
    }
  }
}
