package dev.rekindle.warmers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which JDKs serve, what is said of the others, and what each function's JVM is told. */
class JavaHomeTest {
  @TempDir Path temporary;

  @Test
  void version_ofTheJdkThatRunsUs_isItsOwn() {
    JavaHome home = new JavaHome(RuntimePaths.sandbox(System.getenv()).java());
    assertThat(home.version()).isNotEmpty();
    assertThat(home.isVersion(home.version())).isTrue();
    assertThat(home.isVersion("17")).isFalse();
    JavaHome own = new JavaHome(Path.of(System.getProperty("java.home")));
    assertThat(own.version()).isEqualTo(Runtime.version().toString());
  }

  @Test
  void version_notThere_saysWhatToInstall() {
    missing(temporary, "has no bin/java");
    assertThat(new JavaHome(temporary).isVersion("17")).isFalse();
  }

  @Test
  void version_whereSandboxesDoNotSee_saysSo() throws IOException {
    missing(jdk("JAVA_RUNTIME_VERSION=\"21.0.1+12\""), "sandboxes do not show");
  }

  @Test
  void release_tooOldOrDamaged_saysSo() throws IOException {
    for (List<String> bad :
        List.of(
            List.of("JAVA_RUNTIME_VERSION=\"11.0.2+9\"", "is Java 11.0.2+9"),
            List.of("JAVA_RUNTIME_VERSION=\"\"", "without a JAVA_RUNTIME_VERSION"),
            List.of("", "without a JAVA_RUNTIME_VERSION"))) {
      Path release = jdk(bad.get(0)).resolve("release");
      assertThatThrownBy(() -> new JavaHome(release.getParent()).releaseVersion(release))
          .isInstanceOf(WarmerException.class)
          .hasMessageContaining(bad.get(1));
    }
  }

  private Path jdk(String release) throws IOException {
    Path home = Files.createTempDirectory(temporary, "jdk");
    Path program = Files.createFile(Files.createDirectory(home.resolve("bin")).resolve("java"));
    assertThat(program.toFile().setExecutable(true)).isTrue();
    Files.writeString(home.resolve("release"), release);
    return home;
  }

  private static void missing(Path home, String what) {
    assertThatThrownBy(() -> new JavaHome(home).version())
        .isInstanceOfSatisfying(
            WarmerException.class,
            e -> assertThat(e.reason()).isEqualTo(WarmerException.Cause.MISSING_RUNTIME))
        .hasMessageContaining(home.toString())
        .hasMessageContaining(what)
        .hasMessageContaining("apt-get install openjdk-17-jdk-headless");
  }

  @Test
  void heap_leavesRoomForTheRestOfTheJvm() {
    assertThat(JavaOptions.heapMb(128)).isEqualTo(64);
    assertThat(JavaOptions.heapMb(256)).isEqualTo(192);
    assertThat(JavaOptions.heapMb(512)).isEqualTo(410);
    assertThat(JavaOptions.heapMb(3008)).isEqualTo(2407);
    assertThat(JavaOptions.heapMb(1)).isEqualTo(1);
  }

  @Test
  void options_thatTheUserSets_areLeftToThem() {
    assertThat(JavaOptions.of(256, "")).contains("-XX:+UseSerialGC", "-Xmx192m", "-Xms16m");
    assertThat(JavaOptions.of(256, "-XX:+UseG1GC -Dx=y"))
        .contains("-Xmx192m")
        .doesNotContain("-XX:+UseSerialGC");
    for (String size : List.of("-Xmx99m", "-XX:MaxRAMPercentage=50", "-XX:MaxHeapSize=90m")) {
      assertThat(JavaOptions.of(256, size)).noneMatch(option -> option.startsWith("-Xm"));
    }
    assertThat(JavaOptions.of(256, "-Xms100m")).contains("-Xmx192m").doesNotContain("-Xms16m");
    assertThat(JavaOptions.of(256, "-XX:+UsePerfData")).contains("-XX:-UsePerfData");
  }
}
