package dev.rekindle.warmers;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Boots functions on HotSpot, Java 17 and later. */
final class JavaWarmer implements Warmer {
  private static final String BOOTSTRAP = "java/warmers-bootstrap.jar";
  private static final String INTERFACES = "java/aws-lambda-java-core.jar";
  private static final String JSON = "java/aws-lambda-java-serialization.jar";
  private static final String NATIVE = "java/librekindle.so";

  /** The classes of all those jars, ready to be mapped, and the JDK that can map them. */
  private static final String ARCHIVE = "java/bootstrap.jsa";

  private static final String ARCHIVE_JDK = "java/bootstrap.jdk";

  static final List<String> BOOTSTRAP_FILES =
      List.of(BOOTSTRAP, INTERFACES, JSON, NATIVE, ARCHIVE, ARCHIVE_JDK);

  private static final String MAIN = "dev.rekindle.warmers.jvm.Bootstrap";

  /** Lambda's two forms, {@code package.Class} and {@code package.Class::method}. */
  private static final Pattern HANDLER =
      Pattern.compile(
          "[\\p{L}_$][\\w$]*(\\.[\\p{L}_$][\\w$]*)*(::[\\p{L}_$][\\w$]*)?",
          Pattern.UNICODE_CHARACTER_CLASS);

  private final RuntimePaths paths;
  private final JavaHome home;
  private final String archiveJdk = BootstrapFiles.text(ARCHIVE_JDK);

  JavaWarmer(RuntimePaths paths) {
    this.paths = paths;
    this.home = new JavaHome(paths.java());
  }

  @Override
  public String runtime() {
    return "java";
  }

  @Override
  public void check() {
    runtimeVersion();
  }

  @Override
  public String runtimeVersion() {
    return home.version();
  }

  @Override
  public void validateHandler(String handler) {
    if (!HANDLER.matcher(handler).matches()) {
      throw new WarmerException(
          WarmerException.Cause.INVALID_HANDLER,
          "handler '"
              + handler
              + "' is not of the form package.Class or package.Class::method;"
              + " for shop/Orders.java with a RequestHandler it is shop.Orders");
    }
  }

  @Override
  public Launch launch(FunctionSpec function) {
    List<String> command = new ArrayList<>();
    command.add(home.program().toString());
    command.addAll(
        JavaOptions.of(
            function.memoryMb(), function.environment().getOrDefault("JAVA_TOOL_OPTIONS", "")));
    if (home.warnsOfNativeCode()) {
      command.add("--enable-native-access=ALL-UNNAMED");
    }
    if (home.isVersion(archiveJdk)) {
      command.add("-XX:SharedArchiveFile=" + inSandbox(ARCHIVE));
    }
    command.add("-cp");
    // Relative to the function's directory, as when the archive was made; src/main/cds says why.
    command.add(String.join(":", relative(BOOTSTRAP), relative(INTERFACES), relative(JSON)));
    command.add(MAIN);
    command.add(inSandbox(NATIVE));
    return new Launch(command, FunctionEnvironment.of(function, paths), paths.task().toString());
  }

  private String relative(String file) {
    return paths.task().relativize(paths.bootstraps().resolve(file)).toString();
  }

  private String inSandbox(String file) {
    return paths.bootstraps().resolve(file).toString();
  }
}
