package dev.rekindle.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.rekindle.store.StoreException.Reason;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Snapshots to store, the same for the same seed, and what tests ask of them. */
public final class Samples {
  public static final Map<String, String> LABELS = Map.of("function", "hello", "größe", "\"8\"\n");
  public static final Map<String, String> REQUIREMENTS = Map.of("criu", "4.2.1");
  public static final String PAGES = "pages-1.img";
  static final String NESTED = "ghosts/deep/file 1";
  static final int PAGES_BYTES = 20_000;

  private Samples() {}

  /** Stages and commits a snapshot of three files, one of them empty, one in a sub-directory. */
  public static SnapshotManifest commit(SnapshotStore store, String id, long seed)
      throws StoreException, IOException {
    try (var draft = store.begin(id)) {
      write(draft.directory(), seed);
      return draft.commit(LABELS, REQUIREMENTS);
    }
  }

  /** Writes the files of a seed. */
  static void write(Path directory, long seed) throws IOException {
    Files.write(directory.resolve(PAGES), pages(seed));
    Files.createFile(directory.resolve("empty"));
    Path nested = directory.resolve(NESTED);
    Files.createDirectories(Objects.requireNonNull(nested.getParent()));
    Files.writeString(nested, "seed " + seed);
  }

  /** Opens a snapshot and checks all of its content against a seed. */
  public static void assertHolds(SnapshotStore store, String id, long seed)
      throws StoreException, IOException {
    try (var lease = store.open(id)) {
      assertHolds(lease, seed);
    }
  }

  /** Checks all content of an open snapshot against a seed. */
  public static void assertHolds(SnapshotLease lease, long seed) throws IOException {
    assertThat(lease.manifest().files())
        .extracting(StoredFile::name)
        .containsExactlyInAnyOrder(PAGES, "empty", NESTED);
    assertThat(Files.readAllBytes(lease.directory().resolve(PAGES))).isEqualTo(pages(seed));
    assertThat(lease.directory().resolve("empty")).isEmptyFile();
    assertThat(lease.directory().resolve(NESTED)).hasContent("seed " + seed);
  }

  /** Runs a call that must fail for the given reason; returns the failure. */
  public static StoreException assertFails(Reason reason, ThrowingCallable call) {
    var failure = catchThrowableOfType(StoreException.class, call);
    assertThat(failure).as("a StoreException for %s", reason).isNotNull();
    assertThat(failure.reason()).as(failure.getMessage()).isEqualTo(reason);
    return failure;
  }

  /** Damages a file in place. */
  public static void damage(Path file, Damage damage) throws IOException {
    switch (damage) {
      case FLIPPED_BIT -> flipBit(file, Files.size(file) / 2, 3);
      case SHORTENED -> {
        try (var channel = Files.newByteChannel(file, StandardOpenOption.WRITE)) {
          channel.truncate(Files.size(file) - 1);
        }
      }
      case LENGTHENED -> Files.write(file, new byte[1], StandardOpenOption.APPEND);
      case REMOVED -> Files.delete(file);
    }
  }

  /** Flips one bit of a file in place. */
  public static void flipBit(Path file, long offset, int bit) throws IOException {
    try (var open = new RandomAccessFile(file.toFile(), "rw")) {
      open.seek(offset);
      int before = open.read();
      open.seek(offset);
      open.write(before ^ (1 << bit));
    }
  }

  private static byte[] pages(long seed) {
    byte[] bytes = new byte[PAGES_BYTES];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }
}
