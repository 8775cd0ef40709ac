package dev.rekindle.warmers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.warmers.channel.Frame;
import dev.rekindle.warmers.channel.HttpCall;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How programs that serve HTTP are launched, and the requests that the platform sends them. */
class HttpWarmerTest {
  private final HttpWarmer warmer = new HttpWarmer();

  @Test
  void launch_runsTheCommandLineInTheShellWithAPort() {
    FunctionSpec function =
        new FunctionSpec(
            "shop",
            "3",
            "http",
            "exec ./server -p $PORT",
            128,
            Duration.ofSeconds(3),
            Map.of("PORT", "1", "TZ", "Europe/Warsaw", "COLOR", "red"));
    Launch launch = warmer.launch(function);
    assertThat(launch.command()).containsExactly("/bin/sh", "-c", "exec ./server -p $PORT");
    assertThat(launch.workingDirectory()).isEqualTo("/var/task");
    assertThat(warmer.port()).hasValue(8080);
    assertThat(launch.environment())
        .containsEntry("PORT", "8080")
        .containsEntry("TZ", "Europe/Warsaw")
        .containsEntry("COLOR", "red")
        .containsEntry("REKINDLE_FUNCTION_NAME", "shop")
        .containsEntry("REKINDLE_FUNCTION_VERSION", "3")
        .containsEntry("REKINDLE_FUNCTION_MEMORY_SIZE", "128")
        .containsEntry("HOME", "/tmp")
        .containsKey("PATH");
    assertThat(launch.environment().keySet())
        .noneMatch(name -> name.startsWith("AWS") || name.startsWith("LAMBDA"));
  }

  @Test
  void launch_givesNodeAPreload_besideTheUsersOptions() {
    String ours = "--require=/rekindle/runtime/nodejs/preload.js";
    assertThat(options(Map.of())).isEqualTo(ours);
    assertThat(options(Map.of("NODE_OPTIONS", "--enable-source-maps")))
        .isEqualTo(ours + " --enable-source-maps");
  }

  private String options(Map<String, String> environment) {
    FunctionSpec function =
        new FunctionSpec("shop", "3", "http", "./run", 128, Duration.ofSeconds(3), environment);
    return warmer.launch(function).environment().getOrDefault("NODE_OPTIONS", "");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\t", "a\nb", "a\0b", "a\r"})
  void validateHandler_whatIsNoCommandLine_isRefused(String handler) {
    assertThatThrownBy(() -> warmer.validateHandler(handler))
        .isInstanceOfSatisfying(
            WarmerException.class,
            e -> assertThat(e.reason()).isEqualTo(WarmerException.Cause.INVALID_HANDLER))
        .hasMessageContaining("$PORT");
  }

  private static HttpCall call(String json) throws Exception {
    return HttpCall.of(Frame.JSON.readTree(json.replace('\'', '"')));
  }

  @Test
  void call_fieldsLeftOut_haveTheirDefaults() throws Exception {
    HttpCall get = call("{'path':'/a?b=%20'}");
    assertThat(get.method().name()).isEqualTo("GET");
    assertThat(get.path()).isEqualTo("/a?b=%20");
    assertThat(get.body().length()).isZero();
    HttpCall post = call("{'path':'/','body':{'n':1}}");
    assertThat(post.method().name()).isEqualTo("POST");
    assertThat(post.headers()).containsEntry("Content-Type", "application/json");
    assertThat(post.body().toString()).isEqualTo("{\"n\":1}");
    HttpCall text =
        call("{'method':'PUT','path':'/','headers':{'content-type':'a/b'},'body':'żółw'}");
    assertThat(text.method().name()).isEqualTo("PUT");
    assertThat(text.headers()).containsOnly(Map.entry("content-type", "a/b"));
    assertThat(text.body().toString()).isEqualTo("żółw");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "1|not an object",
        "{}|path is missing",
        "{'path':1}|path is not a string",
        "{'path':'a'}|path 'a'",
        "{'path':'/a b'}|path '/a b'",
        "{'path':'/#a'}|path '/#a'",
        "{'path':'/ż'}|path '/ż'",
        "{'path':'/','method':'G T'}|method 'G T'",
        "{'path':'/','method':2}|method is not a string",
        "{'path':'/','headers':[]}|headers is not an object",
        "{'path':'/','headers':{'a b':'c'}}|headers 'a b'",
        "{'path':'/','headers':{'a':1}}|headers.a is not a string",
        "{'path':'/','headers':{'a':'b\\r\\nc: d'}}|headers.a",
        "{'path':'/','verb':'GET'}|a field 'verb'",
      })
  void call_thatIsNoRequest_saysWhichFieldIsWrong(String json, String said) {
    assertThatThrownBy(() -> call(json))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(said);
  }

  @Test
  void call_ofRandomText_isRefusedOrSafeOnTheWire() {
    Random random = new Random(5);
    int taken = 0;
    for (int round = 0; round < 5_000; round++) {
      JsonNode event =
          Frame.JSON
              .createObjectNode()
              .put("method", text(random))
              .put("path", "/" + text(random))
              .set("headers", Frame.JSON.createObjectNode().put("X", text(random)));
      try {
        HttpCall call = HttpCall.of(event);
        String head = call.method() + " " + call.path() + call.headers();
        assertThat(head.chars()).allMatch(c -> c == '\t' || (c >= ' ' && c < 0x7f));
        assertThat(call.path()).doesNotContain(" ");
        taken++;
      } catch (IllegalArgumentException refused) {
        assertThat(refused.getMessage()).isNotBlank();
      }
    }
    assertThat(taken).isBetween(10, 4_990);
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(4); i >= 0; i--) {
      text.append(
          (char) (random.nextInt(20) == 0 ? random.nextInt(0x300) : '!' + random.nextInt(90)));
    }
    return text.toString();
  }
}
