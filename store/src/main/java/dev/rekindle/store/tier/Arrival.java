package dev.rekindle.store.tier;

import dev.rekindle.store.ArrivingFiles;
import dev.rekindle.store.FileRange;
import dev.rekindle.store.StorageFailure;
import dev.rekindle.store.StoreException;
import dev.rekindle.store.StoreException.Reason;
import dev.rekindle.store.StoredFile;
import dev.rekindle.store.shared.ChunkManifest;
import dev.rekindle.store.shared.ChunkReader;
import dev.rekindle.store.shared.ChunkReader.Read;
import dev.rekindle.store.shared.FileContent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The files of one snapshot while they come from the shared store into a directory of this node.
 * Every byte is verified before it is written. What lies in several places of the snapshot is
 * fetched once.
 *
 * <p>Longer than most classes here, since it is the one place where a chunk changes its state.
 */
final class Arrival implements ArrivingFiles {
  private static final byte ABSENT = 0;
  private static final byte FETCHING = 1;
  private static final byte THERE = 2;

  /** Asked for and not got; the next who asks for it has it tried again. */
  private static final byte FAILED = 3;

  /** So many slots are fetched around one that is asked for: neighbours are needed next. */
  private static final int SLOTS_AROUND = 8;

  private final ChunkManifest manifest;
  private final ArrivalFiles files;
  private final ChunkReader reader;
  private final Transfers transfers;
  private final Outcome outcome;
  private final Map<String, Integer> numbers = new HashMap<>();

  /** By chunk. Guarded by this, as is all below. */
  private final byte[] states;

  private final List<Wait> waits = new ArrayList<>();
  private Set<Runnable> ready = new LinkedHashSet<>();
  private int missing;
  private long bytesFetched;
  private boolean restWanted;
  private boolean closed;
  private @Nullable StoreException trouble;

  /** Told, once, how it ended. */
  interface Outcome {
    /** All is there and verified. Called on a thread that may block. */
    void complete();

    /** It cannot go on. Called on a thread that may block. */
    void failed(StoreException why);
  }

  private record Wait(BitSet missing, CompletableFuture<Void> done) {}

  Arrival(
      ChunkManifest manifest,
      Path directory,
      ChunkReader reader,
      Transfers transfers,
      Outcome outcome) {
    this.manifest = manifest;
    this.files = new ArrivalFiles(manifest, directory);
    this.reader = reader;
    this.transfers = transfers;
    this.outcome = outcome;
    for (StoredFile file : manifest.snapshot().files()) {
      numbers.put(file.name(), numbers.size());
    }
    this.states = new byte[manifest.chunks().size()];
    this.missing = states.length;
  }

  ChunkManifest manifest() {
    return manifest;
  }

  /** Makes the files, with their full length and nothing in them. Called once, before all else. */
  void createFiles() throws IOException {
    files.create();
    if (missing == 0) {
      transfers.demand(this::finish);
    }
  }

  @Override
  public boolean isThere(FileRange range, Runnable whenReady) throws StoreException {
    BitSet absent;
    synchronized (this) {
      BitSet wanted = chunks(range, 0);
      boolean there = true;
      for (int c = wanted.nextSetBit(0); c >= 0 && there; c = wanted.nextSetBit(c + 1)) {
        there = states[c] == THERE;
      }
      if (there) {
        return true;
      }
      if (closed) {
        throw Objects.requireNonNull(trouble);
      }
      for (int c = wanted.nextSetBit(0); c >= 0; c = wanted.nextSetBit(c + 1)) {
        if (states[c] == FAILED) {
          states[c] = ABSENT;
          throw Objects.requireNonNull(trouble);
        }
      }
      ready.add(whenReady);
      absent = take(chunks(range, SLOTS_AROUND));
    }
    fetch(absent);
    return false;
  }

