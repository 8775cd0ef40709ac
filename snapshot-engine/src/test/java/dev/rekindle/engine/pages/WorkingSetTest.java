package dev.rekindle.engine.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WorkingSetTest {
  private static final long PAGE = PageLayout.PAGE_BYTES;

  private static final WorkingSet SOME =
      new WorkingSet(
          List.of(
              new WorkingSet.Range(1, 0, 3 * PAGE),
              new WorkingSet.Range(1, 90 * PAGE, PAGE),
              new WorkingSet.Range(2, 0, 7 * PAGE)));

  @Test
  void parse_returnsWhatWasWritten() throws IOException {
    assertThat(WorkingSet.parse(SOME.toBytes())).isEqualTo(SOME);
    assertThat(WorkingSet.parse(new WorkingSet(List.of()).toBytes()).ranges()).isEmpty();
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
  void parse_anyDamagedByte_isRefused() {
    byte[] good = SOME.toBytes();
    for (int i = 0; i < good.length; i++) {
      byte[] bad = good.clone();
      bad[i] ^= 1;
      assertThatThrownBy(() -> WorkingSet.parse(bad))
          .as("byte %d", i)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("damaged");
    }
  }

  @Test
  void parse_cutShortOrForeign_isRefused() {
    byte[] good = SOME.toBytes();
    Random random = new Random(3);
    for (int length = 0; length < good.length; length++) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThatThrownBy(() -> WorkingSet.parse(cut)).isInstanceOf(IOException.class);
      byte[] noise = new byte[length];
      random.nextBytes(noise);
      assertThatThrownBy(() -> WorkingSet.parse(noise)).isInstanceOf(IOException.class);
    }
  }
}
