package dev.rekindle.engine;

import dev.rekindle.engine.sandbox.SandboxException;
import dev.rekindle.engine.sandbox.SandboxSpec;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Restores that lack only the request: a sandbox that shows the function and its snapshot, and a
 * CRIU in it that waits. One each for the snapshots that were restored last, so that the next
 * restore of one finds most of its work done. Nothing of a snapshot's memory is read ahead: whether
 * its files are sound is asked when it is restored.
 */
final class PreparedRestores {
  private static final Logger LOG = System.getLogger(PreparedRestores.class.getName());

  /** About 0.8 MB each; more functions than that are seldom restored in turns on one node. */
  static final int CAPACITY = 16;

  /**
   * What two restores must have in common for the one to be prepared for the other.
   *
   * @param snapshot the snapshot's directory
   * @param mode how memory comes back
   * @param spec what the sandbox shows and allows
   */
  record Key(Path snapshot, RestoreMode mode, SandboxSpec spec) {}

  private record Entry(Restore restore, Object directory) {}

  private final Function<Key, Restore> maker;
  private final Consumer<Runnable> later;
  private final Map<Key, Entry> ready = new LinkedHashMap<>();
  private final Set<Key> wanted = new HashSet<>();

  /**
   * None so far.
   *
   * @param maker makes a restore and primes it
   * @param later runs work when the present start is likely done
   */
  PreparedRestores(Function<Key, Restore> maker, Consumer<Runnable> later) {
    this.maker = maker;
    this.later = later;
  }

  /** Prepares a restore soon, unless one is prepared already. */
  void prepare(Key key) {
    synchronized (this) {
      if (ready.containsKey(key) || !wanted.add(key)) {
        return;
      }
    }
    later.accept(() -> prepareNow(key));
  }

  private void prepareNow(Key key) {
    try {
      Object directory = identity(key.snapshot());
      Restore restore = maker.apply(key);
      keep(key, new Entry(restore, directory));
      sweep();
    } catch (IOException | RestoreException | SandboxException e) {
      synchronized (this) {
        wanted.remove(key);
      }
      LOG.log(
          Logger.Level.DEBUG,
          "event=restore-not-prepared snapshot={0} error={1}",
          key.snapshot(),
          e.getMessage());
    }
  }

  private void keep(Key key, Entry entry) {
    Entry tooMuch = entry;
    synchronized (this) {
      if (wanted.remove(key)) {
        ready.put(key, entry);
        tooMuch = ready.size() > CAPACITY ? removeOldest() : null;
      }
    }
    if (tooMuch != null) {
      tooMuch.restore().sandbox().close();
    }
  }

  private Entry removeOldest() {
    Iterator<Entry> oldest = ready.values().iterator();
    Entry entry = oldest.next();
    oldest.remove();
    return entry;
  }

  /** A prepared restore, which is the caller's now; empty if there is none of use. */
  Optional<Restore> take(Key key) {
    Entry entry;
    synchronized (this) {
      entry = ready.remove(key);
    }
    if (entry == null) {
      return Optional.empty();
    }
    if (entry.restore().sandbox().isAlive() && isSame(entry.directory(), key.snapshot())) {
      return Optional.of(entry.restore());
    }
    entry.restore().sandbox().close();
    return Optional.empty();
  }

  /**
   * A directory that was deleted and made again is another one to a sandbox that shows the first.
   */
  private static boolean isSame(Object directory, Path path) {
    try {
      return directory.equals(identity(path));
    } catch (IOException e) {
      return false;
    }
  }

  private static Object identity(Path directory) throws IOException {
    return Objects.requireNonNull(
        Files.readAttributes(directory, BasicFileAttributes.class).fileKey());
  }

  /** Gives up what was prepared for snapshots that have been deleted since. */
  void sweep() {
    giveUp(entry -> !isSame(entry.getValue().directory(), entry.getKey().snapshot()));
  }

  /** Gives up everything. */
  void clear() {
    synchronized (this) {
      wanted.clear();
    }
    giveUp(entry -> true);
  }

  private void giveUp(Predicate<Map.Entry<Key, Entry>> which) {
    List<Restore> given = new ArrayList<>();
    synchronized (this) {
      ready
          .entrySet()
          .removeIf(entry -> which.test(entry) && given.add(entry.getValue().restore()));
    }
    given.forEach(restore -> restore.sandbox().close());
  }
}
