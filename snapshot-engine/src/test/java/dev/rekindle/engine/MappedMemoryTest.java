package dev.rekindle.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.engine.sandbox.Sandbox;
import dev.rekindle.engine.sandbox.SandboxDirectories;
import dev.rekindle.engine.sandbox.SandboxSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What programs may count on of their memory, after restores of each kind. */
class MappedMemoryTest {
  private static final String PROGRAM = "memory_cases";
  private static final Map<String, String> ENVIRONMENT = Map.of("PATH", "/usr/bin:/bin");
  private static final int FILE_BYTES = 1 << 20;

  @TempDir static Path code;
  private static SnapshotEngine engine;
  private static List<String> cases;

  @TempDir Path directory;
  private final ConcurrentLinkedQueue<String> printed = new ConcurrentLinkedQueue<>();

  @BeforeAll
  static void open() throws Exception {
    engine = TestEngine.open();
    Files.setPosixFilePermissions(code, PosixFilePermissions.fromString("rwxr-xr-x"));
    TestEngine.compile(PROGRAM, code);
    byte[] file = new byte[FILE_BYTES];
    Arrays.fill(file, (byte) 'f');
    Files.write(code.resolve("file"), file);
    cases =
        Pattern.compile("CASE\\((\\w+)\\),")
            .matcher(Files.readString(Path.of("src/test/c/" + PROGRAM + ".c")))
            .results()
            .map(match -> match.group(1))
            .toList();
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  private static SandboxSpec spec() {
    return new SandboxSpec(
        "memory",
        List.of(new SandboxSpec.Bind(code, Sandbox.CODE)),
        1L << 30,
        SandboxSpec.DEFAULT_MAX_PROCESSES);
  }

  private static int start(Sandbox sandbox) throws Exception {
    return TestEngine.start(sandbox, ENVIRONMENT, Sandbox.CODE + "/" + PROGRAM);
  }

  private RestoredProcess restore(Path from, CheckpointResult checkpoint, RestoreMode mode) {
    return engine.restore(
        from,
        checkpoint.requirements(),
        mode,
        spec(),
        (stream, bytes) -> printed.add(new String(bytes, StandardCharsets.UTF_8)));
  }

  private static Map<String, String> run(Sandbox sandbox, String... but) throws Exception {
    Map<String, String> results = new LinkedHashMap<>();
    for (String name : cases) {
      if (!List.of(but).contains(name)) {
        results.put(name, TestEngine.ask(sandbox, name));
      }
    }
    return results;
  }

  @Test
  void memory_neverFrozen() throws Exception {
    assertThat(cases).hasSizeGreaterThan(20);
    try (Sandbox sandbox = engine.sandbox(spec())) {
      start(sandbox);
      assertThat(run(sandbox)).allSatisfy((name, result) -> assertThat(result).isEqualTo("ok"));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"EAGER", "MAPPED"})
  void memory_afterRestore(RestoreMode mode) throws Exception {
    CheckpointResult checkpoint;
    try (Sandbox sandbox = engine.sandbox(spec())) {
      checkpoint = engine.checkpoint(sandbox, start(sandbox), directory, false);
    }
    try (Sandbox sandbox = restore(directory, checkpoint, mode).sandbox()) {
      assertThat(run(sandbox)).allSatisfy((name, result) -> assertThat(result).isEqualTo("ok"));
    }
    assertThat(printed).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"EAGER", "MAPPED"})
  void checkpoint_ofMappedInstance_needsNoOlderSnapshot(RestoreMode mode) throws Exception {
    Path first = Files.createDirectory(directory.resolve("first"));
    Path second = Files.createDirectory(directory.resolve("second"));
    CheckpointResult checkpoint;
    try (Sandbox sandbox = engine.sandbox(spec())) {
      checkpoint = engine.checkpoint(sandbox, start(sandbox), first, false);
    }
    RestoredProcess middle = restore(first, checkpoint, RestoreMode.MAPPED);
    try (Sandbox sandbox = middle.sandbox()) {
      assertThat(TestEngine.ask(sandbox, "mremap_grows")).isEqualTo("ok");
      assertThat(TestEngine.ask(sandbox, "forks")).isEqualTo("ok");
      checkpoint = engine.checkpoint(sandbox, middle.pid(), second, false);
    }
    SandboxDirectories.deleteTree(first);
    try (Sandbox sandbox = restore(second, checkpoint, mode).sandbox()) {
      // Not those that need the memory which has changed before the second checkpoint.
      assertThat(run(sandbox, "content", "mremap_grows", "forks"))
          .allSatisfy((name, result) -> assertThat(result).isEqualTo("ok"));
    }
    assertThat(printed).isEmpty();
  }

  @Test
  void clones_changeTheirMemory_noneSeesAnother() throws Exception {
    int clones = 100;
    CheckpointResult checkpoint;
    try (Sandbox sandbox = engine.sandbox(TestEngine.spec())) {
      int pid = TestEngine.boot(sandbox, "memory = [bytearray(b'a' * 4000) for _ in range(2000)]");
      checkpoint = engine.checkpoint(sandbox, pid, directory, false);
    }
    Map<String, String> before = digests(directory);
    List<RestoredProcess> alive = new ArrayList<>();
    try {
      for (int i = 0; i < clones; i++) {
        RestoredProcess clone =
            engine.restore(
                directory,
                checkpoint.requirements(),
                RestoreMode.MAPPED,
                TestEngine.spec(),
                (stream, bytes) -> {});
        alive.add(clone);
        assertThat(TestEngine.ask(clone.sandbox(), "b''.join(memory).count(b'a')"))
            .isEqualTo(Integer.toString(2000 * 4000));
        TestEngine.ask(
            clone.sandbox(),
            "[m.__setitem__(slice(0, 4000), bytes([%d]) * 4000) for m in memory]".formatted(i));
      }
      for (int i = 0; i < clones; i++) {
        assertThat(
                TestEngine.ask(
                    alive.get(i).sandbox(),
                    "all(m == bytes([%d]) * 4000 for m in memory)".formatted(i)))
            .isEqualTo("True");
      }
    } finally {
      alive.forEach(clone -> clone.sandbox().close());
    }
    assertThat(digests(directory)).isEqualTo(before);
  }

  private static Map<String, String> digests(Path directory) throws Exception {
    Map<String, String> digests = new TreeMap<>();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
        digests.put(directory.relativize(file).toString(), HexFormat.of().formatHex(digest));
      }
    }
    return digests;
  }
}
