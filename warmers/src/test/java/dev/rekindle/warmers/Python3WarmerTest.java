package dev.rekindle.warmers;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** CPython passes the contract of all runtimes. */
class Python3WarmerTest extends WarmerContract {
  @Test
  void renewal_tellsTwinsOfOneMemoryApart() throws Exception {
    JsonNode equal = result(ready("twins.handler"), "{}");
    // What fork alone does not tell apart is what the test can prove.
    assertThat(equal.path("frozen"))
        .map(JsonNode::asText)
        .contains("seeded generator", "sqlite", "uuid1 node", "log stream");
    assertThat(equal.path("renewed").isArray()).isTrue();
    assertThat(equal.path("renewed")).isEmpty();
  }

  @Override
  String runtime() {
    return "python3";
  }

  @Override
  Map<String, String> code() throws IOException {
    return TestResources.folder("python3/contract");
  }

  @Override
  String handler(Sample sample) {
    return switch (sample) {
      case HOOKS -> "hooks.handler";
      case FAILING_BEFORE_HOOK -> "failing_before.handler";
      case FAILING_AFTER_HOOK -> "failing_after.handler";
      case DRAWS -> "draws.handler";
      case NO_MODULE -> "absent.handler";
      case NO_HANDLER -> "samples.absent";
      case SYNTAX_ERROR -> "broken.handler";
      case RAISES_AT_LOAD -> "raises_at_load.handler";
      case EXITS_AT_LOAD -> "exits_at_load.handler";
      default -> "samples." + sample.name().toLowerCase(Locale.ROOT);
    };
  }

  @Override
  String errorType(Sample sample) {
    return switch (sample) {
      case NOT_JSON -> "Runtime.MarshalError";
      case RAISES -> "OutOfStock";
      case EXHAUSTS_MEMORY -> "MemoryError";
      case FAILING_BEFORE_HOOK -> "ConnectionError";
      case NO_MODULE -> "Runtime.ImportModuleError";
      case NO_HANDLER -> "Runtime.HandlerNotFound";
      case SYNTAX_ERROR -> "Runtime.UserCodeSyntaxError";
      case RAISES_AT_LOAD -> "LookupError";
      case EXITS_AT_LOAD -> "Runtime.ExitError";
      default -> throw new IllegalArgumentException(sample + " does not fail");
    };
  }
}
