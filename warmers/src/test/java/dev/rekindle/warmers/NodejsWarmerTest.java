package dev.rekindle.warmers;

import java.io.IOException;
import java.util.Locale;
import java.util.Map;

/** Node.js passes the contract of all runtimes. */
class NodejsWarmerTest extends WarmerContract {
  @Override
  String runtime() {
    return "nodejs";
  }

  @Override
  Map<String, String> code() throws IOException {
    return TestResources.folder("nodejs/contract");
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
      case NOT_JSON -> "Error";
      case RAISES -> "OutOfStock";
      case EXHAUSTS_MEMORY -> "RangeError";
      case FAILING_BEFORE_HOOK -> "RangeError";
      case NO_MODULE -> "Runtime.ImportModuleError";
      case NO_HANDLER -> "Runtime.HandlerNotFound";
      case SYNTAX_ERROR -> "Runtime.UserCodeSyntaxError";
      case RAISES_AT_LOAD -> "RangeError";
      case EXITS_AT_LOAD -> "Runtime.ExitError";
      default -> throw new IllegalArgumentException(sample + " does not fail");
    };
  }
}
