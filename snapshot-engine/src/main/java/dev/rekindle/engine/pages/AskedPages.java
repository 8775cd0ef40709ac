package dev.rekindle.engine.pages;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Notes which parts of the pages images were asked for; cheap to add to. */
final class AskedPages {
  private static final int FIELDS = 3;

  private long[] notes = new long[FIELDS * 1024];
  private int used;

  void add(int pagesId, long offset, long bytes) {
    if (used == notes.length) {
      notes = Arrays.copyOf(notes, 2 * used);
    }
    notes[used] = pagesId;
    notes[used + 1] = offset;
    notes[used + 2] = bytes;
    used += FIELDS;
  }

  WorkingSet toWorkingSet() {
    List<WorkingSet.Range> ranges = new ArrayList<>();
    for (int i = 0; i < used; i += FIELDS) {
      ranges.add(new WorkingSet.Range((int) notes[i], notes[i + 1], notes[i + 2]));
    }
    return new WorkingSet(ranges);
  }
}
