package dev.rekindle.loadtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The launcher and the build's scripts, as shellcheck sees them. */
class ShellScriptsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private static List<String> scripts() throws IOException {
    List<String> scripts = new ArrayList<>(List.of("rekindle", ".ci/run"));
    for (String module :
        List.of(
            "scripts", "api", "store", "snapshot-engine", "warmers", "orchestrator", "loadtests")) {
      try (Stream<Path> files = Files.find(ROOT.resolve(module), 20, (p, a) -> a.isRegularFile())) {
        files
            .map(ROOT::relativize)
            .map(Path::toString)
            .filter(name -> name.endsWith(".sh") && !name.contains("target/"))
            .sorted()
            .forEach(scripts::add);
      }
    }
    return scripts;
  }

  @Test
  void shellcheck_ofAllScripts_findsNothing() throws Exception {
    List<String> command =
        new ArrayList<>(List.of("shellcheck", "--external-sources", "--check-sourced"));
    command.addAll(scripts());
    assertThat(command).contains("scripts/test.sh", "snapshot-engine/src/main/c/build.sh");
    Process shellcheck =
        new ProcessBuilder(command).directory(ROOT.toFile()).redirectErrorStream(true).start();
    String found = new String(shellcheck.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(shellcheck.waitFor()).as(found).isZero();
  }
}
