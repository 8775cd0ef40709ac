package dev.rekindle.store;

import static dev.rekindle.store.Samples.assertHolds;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Writes, reads and deletes a few snapshots from several threads; every lease must read whole. */
final class ConcurrentCalls {
  private static final String SEED = "seed";

  private final SnapshotStore store;
  private final long seed;
  private final AtomicInteger leases = new AtomicInteger();

  ConcurrentCalls(SnapshotStore store, long seed) {
    this.store = store;
    this.seed = seed;
  }

  /** The seed that a snapshot of this class was written with. */
  static long seedOf(SnapshotManifest manifest) {
    return Long.parseLong(Objects.requireNonNull(manifest.labels().get(SEED)));
  }

  /** How many leases were opened and checked. */
  int leases() {
    return leases.get();
  }

  void run(int threads, int calls) throws Exception {
    var pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        var random = new Random(seed * 31 + thread);
        running.add(
            pool.submit(
                () -> {
                  for (int call = 0; call < calls; call++) {
                    call(random);
                  }
                  return null;
                }));
      }
      for (var one : running) {
        one.get();
      }
    } finally {
      pool.shutdownNow();
    }
  }

  private void call(Random random) throws StoreException, IOException {
    String id = "s" + random.nextInt(3);
    try {
      switch (random.nextInt(5)) {
        case 0, 1 -> write(id, random.nextLong());
        case 2, 3 -> read(id);
        default -> store.delete(id);
      }
    } catch (StoreException e) {
      // What another thread did just before may refuse a call; nothing else may.
      switch (e.reason()) {
        case NOT_FOUND, ALREADY_EXISTS -> {}
        default -> throw e;
      }
    }
  }

  private void write(String id, long content) throws StoreException, IOException {
    try (var draft = store.begin(id)) {
      Samples.write(draft.directory(), content);
      draft.commit(Map.of(SEED, Long.toString(content)), Map.of());
    }
  }

  private void read(String id) throws StoreException, IOException {
    try (var lease = store.open(id)) {
      assertHolds(lease, seedOf(lease.manifest()));
      leases.incrementAndGet();
    }
  }
}
