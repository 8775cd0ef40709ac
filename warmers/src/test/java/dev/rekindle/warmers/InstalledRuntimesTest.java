package dev.rekindle.warmers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which interpreters are found, and under which names. */
class InstalledRuntimesTest {
  @TempDir Path temporary;

  private InstalledRuntimes installed() {
    return new InstalledRuntimes(
        List.of(temporary.resolve("bin"), temporary.resolve("opt"), temporary.resolve("absent")),
        List.of(temporary.resolve("jvm")));
  }

  private Path program(String path, String script) throws IOException {
    Path program = temporary.resolve(path);
    Files.createDirectories(program.getParent());
    Files.writeString(program, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    return program;
  }

  @Test
  void pythons_areNamedByTheirPrograms() throws IOException {
    Path eleven = program("bin/python3.11", "exit 0");
    program("bin/python3.11-config", "exit 0");
    program("bin/python3", "exit 0");
    Path thirteen = program("opt/python/bin/python3.13", "exit 0");
    program("opt/python/bin/python3.11", "exit 0"); // the first one found wins
    Files.writeString(temporary.resolve("bin/python3.12"), "not to be run");
    assertThat(installed().pythons())
        .isEqualTo(Map.of("python3.11", eleven, "python3.13", thirteen));
  }

  @Test
  void nodes_areNamedByWhatTheySay() throws IOException {
    Path standard = program("own/node", "echo v20.1.0");
    program("bin/node", "echo v20.9.9"); // the standard one wins
    Path newer = program("opt/node-22/bin/node", "echo v22.4.1");
    Files.createSymbolicLink(temporary.resolve("opt/node-22/bin/nodejs"), newer);
    program("bin/node-24", "exit 3");
    assertThat(installed().nodes(standard))
        .isEqualTo(Map.of("nodejs20.x", standard, "nodejs22.x", newer));
  }

  @Test
  void jdks_areNamedByTheirReleaseFile() throws IOException {
    Path own = Path.of(System.getProperty("java.home"));
    Files.createDirectories(temporary.resolve("jvm"));
    Files.createSymbolicLink(temporary.resolve("jvm/linked"), own);
    Files.createDirectories(temporary.resolve("jvm/empty"));
    Files.createSymbolicLink(temporary.resolve("jvm/broken"), temporary.resolve("nowhere"));
    String name = "java" + Runtime.version().feature();
    assertThat(installed().jdks(own)).isEqualTo(Map.of(name, own));
    assertThat(installed().jdks(temporary)).containsOnlyKeys(name);
  }

  @Test
  void warmers_ofVersions_launchThoseInterpreters() {
    Warmers warmers = Warmers.standard(RuntimePaths.sandbox(), temporary.resolve("runtime"));
    assertThat(warmers.available())
        .extracting(AvailableRuntime::name)
        .contains("python3", "java", "http", "java" + Runtime.version().feature());
    for (AvailableRuntime runtime : warmers.available()) {
      Warmer warmer = warmers.find(runtime.name()).orElseThrow();
      assertThat(warmer.runtime()).isEqualTo(runtime.name());
      assertThat(warmer.runtimeVersion()).isEqualTo(runtime.version());
      if (runtime.name().startsWith("java1") || runtime.name().startsWith("java2")) {
        assertThat(runtime.version()).startsWith(runtime.name().substring("java".length()));
      }
      if (runtime.name().startsWith("python3.")) {
        assertThat(runtime.version()).startsWith(runtime.name().substring("python".length()));
      }
    }
    assertThat(warmers.find("java99")).isEmpty();
    assertThat(warmers.runtimes()).doesNotContain("java99");
  }
}