  @Override
  public CompletableFuture<Void> fetch(List<FileRange> ranges) {
    var wanted = new BitSet();
    for (FileRange range : ranges) {
      wanted.or(chunks(range, 0));
    }
    return await(wanted);
  }

  /** Fetches whole files. */
  CompletableFuture<Void> fetchFiles(Predicate<String> names) {
    return fetch(
        manifest.snapshot().files().stream()
            .filter(file -> names.test(file.name()))
            .map(file -> new FileRange(file.name(), 0, file.bytes()))
            .toList());
  }

  private CompletableFuture<Void> await(BitSet wanted) {
    var done = new CompletableFuture<Void>();
    BitSet absent;
    synchronized (this) {
      if (closed) {
        done.completeExceptionally(trouble == null ? stopped() : trouble);
        return done;
      }
      var left = new BitSet();
      wanted.stream().filter(chunk -> states[chunk] != THERE).forEach(left::set);
      if (left.isEmpty()) {
        done.complete(null);
        return done;
      }
      absent = take(left);
      waits.add(new Wait(left, done));
    }
    fetch(absent);
    return done;
  }

  /** Marks those of the chunks as being fetched that nobody fetches yet. Called under the lock. */
  private BitSet take(BitSet wanted) {
    var taken = new BitSet();
    for (int c = wanted.nextSetBit(0); c >= 0; c = wanted.nextSetBit(c + 1)) {
      if (states[c] == ABSENT || states[c] == FAILED) {
        states[c] = FETCHING;
        taken.set(c);
      }
    }
    return taken;
  }

  private void fetch(BitSet taken) {
    for (Read read : ChunkReader.plan(manifest, taken)) {
      transfers.demand(() -> run(read, true));
    }
  }

  @Override
  public void fetchRest() {
    synchronized (this) {
      if (restWanted) {
        return;
      }
      restWanted = true;
    }
    transfers.rest(this::nextOfRest);
  }

  /** Reads one range of what is missing, then comes again. */
  private void nextOfRest() {
    Read read;
    synchronized (this) {
      var absent = new BitSet();
      // A bounded part in the order of the packs, since demand may take others meanwhile.
      for (int c = 0; c < states.length; c++) {
        if (states[c] == ABSENT || states[c] == FAILED) {
          absent.set(c);
        }
      }
      if (absent.isEmpty() || closed) {
        return;
      }
      read = ChunkReader.plan(manifest, absent).get(0);
      read.chunks().forEach(chunk -> states[chunk] = FETCHING);
    }
    if (run(read, false)) {
      transfers.rest(this::nextOfRest);
    }
  }

  /** Returns whether the store answered. */
  private boolean run(Read read, boolean demanded) {
    BitSet left = new BitSet();
    read.chunks().forEach(left::set);
    try {
      synchronized (this) {
        if (closed) {
          throw trouble == null ? stopped() : trouble;
        }
      }
      reader.read(manifest, read, files::write);
      arrived(left, read.length());
      return true;
    } catch (IOException e) {
      fail(StorageFailure.of("fetching snapshot '" + id() + "'", files.directory(), e));
    } catch (StoreException e) {
      if (e.reason() == Reason.DAMAGED) {
        fail(e);
      } else {
        missed(left, demanded ? e : null);
        return false;
      }
    } catch (RuntimeException e) {
      fail(new StoreException(Reason.IO_FAILED, "fetching snapshot '" + id() + "': " + e, e));
    }
    return true;
  }

  private void arrived(BitSet chunks, int bytes) {
    List<Wait> over = new ArrayList<>();
    Set<Runnable> callbacks;
    boolean complete;
    synchronized (this) {
      bytesFetched += bytes;
      chunks.stream().forEach(chunk -> states[chunk] = THERE);
      missing -= chunks.cardinality();
      complete = missing == 0 && !closed;
      for (Wait wait : waits) {
        wait.missing().andNot(chunks);
        if (wait.missing().isEmpty()) {
          over.add(wait);
        }
      }
      waits.removeAll(over);
      callbacks = takeReady();
    }
    over.forEach(wait -> wait.done().complete(null));
    callbacks.forEach(Runnable::run);
    if (complete) {
      transfers.demand(this::finish);
    }
  }

