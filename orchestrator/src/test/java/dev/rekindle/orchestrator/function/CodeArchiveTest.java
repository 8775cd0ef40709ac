package dev.rekindle.orchestrator.function;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.compress.utils.SeekableInMemoryByteChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** By what code is known: its files, not its zip. */
class CodeArchiveTest {
  private static final long MAX_BYTES = 1 << 20;
  private static final int PLAIN = 0100644;
  private static final int EXECUTABLE = 0100755;

  private final Path workspace;

  CodeArchiveTest(@TempDir Path workspace) {
    this.workspace = workspace;
  }

  /** A file of a zip; one whose path ends with a slash is a directory. */
  private record Packed(String text, int mode) {
    byte[] bytes() {
      return text.getBytes(StandardCharsets.ISO_8859_1);
    }
  }

  private String digest(Map<String, Packed> files, Random order) throws IOException {
    List<String> names = new ArrayList<>(files.keySet());
    Collections.shuffle(names, order);
    var channel = new SeekableInMemoryByteChannel();
    try (var zip = new ZipArchiveOutputStream(channel)) {
      zip.setLevel(order.nextInt(10));
      for (String name : names) {
        Packed file = files.get(name);
        var entry = new ZipArchiveEntry(name);
        entry.setLastModifiedTime(FileTime.fromMillis(1_000_000_000_000L + order.nextInt()));
        entry.setUnixMode(file.mode());
        zip.putArchiveEntry(entry);
        zip.write(file.bytes());
        zip.closeArchiveEntry();
      }
    }
    byte[] bytes = java.util.Arrays.copyOf(channel.array(), (int) channel.size());
    Path target = Files.createTempDirectory(workspace, "code");
    return new CodeArchive(bytes, MAX_BYTES).unpack(target);
  }

  private static Map<String, Packed> randomFiles(Random random) {
    Map<String, Packed> files = new TreeMap<>();
    for (int i = random.nextInt(8) + 1; i > 0; i--) {
      byte[] bytes = new byte[random.nextInt(300)];
      random.nextBytes(bytes);
      String folder = random.nextBoolean() ? "" : "lib" + random.nextInt(3) + "/deep/";
      files.put(
          folder + "f" + i,
          new Packed(
              new String(bytes, StandardCharsets.ISO_8859_1),
              random.nextBoolean() ? PLAIN : EXECUTABLE));
    }
    return files;
  }

  @Test
  void sameFiles_areTheSameCode_howeverPacked() throws IOException {
    for (long seed = 1; seed <= 40; seed++) {
      var random = new Random(seed);
      Map<String, Packed> files = randomFiles(random);
      String known = digest(files, random);
      assertThat(known).hasSize(64);
      Map<String, Packed> withFolders = new TreeMap<>(files);
      for (String name : files.keySet()) {
        if (name.contains("/")) { // some packers name folders, others imply them
          withFolders.put(name.substring(0, name.lastIndexOf('/') + 1), new Packed("", 040755));
        }
      }
      assertThat(digest(withFolders, random)).as("seed %d", seed).isEqualTo(known);
    }
  }

  @Test
  void anyDifference_isOtherCode() throws IOException {
    for (long seed = 1; seed <= 40; seed++) {
      var random = new Random(seed);
      Map<String, Packed> files = randomFiles(random);
      String known = digest(files, random);
      String name = files.keySet().iterator().next();
      Packed file = files.get(name);
      List<Map<String, Packed>> others = new ArrayList<>();
      others.add(changed(files, name, new Packed(file.text() + "x", file.mode())));
      others.add(changed(files, name, new Packed(file.text(), file.mode() ^ 0111)));
      others.add(changed(files, "more", new Packed("", PLAIN)));
      others.add(changed(files, "empty/", new Packed("", 040755)));
      Map<String, Packed> renamed = changed(files, name + "x", file);
      renamed.remove(name);
      others.add(renamed);
      for (Map<String, Packed> other : others) {
        assertThat(digest(other, random)).as("seed %d", seed).isNotEqualTo(known);
      }
    }
  }

  private static Map<String, Packed> changed(Map<String, Packed> files, String name, Packed file) {
    Map<String, Packed> changed = new TreeMap<>(files);
    changed.put(name, file);
    return changed;
  }
}
