package dev.rekindle.warmers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** The JVM passes the contract of all runtimes. */
class JavaWarmerTest extends WarmerContract {
  @Override
  String runtime() {
    return "java";
  }

  @Override
  void install(Path task) throws IOException {
    JavaCode.compile("contract", Files.createDirectories(task));
    JavaCode.bundle(org.crac.Core.class, task.resolve("lib"));
    Files.writeString(task.resolve("task/Broken.class"), "class Broken {");
  }

  @Override
  String handler(Sample sample) {
    return switch (sample) {
      case HOOKS -> "task.Hooks::handler";
      case FAILING_BEFORE_HOOK -> "task.FailingHook$Before::handler";
      case FAILING_AFTER_HOOK -> "task.FailingHook$After::handler";
      case DRAWS -> "task.Draws";
      case NO_MODULE -> "task.Absent";
      case NO_HANDLER -> "task.Samples::absent";
      case SYNTAX_ERROR -> "task.Broken";
      case RAISES_AT_LOAD -> "task.AtLoad$Raises::handler";
      case EXITS_AT_LOAD -> "task.AtLoad$Exits::handler";
      default -> "task.Samples::" + sample.name().toLowerCase(Locale.ROOT);
    };
  }

  @Override
  boolean endsAfter(Sample sample) {
    return sample == Sample.EXHAUSTS_MEMORY; // as all errors of the virtual machine
  }

  @Override
  String errorType(Sample sample) {
    return switch (sample) {
      case NOT_JSON -> "Runtime.MarshalError";
      case RAISES -> "task.Samples$OutOfStock";
      case EXHAUSTS_MEMORY -> "java.lang.OutOfMemoryError";
      case FAILING_BEFORE_HOOK -> "java.net.ConnectException";
      case NO_MODULE -> "java.lang.ClassNotFoundException";
      case NO_HANDLER -> "java.lang.NoSuchMethodException";
      case SYNTAX_ERROR -> "java.lang.ClassFormatError";
      case RAISES_AT_LOAD -> "java.util.MissingResourceException";
      case EXITS_AT_LOAD -> "Runtime.ExitError";
      default -> throw new IllegalArgumentException(sample + " does not fail");
    };
  }
}