  private void finish() {
    try {
      files.finish();
      outcome.complete();
    } catch (IOException e) {
      fail(StorageFailure.of("fetching snapshot '" + id() + "'", files.directory(), e));
    }
  }

  /** The store did not answer; the arrival as such goes on. */
  private void missed(BitSet chunks, @Nullable StoreException why) {
    List<Wait> over = new ArrayList<>();
    Set<Runnable> callbacks;
    synchronized (this) {
      chunks.stream().forEach(chunk -> states[chunk] = why == null ? ABSENT : FAILED);
      if (why != null) {
        trouble = why;
        for (Wait wait : waits) {
          if (wait.missing().intersects(chunks)) {
            over.add(wait);
          }
        }
        waits.removeAll(over);
      } else {
        // Those who wait for what the background was fetching fetch it themselves.
        waits.stream()
            .filter(wait -> wait.missing().intersects(chunks))
            .forEach(wait -> transfers.demand(() -> fetch(takeLocked(wait.missing()))));
      }
      callbacks = takeReady();
      if (restWanted) {
        transfers.restLater(this::nextOfRest);
      }
    }
    over.forEach(wait -> wait.done().completeExceptionally(Objects.requireNonNull(why)));
    callbacks.forEach(Runnable::run);
  }

  private synchronized BitSet takeLocked(BitSet wanted) {
    return take(wanted);
  }

  private void fail(StoreException why) {
    if (close(why)) {
      transfers.demand(() -> outcome.failed(why));
    }
  }

  /** Whether nothing more is fetched. */
  synchronized boolean isClosed() {
    return closed;
  }

  /** It is not wanted any more: ends as a failure does. */
  void giveUp(StoreException why) {
    fail(why);
  }

  /** Fetches nothing more; whoever waits is told. */
  void close() {
    close(stopped());
  }

  private boolean close(StoreException why) {
    List<Wait> over;
    Set<Runnable> callbacks;
    synchronized (this) {
      if (closed) {
        return false;
      }
      closed = true;
      trouble = why;
      for (int c = 0; c < states.length; c++) {
        if (states[c] != THERE) {
          states[c] = FAILED;
        }
      }
      over = List.copyOf(waits);
      waits.clear();
      callbacks = takeReady();
    }
    over.forEach(wait -> wait.done().completeExceptionally(why));
    callbacks.forEach(Runnable::run);
    files.close();
    return true;
  }

  private Set<Runnable> takeReady() {
    Set<Runnable> taken = ready;
    ready = new LinkedHashSet<>();
    return taken;
  }

  private StoreException stopped() {
    return new StoreException(
        Reason.UNAVAILABLE, "snapshot '" + id() + "' is not fetched any more; open it again");
  }

  @Override
  public synchronized long bytesFetched() {
    return bytesFetched;
  }

  /** The chunks of a range, with so many slots around it; those of zeros need none. */
  private BitSet chunks(FileRange range, int around) {
    Integer number = numbers.get(range.file());
    var found = new BitSet();
    if (number == null || range.bytes() == 0) {
      return found;
    }
    long first = range.offset() / ChunkManifest.SLOT_BYTES;
    long last = (range.offset() + range.bytes() - 1) / ChunkManifest.SLOT_BYTES;
    if (around > 0) {
      first = first / around * around;
      last = last / around * around + around - 1;
    }
    FileContent content = manifest.files().get(number);
    int i = content.from((int) Math.min(Integer.MAX_VALUE, first));
    for (; i < content.size() && content.slot(i) <= last; i++) {
      found.set(content.chunk(i));
    }
    return found;
  }

  private String id() {
    return manifest.snapshot().id();
  }
}
