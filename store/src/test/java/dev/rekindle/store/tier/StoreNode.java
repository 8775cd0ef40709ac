package dev.rekindle.store.tier;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.store.SnapshotManifest;
import dev.rekindle.store.SteppingClock;
import dev.rekindle.store.StoreException;
import dev.rekindle.store.StoreListener;
import dev.rekindle.store.blob.BlobException;
import dev.rekindle.store.blob.BlobStore;
import dev.rekindle.store.shared.ChunkManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** One of several nodes that share a blob store, for tests. */
public final class StoreNode implements AutoCloseable, StoreListener {
  public static final String IDENTITY = "f-1";
  public static final String PAGES = "images/pages-1.img";

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path directory;
  private final BlobStore blobs;
  private final List<String> told = new CopyOnWriteArrayList<>();
  private final AtomicLong skippedNanos = new AtomicLong();
  private TierSettings settings =
      new TierSettings(
          TierSettings.Upload.AT_ONCE,
          TierSettings.DEFAULT_LOCAL_BYTES,
          TierSettings.DEFAULT_GRACE);
  private TieredSnapshotStore store;

  public StoreNode(Path directory, BlobStore blobs) throws StoreException {
    this.directory = directory;
    this.blobs = blobs;
    this.store = open();
  }

  private TieredSnapshotStore open() throws StoreException {
    return TieredSnapshotStore.open(
        directory,
        blobs,
        settings,
        this,
        new SteppingClock(),
        () -> System.nanoTime() + skippedNanos.get(),
        new Random(directory.hashCode()));
  }

  public TieredSnapshotStore store() {
    return store;
  }

  public Path files(String id) {
    return directory.resolve("snapshots/" + id + "/files");
  }

  /** What the store told so far, as "event id". */
  public List<String> told() {
    return told;
  }

  public void reopen(TierSettings changed) throws StoreException {
    store.close();
    settings = changed;
    store = open();
  }

  public void reopen() throws StoreException {
    reopen(settings);
  }

  /** The node's monotonic clock jumps ahead. */
  public void skip(Duration time) {
    skippedNanos.addAndGet(time.toNanos());
  }

  /** Commits a snapshot whose memory is that of a seed. */
  public SnapshotManifest commit(String id, byte[] memory) throws StoreException, IOException {
    try (var draft = store.begin(id)) {
      Path pages = draft.directory().resolve(PAGES);
      Files.createDirectories(Objects.requireNonNull(pages.getParent()));
      Files.write(pages, memory);
      Files.writeString(draft.directory().resolve("images/core-300.img"), "core of " + id);
      Files.createFile(draft.directory().resolve("images/empty.img"));
      return draft.commit(
          Map.of(SnapshotManifest.LABEL_IDENTITY, IDENTITY), Map.of("criu", "4.2.1"));
    }
  }

  /** Commits and waits until other nodes can see it. */
  public SnapshotManifest publish(String id, byte[] memory) throws StoreException, IOException {
    var manifest = commit(id, memory);
    await(() -> told.contains("uploaded " + id));
    return manifest;
  }

  /** Memory of random pages, each twice, with zeros between them. */
  public static byte[] memory(long seed, int slots) {
    byte[] memory = new byte[slots * ChunkManifest.SLOT_BYTES - 4096];
    var random = new Random(seed);
    byte[] page = new byte[4096];
    for (int at = 0; at + 4096 <= memory.length; at += 4096) {
      if (random.nextInt(3) > 0) {
        random.nextBytes(page);
        Arrays.fill(page, 2048, 4096, (byte) 7);
      }
      if (random.nextInt(4) > 0) {
        System.arraycopy(page, 0, memory, at, 4096);
      }
    }
    return memory;
  }

  /** Opens a snapshot with all its files, and compares its memory. */
  public void assertHolds(String id, byte[] memory) throws StoreException, IOException {
    try (var lease = store.open(id)) {
      assertThat(lease.arriving()).isEmpty();
      assertThat(Files.readAllBytes(lease.directory().resolve(PAGES))).isEqualTo(memory);
      assertThat(lease.directory().resolve("images/core-300.img")).hasContent("core of " + id);
      assertThat(lease.directory().resolve("images/empty.img")).isEmptyFile();
    }
  }

  public static void await(BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("it came in time").isLessThan(end);
      LockSupport.parkNanos(1_000_000);
    }
  }

  /** Calls what may fail; a failure fails the test. */
  public static <T> T unchecked(java.util.concurrent.Callable<T> call) {
    try {
      return call.call();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** The keys in a blob store that begin so. */
  public static List<String> keys(BlobStore blobs, String prefix) throws BlobException {
    var keys = new ArrayList<String>();
    blobs.list(prefix, blob -> keys.add(blob.key()));
    return keys;
  }

  public static long bytes(BlobStore blobs, String prefix) throws BlobException {
    long[] sum = {0};
    blobs.list(prefix, blob -> sum[0] += blob.bytes());
    return sum[0];
  }

  @Override
  public void uploaded(SnapshotManifest snapshot, long newBytes, long nanos) {
    told.add("uploaded " + snapshot.id());
  }

  @Override
  public void uploadDelayed(SnapshotManifest snapshot, StoreException why) {
    told.add("delayed " + snapshot.id() + " " + why.reason());
  }

  @Override
  public void arrived(SnapshotManifest snapshot, long bytesFetched) {
    told.add("arrived " + snapshot.id());
  }

  @Override
  public void evicted(SnapshotManifest snapshot) {
    told.add("evicted " + snapshot.id());
  }

  @Override
  public void damaged(String id, StoreException why, boolean lost) {
    told.add((lost ? "lost " : "damaged ") + id);
  }

  @Override
  public void close() {
    store.close();
  }
}
