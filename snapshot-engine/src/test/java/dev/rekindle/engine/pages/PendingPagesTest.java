package dev.rekindle.engine.pages;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PendingPagesTest {
  private static final long PAGE = PageLayout.PAGE_BYTES;
  private static final int PAGES = 64;

  /** Compares with a plain map from page to offset, over many random changes. */
  @Test
  void changes_agreeWithAPlainMap() {
    Random random = new Random(11);
    for (int round = 0; round < 300; round++) {
      PendingPages pending =
          new PendingPages(
              new long[] {4 * PAGE, 20 * PAGE, 30 * PAGE},
              new long[] {12 * PAGE, 30 * PAGE, 50 * PAGE},
              new long[] {0, 8 * PAGE, 40 * PAGE});
      TreeMap<Long, Long> model = new TreeMap<>();
      fill(model, 4, 12, 0);
      fill(model, 20, 30, 8);
      fill(model, 30, 50, 40);
      for (int step = 0; step < 40; step++) {
        int from = random.nextInt(PAGES);
        int pages = random.nextInt(14);
        if (random.nextBoolean()) {
          pending.remove(from * PAGE, (from + pages) * PAGE);
          model.subMap((long) from, (long) from + pages).clear();
        } else {
          int to = disjoint(random, from, pages);
          pending.move(from * PAGE, to * PAGE, pages * PAGE);
          TreeMap<Long, Long> moved = new TreeMap<>(model.subMap((long) from, (long) from + pages));
          model.subMap((long) from, (long) from + pages).clear();
          model.subMap((long) to, (long) to + pages).clear();
          moved.forEach((page, offset) -> model.put(page - from + to, offset));
        }
        assertSame(random.nextBoolean() ? pending : pending.copy(), model);
      }
    }
  }

  private static int disjoint(Random random, int from, int pages) {
    int to = random.nextInt(PAGES);
    return Math.abs(to - from) >= pages ? to : from + pages;
  }

  private static void fill(Map<Long, Long> model, int from, int to, int offset) {
    for (int page = from; page < to; page++) {
      model.put((long) page, (long) offset + page - from);
    }
  }

  private static void assertSame(PendingPages pending, Map<Long, Long> model) {
    assertThat(pending.isEmpty()).isEqualTo(model.isEmpty());
    for (long page = 0; page < 3 * PAGES; page++) {
      int i = pending.find(page * PAGE);
      Long offset = i < 0 ? null : pending.offset(i, page * PAGE) / PAGE;
      assertThat(offset).as("page %d", page).isEqualTo(model.get(page));
    }
    for (int i = 0; i < pending.ranges(); i++) {
      assertThat(pending.start(i)).isLessThan(pending.end(i));
      assertThat(i == 0 || pending.end(i - 1) <= pending.start(i)).isTrue();
    }
  }
}
