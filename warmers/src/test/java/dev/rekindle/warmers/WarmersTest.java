package dev.rekindle.warmers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Finding warmers, what they extract and what they launch. */
class WarmersTest {
  @TempDir Path temporary;

  private Warmers standard() {
    return Warmers.standard(RuntimePaths.sandbox(), temporary.resolve("a/runtime"));
  }

  @Test
  void extract_writesEveryBootstrapFileReadableForAll() throws IOException {
    Path directory = standard().bootstrapDirectory();
    assertThat(TestResources.bytes(TestResources.directory("bootstrap")))
        .isNotEmpty()
        .isEqualTo(TestResources.bytes(directory));
    try (var paths = Files.walk(directory)) {
      assertThat(paths)
          .allSatisfy(
              path ->
                  assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                      .isEqualTo(Files.isDirectory(path) ? "rwxr-xr-x" : "rw-r--r--"));
    }
  }

  @Test
  void extract_replacesOlderFiles() throws IOException {
    Path bootstrap = standard().bootstrapDirectory().resolve("python3/bootstrap.py");
    String current = Files.readString(bootstrap);
    Files.writeString(bootstrap, "old");
    assertThat(standard().find("python3")).isPresent();
    assertThat(bootstrap).hasContent(current);
  }

  @Test
  void extract_directoryNotWritable_saysWhich() throws IOException {
    Path file = Files.createFile(temporary.resolve("file"));
    assertThatThrownBy(() -> Warmers.standard(RuntimePaths.sandbox(), file.resolve("runtime")))
        .isInstanceOfSatisfying(
            WarmerException.class,
            e -> assertThat(e.reason()).isEqualTo(WarmerException.Cause.CANNOT_EXTRACT))
        .hasMessageContaining(file.toString());
  }

  @Test
  void find_unknownRuntime_isEmpty() {
    assertThat(standard().find("cobol")).isEmpty();
    assertThat(standard().runtimes()).contains("python3").doesNotContain("cobol");
  }

  @Test
  void check_interpreterMissing_saysWhatToInstall() {
    RuntimePaths sandbox = RuntimePaths.sandbox();
    RuntimePaths paths =
        new RuntimePaths(
            temporary.resolve("python3"),
            temporary.resolve("node"),
            temporary.resolve("java"),
            sandbox.bootstraps(),
            sandbox.task(),
            sandbox.socket());
    Warmer warmer = Warmers.standard(paths, temporary).find("python3").orElseThrow();
    assertThatThrownBy(warmer::check)
        .isInstanceOfSatisfying(
            WarmerException.class,
            e -> assertThat(e.reason()).isEqualTo(WarmerException.Cause.MISSING_RUNTIME))
        .hasMessageContaining("apt-get install python3");
  }

  private static Warmer nodejs(Path node) {
    return new NodejsWarmer(
        RuntimePaths.sandbox(Map.of(RuntimePaths.NODE_VARIABLE, node.toString())));
  }

  @Test
  void check_nodeWhereSandboxesDoNotSeeIt_saysWhereTheyLook() {
    assertThatThrownBy(nodejs(Path.of("/root/.nvm/bin/node"))::check)
        .isInstanceOfSatisfying(
            WarmerException.class,
            e -> assertThat(e.reason()).isEqualTo(WarmerException.Cause.MISSING_RUNTIME))
        .hasMessageContaining("/root/.nvm/bin/node")
        .hasMessageContaining("/usr, /opt")
        .hasMessageContaining(RuntimePaths.NODE_VARIABLE);
  }

  @Test
  void check_nodeTooOld_saysWhichIsNeeded() {
    for (String version : List.of("16.20.2", "v", "8")) {
      assertThatThrownBy(() -> NodejsWarmer.requireVersion(version, Path.of("/usr/bin/node")))
          .isInstanceOf(WarmerException.class)
          .hasMessageContaining(version)
          .hasMessageContaining("Node.js 18");
    }
    NodejsWarmer.requireVersion("18.0.0", Path.of("/usr/bin/node"));
    NodejsWarmer.requireVersion("22.1.0-nightly", Path.of("/usr/bin/node"));
  }

  @Test
  void launch_nodejs_sizesTheHeapByTheFunctionsMemory() {
    assertThat(nodejsCommand(Map.of()))
        .containsExactly(
            "/usr/bin/node",
            "--max-old-space-size=115",
            "--max-semi-space-size=6",
            "/rekindle/runtime/nodejs/bootstrap.js");
    assertThat(nodejsCommand(Map.of("NODE_OPTIONS", "--max_old_space_size=99")))
        .containsExactly(
            "/usr/bin/node", "--max-semi-space-size=6", "/rekindle/runtime/nodejs/bootstrap.js");
  }

  private List<String> nodejsCommand(Map<String, String> environment) {
    FunctionSpec function =
        new FunctionSpec(
            "shop", "3", "nodejs", "app.handler", 128, Duration.ofSeconds(3), environment);
    Launch launch = standard().find("nodejs").orElseThrow().launch(function);
    assertThat(launch.environment())
        .containsEntry("NODE_PATH", "/var/task:/rekindle/runtime/nodejs/node_modules")
        .containsEntry("AWS_EXECUTION_ENV", "Rekindle_nodejs");
    return launch.command();
  }

  @Test
  void check_interpreterBroken_saysHow() throws IOException {
    Path broken = Files.writeString(temporary.resolve("python3"), "#!/bin/sh\nexit 9\n");
    Files.setPosixFilePermissions(broken, PosixFilePermissions.fromString("rwxr-xr-x"));
    InterpreterProbe probe = new InterpreterProbe(broken, List.of(), "reinstall it");
    assertThatThrownBy(probe::version)
        .isInstanceOf(WarmerException.class)
        .hasMessageContaining("exit code 9")
        .hasMessageContaining("reinstall it");
  }

  @Test
  void launch_platformVariablesWinOverTheUsers() {
    FunctionSpec function =
        new FunctionSpec(
            "shop",
            "3",
            "python3",
            "app.handler",
            128,
            Duration.ofSeconds(3),
            Map.of("TZ", "Europe/Warsaw", "REKINDLE_SOCKET", "/tmp/mine", "COLOR", "red"));
    Launch launch = standard().find("python3").orElseThrow().launch(function);
    assertThat(launch.command())
        .containsExactly("/usr/bin/python3", "/rekindle/runtime/python3/bootstrap.py");
    assertThat(launch.workingDirectory()).isEqualTo("/var/task");
    assertThat(launch.environment())
        .containsEntry("REKINDLE_SOCKET", "/run/rekindle/function.sock")
        .containsEntry("_HANDLER", "app.handler")
        .containsEntry("LAMBDA_TASK_ROOT", "/var/task")
        .containsEntry("AWS_LAMBDA_FUNCTION_NAME", "shop")
        .containsEntry("AWS_LAMBDA_FUNCTION_VERSION", "3")
        .containsEntry("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
        .containsEntry("AWS_EXECUTION_ENV", "Rekindle_python3")
        .containsEntry("HOME", "/tmp")
        .containsEntry("TMPDIR", "/tmp")
        .containsEntry("LANG", "C.UTF-8")
        .containsEntry("TZ", "Europe/Warsaw")
        .containsEntry("COLOR", "red")
        .containsKey("PATH");
  }
}
