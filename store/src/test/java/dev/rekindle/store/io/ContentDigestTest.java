package dev.rekindle.store.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ContentDigestTest {
  @TempDir Path directory;

  @Test
  void of_isTheSameWhicheverZerosAreHoles() throws Exception {
    Random random = new Random(7);
    for (int round = 0; round < 50; round++) {
      byte[] content = new byte[random.nextInt(600_000)];
      for (int i = random.nextInt(20); i > 0 && content.length > 0; i--) {
        content[random.nextInt(content.length)] = (byte) random.nextInt(256);
      }
      Path dense = Files.write(directory.resolve("dense"), content);
      Path sparse = directory.resolve("sparse");
      writeSparse(sparse, content);
      assertThat(ContentDigest.of(sparse)).isEqualTo(ContentDigest.of(dense));
    }
  }

  @Test
  void of_differsForEachFlippedBitAndEachLength() throws Exception {
    byte[] content = new byte[20_000];
    content[9_000] = 1;
    Path file = Files.write(directory.resolve("file"), content);
    String before = ContentDigest.of(file);
    for (int at : new int[] {0, 4_095, 4_096, 9_000, 19_999}) {
      content[at] ^= 4;
      Files.write(file, content);
      assertThat(ContentDigest.of(file)).as("bit in byte %d", at).isNotEqualTo(before);
      content[at] ^= 4;
    }
    Files.write(file, Arrays.copyOf(content, 20_001));
    assertThat(ContentDigest.of(file)).isNotEqualTo(before);
  }

  @Test
  void of_movedBlock_differs() throws Exception {
    Path one = directory.resolve("one");
    Path two = directory.resolve("two");
    try (RandomAccessFile a = new RandomAccessFile(one.toFile(), "rw");
        RandomAccessFile b = new RandomAccessFile(two.toFile(), "rw")) {
      a.setLength(1 << 20);
      b.setLength(1 << 20);
      a.write(1);
      b.seek(ContentDigest.BLOCK_BYTES);
      b.write(1);
    }
    assertThat(ContentDigest.of(one)).isNotEqualTo(ContentDigest.of(two));
  }

  @Test
  @Timeout(20)
  void of_terabytesOfHoles_readsTheDataOnly() {
    assertThatCode(
            () -> {
              Path file = directory.resolve("huge");
              try (RandomAccessFile f = new RandomAccessFile(file.toFile(), "rw")) {
                f.setLength(8L << 40);
                f.seek(5L << 40);
                f.write(new byte[] {1, 2, 3});
              }
              ContentDigest.of(file);
            })
        .doesNotThrowAnyException();
  }

  private static void writeSparse(Path path, byte[] content) throws IOException {
    Files.deleteIfExists(path);
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(content.length);
      for (int at = 0; at < content.length; at += 4096) {
        byte[] block = Arrays.copyOfRange(content, at, Math.min(content.length, at + 4096));
        if (!Arrays.equals(block, new byte[block.length])) {
          file.seek(at);
          file.write(block);
        }
      }
    }
  }
}
