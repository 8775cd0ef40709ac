package dev.rekindle.store;

import static dev.rekindle.store.Samples.assertFails;
import static dev.rekindle.store.Samples.assertHolds;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.store.StoreException.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Calls a store at random and compares each answer with a model of a few lines. */
final class RandomCalls implements AutoCloseable {
  private static final List<String> IDS = List.of("a", "b", "c", "d");

  private record Open(String id, long seed, SnapshotLease lease) {}

  private final Random random;
  private final Callable<SnapshotStore> opener;
  private SnapshotStore store;

  /** The model: seeds of the visible snapshots, drafts, leases, and ids that leases hold back. */
  private final Map<String, Long> visible = new HashMap<>();

  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Map<String, SnapshotDraft> drafts = new HashMap<>();
  private final List<Open> leases = new ArrayList<>();
  private final Set<String> condemned = new HashSet<>();

  RandomCalls(long seed, SnapshotStore store, Callable<SnapshotStore> opener) {
    this.random = new Random(seed);
    this.store = store;
    this.opener = opener;
  }

  SnapshotStore store() {
    return store;
  }

  void run(int calls) throws Exception {
    for (int i = 0; i < calls; i++) {
      String id = IDS.get(random.nextInt(IDS.size()));
      switch (random.nextInt(12)) {
        case 0, 1, 2 -> begin(id);
        case 3, 4 -> commit(id);
        case 5 -> discard(id);
        case 6, 7, 8 -> open(id);
        case 9 -> closeLease();
        case 10 -> delete(id);
        default -> {
          if (random.nextInt(4) == 0) {
            reopen();
          }
        }
      }
      assertThat(store.list())
          .extracting(SnapshotManifest::id)
          .containsExactlyInAnyOrderElementsOf(visible.keySet());
    }
  }

  private void begin(String id) throws StoreException {
    if (visible.containsKey(id) || drafts.containsKey(id) || condemned.contains(id)) {
      assertFails(Reason.ALREADY_EXISTS, () -> store.begin(id));
    } else {
      drafts.put(id, beginOnceFree(id));
    }
  }

  /** A store may still be at work on a snapshot that was deleted: its id is free soon. */
  private SnapshotDraft beginOnceFree(String id) throws StoreException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        return store.begin(id);
      } catch (StoreException e) {
        if (e.reason() != Reason.ALREADY_EXISTS || System.nanoTime() > deadline) {
          throw e;
        }
        LockSupport.parkNanos(1_000_000);
      }
    }
  }

  private void commit(String id) throws StoreException, IOException {
    try (var draft = drafts.remove(id)) {
      if (draft != null) {
        long seed = random.nextLong();
        Samples.write(draft.directory(), seed);
        draft.commit(Samples.LABELS, Samples.REQUIREMENTS);
        visible.put(id, seed);
      }
    }
  }

  private void discard(String id) {
    var draft = drafts.remove(id);
    if (draft != null) {
      draft.close();
    }
  }

  private void open(String id) throws StoreException, IOException {
    Long seed = visible.get(id);
    if (seed == null) {
      assertFails(Reason.NOT_FOUND, () -> store.open(id));
    } else {
      var lease = store.open(id);
      leases.add(new Open(id, seed, lease));
      assertHolds(lease, seed);
    }
  }

  private void closeLease() throws IOException {
    if (!leases.isEmpty()) {
      var open = leases.remove(random.nextInt(leases.size()));
      assertHolds(open.lease(), open.seed());
      open.lease().close();
      if (leases.stream().noneMatch(other -> other.id().equals(open.id()))) {
        condemned.remove(open.id());
      }
    }
  }

  private void delete(String id) throws StoreException {
    boolean there = visible.remove(id) != null;
    assertThat(store.delete(id)).isEqualTo(there);
    if (there && leases.stream().anyMatch(open -> open.id().equals(id))) {
      condemned.add(id);
    }
  }

  private void reopen() throws Exception {
    close();
    store.close();
    store = opener.call();
  }

  /** Closes all drafts and leases. */
  @Override
  public void close() throws IOException {
    drafts.values().forEach(SnapshotDraft::close);
    drafts.clear();
    while (!leases.isEmpty()) {
      closeLease();
    }
  }
}
