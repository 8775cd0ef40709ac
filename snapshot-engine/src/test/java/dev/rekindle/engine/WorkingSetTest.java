package dev.rekindle.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkingSetTest {
  private static final long PAGE = PageLayout.PAGE_BYTES;

  private static final WorkingSet SOME =
      new WorkingSet(
          List.of(
              new WorkingSet.Range(1, 0, 3 * PAGE),
              new WorkingSet.Range(1, 90 * PAGE, PAGE),
              new WorkingSet.Range(2, 0, 7 * PAGE)));

  @TempDir Path directory;

  @Test
  void read_returnsWhatWasWritten() throws IOException {
    Path file = directory.resolve("ws");
    SOME.write(file);
    assertThat(WorkingSet.read(file)).isEqualTo(SOME);
    new WorkingSet(List.of()).write(file);
    assertThat(WorkingSet.read(file).ranges()).isEmpty();
  }

  @Test
  void constructor_joinsWhatOverlapsOrIsNear() {
    WorkingSet set =
        new WorkingSet(
            List.of(
                new WorkingSet.Range(1, 8 * PAGE, PAGE),
                new WorkingSet.Range(1, 0, 6 * PAGE),
                new WorkingSet.Range(1, PAGE, PAGE),
                new WorkingSet.Range(1, 100 * PAGE, PAGE)));
    assertThat(set.ranges())
        .containsExactly(
            new WorkingSet.Range(1, 0, 9 * PAGE), new WorkingSet.Range(1, 100 * PAGE, PAGE));
    assertThat(set.bytes()).isEqualTo(10 * PAGE);
    assertThat(set.plus(SOME).bytes()).isEqualTo(18 * PAGE);
  }

  @Test
  void read_anyDamagedByte_isRefused() throws IOException {
    Path file = directory.resolve("ws");
    SOME.write(file);
    byte[] good = Files.readAllBytes(file);
    for (int i = 0; i < good.length; i++) {
      byte[] bad = good.clone();
      bad[i] ^= 1;
      Files.write(file, bad);
      assertThatThrownBy(() -> WorkingSet.read(file))
          .as("byte %d", i)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("damaged");
    }
  }

  @Test
  void read_cutShortOrForeign_isRefused() throws IOException {
    Path file = directory.resolve("ws");
    SOME.write(file);
    byte[] good = Files.readAllBytes(file);
    Random random = new Random(3);
    for (int length = 0; length < good.length; length++) {
      Files.write(file, java.util.Arrays.copyOf(good, length));
      assertThatThrownBy(() -> WorkingSet.read(file)).isInstanceOf(IOException.class);
      byte[] noise = new byte[length];
      random.nextBytes(noise);
      Files.write(file, noise);
      assertThatThrownBy(() -> WorkingSet.read(file)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void read_missingFile_isRefused() {
    assertThatThrownBy(() -> WorkingSet.read(directory.resolve("none")))
        .isInstanceOf(IOException.class);
  }
}
