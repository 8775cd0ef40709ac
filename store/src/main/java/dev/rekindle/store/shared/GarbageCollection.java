package dev.rekindle.store.shared;

import dev.rekindle.store.StoreException;
import dev.rekindle.store.StoreException.Reason;
import dev.rekindle.store.blob.BlobException;
import dev.rekindle.store.blob.BlobInfo;
import dev.rekindle.store.blob.BlobStore;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Frees what no snapshot of a shared store needs, while other nodes write, restore and collect. Two
 * steps, each by the store's own clock:
 *
 * <ol>
 *   <li>A pack that no manifest names, and that is older than the grace period, is
 *       <i>condemned</i>: a blob says so. From then on no upload leans on it.
 *   <li>A pack that was condemned a grace period ago, and that still no manifest names, is deleted.
 *       One that a manifest names again is acquitted.
 * </ol>
 *
 * <p>An upload learns which packs are there and not condemned, and publishes its manifest within
 * half a grace period after that, or begins anew ({@link SnapshotUpload}). So whatever pack it
 * leans on was condemned after it began, if at all, and is not deleted before its manifest is
 * there; the collection lists manifests after it took the time. A restore that still reads a pack
 * whose snapshot was deleted has between one and two grace periods to end. Packs have names that
 * are used once, so none is ever written again while it waits for its end. A collection may be
 * killed at any point, and several may run at once: each step only depends on what is in the store.
 */
public final class GarbageCollection {
  private static final Logger LOG = System.getLogger(GarbageCollection.class.getName());

  private final SharedSnapshots shared;
  private final String node;
  private final Duration grace;

  /**
   * Makes a collection.
   *
   * @param blobs the shared store
   * @param node a name that no other node uses, a blob key's segment
   * @param grace the grace period, the same on all nodes
   */
  public GarbageCollection(BlobStore blobs, String node, Duration grace) {
    this.shared = new SharedSnapshots(blobs);
    this.node = node;
    this.grace = grace;
  }

  /**
   * What a collection did, or would do.
   *
   * @param snapshots how many snapshots there are
   * @param expired the ids of those that retention lets go
   * @param unreadable the ids of those whose manifest cannot be read; while there are any, no pack
   *     is condemned or deleted, since it is not known what they need
   * @param condemned how many packs were condemned now
   * @param condemnedBytes what they hold
   * @param deleted how many packs were deleted now
   * @param freedBytes what they held
   * @param keptBytes what all other packs hold
   */
  public record Report(
      int snapshots,
      List<String> expired,
      List<String> unreadable,
      int condemned,
      long condemnedBytes,
      int deleted,
      long freedBytes,
      long keptBytes) {}

  /**
   * Collects.
   *
   * @param dryRun changes nothing, and only tells
   * @throws StoreException when the store does not answer; what was done by then is sound
   */
  public Report run(Retention retention, boolean dryRun) throws StoreException {
    // In this order: see the class comment.
    Instant now = shared.now(node);
    Map<String, BlobInfo> condemned = shared.condemned();
    Map<String, BlobInfo> packs = shared.packs();
    List<SharedSnapshots.Entry> entries = shared.list();

    List<SharedSnapshots.Entry> expired = new ArrayList<>(retention.expired(entries, now));
    Set<String> unreadable = new HashSet<>();
    Map<SharedSnapshots.Entry, Set<String>> needs = needs(entries, expired, unreadable);
    if (retention.bytes() > 0) {
      expired.addAll(beyondBudget(needs, packs, retention.bytes()));
    }
    for (var entry : expired) {
      needs.remove(entry);
      if (!dryRun) {
        shared.withdraw(entry.identity(), entry.id());
        LOG.log(Level.INFO, "event=snapshot-expired snapshot={0}", entry.id());
      }
    }
    Set<String> live = new HashSet<>();
    needs.values().forEach(live::addAll);
    return sweep(
        new Sweep(now, packs, condemned, live, dryRun, unreadable.isEmpty()),
        entries.size(),
        expired.stream().map(SharedSnapshots.Entry::id).toList(),
        List.copyOf(unreadable));
  }

  /** The packs that each snapshot needs which is to stay. */
  private Map<SharedSnapshots.Entry, Set<String>> needs(
      List<SharedSnapshots.Entry> entries,
      List<SharedSnapshots.Entry> expired,
      Set<String> unreadable)
      throws StoreException {
    Set<SharedSnapshots.Entry> going = new HashSet<>(expired);
    Map<SharedSnapshots.Entry, Set<String>> needs = new HashMap<>();
    for (var entry : entries) {
      if (going.contains(entry)) {
        continue;
      }
      try {
        Set<String> packs = new HashSet<>();
        shared.read(entry.identity(), entry.id()).packs().forEach(pack -> packs.add(pack.id()));
        needs.put(entry, packs);
      } catch (StoreException e) {
        if (e.reason() == Reason.DAMAGED || e.reason() == Reason.UNSUPPORTED_FORMAT) {
          LOG.log(Level.WARNING, "event=manifest-unreadable snapshot={0} cause={1}", entry.id(), e);
          unreadable.add(entry.id());
        } else if (e.reason() != Reason.NOT_FOUND) { // deleted meanwhile: needs nothing
          throw e;
        }
      }
    }
    return needs;
  }

  /** The oldest snapshots, until the packs of the others fit. */
  private static List<SharedSnapshots.Entry> beyondBudget(
      Map<SharedSnapshots.Entry, Set<String>> needs, Map<String, BlobInfo> packs, long bytes) {
    Map<String, Integer> users = new HashMap<>();
    needs.values().forEach(each -> each.forEach(pack -> users.merge(pack, 1, Integer::sum)));
    long sum = users.keySet().stream().mapToLong(pack -> bytes(packs, pack)).sum();
    List<SharedSnapshots.Entry> oldestFirst = new ArrayList<>(needs.keySet());
    oldestFirst.sort(
        Comparator.comparing((SharedSnapshots.Entry e) -> e.manifest().modified())
            .thenComparing(SharedSnapshots.Entry::id));
    List<SharedSnapshots.Entry> going = new ArrayList<>();
    for (var entry : oldestFirst) {
      if (sum <= bytes) {
        break;
      }
      going.add(entry);
      for (String pack : needs.getOrDefault(entry, Set.of())) {
        if (users.merge(pack, -1, Integer::sum) == 0) {
          sum -= bytes(packs, pack);
        }
      }
    }
    return going;
  }

  private static long bytes(Map<String, BlobInfo> packs, String pack) {
    BlobInfo found = packs.get(pack);
    return found == null ? 0 : found.bytes();
  }

  private record Sweep(
      Instant now,
      Map<String, BlobInfo> packs,
      Map<String, BlobInfo> condemned,
      Set<String> live,
      boolean dryRun,
      boolean sure) {}

  private Report sweep(Sweep sweep, int snapshots, List<String> expired, List<String> unreadable)
      throws StoreException {
    int marked = 0;
    long markedBytes = 0;
    int deleted = 0;
    long freed = 0;
    long kept = 0;
    Instant oldEnough = sweep.now().minus(grace);
    for (var pack : sweep.packs().entrySet()) {
      BlobInfo sentence = sweep.condemned().get(pack.getKey());
      long bytes = pack.getValue().bytes();
      boolean live = sweep.live().contains(pack.getKey());
      if (live && sentence != null && !sweep.dryRun()) {
        delete(sentence.key());
      }
      if (live || !sweep.sure()) {
        kept += bytes;
      } else if (sentence == null && pack.getValue().modified().isBefore(oldEnough)) {
        marked++;
        markedBytes += bytes;
        kept += bytes;
        condemn(pack.getKey(), sweep.dryRun());
      } else if (sentence != null
          && sentence.modified().isBefore(oldEnough)
          && (sweep.dryRun() || isStill(sentence))) {
        deleted++;
        freed += bytes;
        if (!sweep.dryRun()) {
          // The pack first: a sentence without a pack is harmless, the reverse would be forgotten.
          delete(pack.getValue().key());
          delete(sentence.key());
        }
      } else {
        kept += bytes;
      }
    }
    for (var sentence : sweep.condemned().entrySet()) {
      if (!sweep.packs().containsKey(sentence.getKey()) && !sweep.dryRun()) {
        delete(sentence.getValue().key()); // its pack is gone: another collection was killed
      }
    }
    return new Report(snapshots, expired, unreadable, marked, markedBytes, deleted, freed, kept);
  }

  /** Whether nobody has acquitted, or acquitted and condemned again, since it was listed. */
  private boolean isStill(BlobInfo sentence) throws StoreException {
    try {
      return shared.blobs().head(sentence.key()).filter(sentence::equals).isPresent();
    } catch (BlobException e) {
      throw BlobFailure.of("looking for " + sentence.key(), e);
    }
  }

  private void condemn(String pack, boolean dryRun) throws StoreException {
    if (dryRun) {
      return;
    }
    try {
      shared
          .blobs()
          .put(SharedSnapshots.condemnedKey(pack), new byte[] {'c'}, BlobStore.Condition.IF_ABSENT);
    } catch (BlobException e) {
      if (e.reason() != BlobException.Reason.ALREADY_EXISTS) {
        throw BlobFailure.of("condemning pack " + pack, e);
      }
    }
  }

  private void delete(String key) throws StoreException {
    try {
      shared.blobs().delete(key);
    } catch (BlobException e) {
      throw BlobFailure.of("deleting " + key, e);
    }
  }
}
