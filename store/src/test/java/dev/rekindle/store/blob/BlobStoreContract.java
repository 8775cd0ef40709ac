package dev.rekindle.store.blob;

import static dev.rekindle.store.blob.BlobSamples.assertFails;
import static dev.rekindle.store.blob.BlobSamples.bytes;
import static dev.rekindle.store.blob.BlobSamples.file;
import static dev.rekindle.store.blob.BlobSamples.keys;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rekindle.store.blob.BlobException.Reason;
import dev.rekindle.store.blob.BlobStore.Condition;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every blob store promises. Each test has a store without blobs. */
public abstract class BlobStoreContract {
  /** Goes to S3 in three parts. */
  private static final int LARGE_BYTES = 40 << 20;

  private static final int SMALL_BYTES = 100_000;

  @TempDir Path directory;
  private BlobStore store;

  /** Opens the store of this test, once more each time. */
  public abstract BlobStore openStore() throws Exception;

  @BeforeEach
  void open() throws Exception {
    store = openStore();
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void put_anySize_isReadBack() throws BlobException {
    for (int size : new int[] {0, 1, 4096, SMALL_BYTES, 3 << 20}) {
      store.put("of/" + size, bytes(size, size), Condition.ALWAYS);
      assertThat(store.get("of/" + size, size)).isEqualTo(bytes(size, size));
    }
  }

  @Test
  void put_file_isReadBack() throws Exception {
    for (int size : new int[] {0, 1, SMALL_BYTES, LARGE_BYTES}) {
      store.put("of/" + size, file(directory, size, size), Condition.ALWAYS);
      assertThat(Arrays.equals(store.get("of/" + size, size), bytes(size, size))).isTrue();
    }
  }

  @Test
  void put_fileThatIsNotThere_failsAndNamesIt() throws BlobException {
    Path missing = directory.resolve("missing");
    assertThat(assertFails(Reason.IO_FAILED, () -> store.put("a", missing, Condition.ALWAYS)))
        .hasMessageContaining("missing");
    assertThat(store.head("a")).isEmpty();
  }

  @Test
  void put_always_replaces() throws Exception {
    store.put("a", bytes(1, SMALL_BYTES), Condition.ALWAYS);
    store.put("a", bytes(2, 10), Condition.ALWAYS);
    assertThat(store.get("a", SMALL_BYTES)).isEqualTo(bytes(2, 10));
    store.put("a", file(directory, 3, LARGE_BYTES), Condition.ALWAYS);
    assertThat(Arrays.equals(store.get("a", LARGE_BYTES), bytes(3, LARGE_BYTES))).isTrue();
  }

  @Test
  void put_ifAbsent_keepsTheFirst() throws Exception {
    store.put("a", bytes(1, SMALL_BYTES), Condition.IF_ABSENT);
    var refused =
        assertFails(Reason.ALREADY_EXISTS, () -> store.put("a", bytes(2, 10), Condition.IF_ABSENT));
    assertThat(refused).hasMessageContaining("'a'");
    for (int size : new int[] {10, LARGE_BYTES}) {
      Path file = file(directory, 3, size);
      assertFails(Reason.ALREADY_EXISTS, () -> store.put("a", file, Condition.IF_ABSENT));
    }
    assertThat(store.get("a", SMALL_BYTES)).isEqualTo(bytes(1, SMALL_BYTES));
    store.delete("a");
    store.put("a", file(directory, 4, LARGE_BYTES), Condition.IF_ABSENT);
    assertThat(Arrays.equals(store.get("a", LARGE_BYTES), bytes(4, LARGE_BYTES))).isTrue();
  }

  @Test
  void put_ifAbsentByManyAtOnce_succeedsForOne() throws Exception {
    int writers = 8;
    var threads = Executors.newFixedThreadPool(writers);
    try (var other = openStore()) {
      for (int round = 0; round < 5; round++) {
        String key = "round/" + round;
        var start = new CyclicBarrier(writers);
        var puts = new ArrayList<Future<Integer>>();
        for (int i = 0; i < writers; i++) {
          int seed = i;
          var through = i % 2 == 0 ? store : other;
          Callable<Integer> put =
              () -> {
                start.await();
                through.put(key, bytes(seed, SMALL_BYTES), Condition.IF_ABSENT);
                return seed;
              };
          puts.add(threads.submit(put));
        }
        var winners = new ArrayList<Integer>();
        for (var put : puts) {
          try {
            winners.add(put.get());
          } catch (ExecutionException e) {
            assertThat(e).hasCauseInstanceOf(BlobException.class);
            assertThat(((BlobException) e.getCause()).reason())
                .as(e.getCause().getMessage())
                .isEqualTo(Reason.ALREADY_EXISTS);
          }
        }
        assertThat(winners).hasSize(1);
        assertThat(store.get(key, SMALL_BYTES)).isEqualTo(bytes(winners.get(0), SMALL_BYTES));
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void get_noBlob_isNotFound() throws BlobException {
    store.put("a/b", bytes(1, 1), Condition.ALWAYS);
    for (String key : new String[] {"a", "a/c", "b"}) {
      assertThat(assertFails(Reason.NOT_FOUND, () -> store.get(key, 10)))
          .hasMessageContaining("'" + key + "'");
      assertFails(Reason.NOT_FOUND, () -> store.get(key, 0, ByteBuffer.allocate(1)));
      assertFails(Reason.NOT_FOUND, () -> store.get(key, 0, ByteBuffer.allocate(0)));
    }
  }

  @Test
  void get_largerThanExpected_isRefused() throws BlobException {
    store.put("a", bytes(1, 1000), Condition.ALWAYS);
    assertThat(store.get("a", 1000)).hasSize(1000);
    assertThat(assertFails(Reason.UNEXPECTED_SIZE, () -> store.get("a", 999)))
        .hasMessageContaining("1000");
  }

  @Test
  void get_randomRanges_areTheBlobs() throws BlobException {
    byte[] whole = bytes(5, SMALL_BYTES);
    store.put("a", whole, Condition.ALWAYS);
    var random = new Random(20260102);
    for (int i = 0; i < 100; i++) {
      int offset = random.nextInt(SMALL_BYTES + 1);
      int length = random.nextInt(SMALL_BYTES - offset + 1);
      boolean direct = random.nextBoolean();
      var target = direct ? ByteBuffer.allocateDirect(length + 7) : ByteBuffer.allocate(length + 7);
      target.position(3).limit(3 + length);
      store.get("a", offset, target);
      assertThat(target.hasRemaining()).isFalse();
      byte[] read = new byte[length];
      target.get(3, read);
      assertThat(read).isEqualTo(Arrays.copyOfRange(whole, offset, offset + length));
    }
  }

  @Test
  void get_rangeBeyondTheEnd_isRefused() throws BlobException {
    store.put("a", bytes(1, 1000), Condition.ALWAYS);
    store.get("a", 1000, ByteBuffer.allocate(0));
    for (long offset : new long[] {991, 999, 1000, 1001, 1L << 40}) {
      var target = ByteBuffer.allocate(20).position(10);
      assertFails(Reason.UNEXPECTED_SIZE, () -> store.get("a", offset, target));
      assertThat(target.position()).isEqualTo(10);
    }
    assertFails(Reason.UNEXPECTED_SIZE, () -> store.get("a", 1001, ByteBuffer.allocate(0)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> store.get("a", -1, ByteBuffer.allocate(1)));
  }

  @Test
  void get_whileReplaced_returnsOneOrTheOther() throws Exception {
    byte[] first = bytes(1, 1 << 20);
    byte[] second = bytes(2, 1 << 20);
    store.put("a", first, Condition.ALWAYS);
    var thread = Executors.newSingleThreadExecutor();
    try {
      var writer =
          thread.submit(
              () -> {
                for (int i = 0; i < 30; i++) {
                  store.put("a", i % 2 == 0 ? second : first, Condition.ALWAYS);
                }
                return true;
              });
      do {
        byte[] read = store.get("a", 1 << 20);
        assertThat(Arrays.equals(read, first) || Arrays.equals(read, second)).isTrue();
      } while (!writer.isDone());
      assertThat(writer.get()).isTrue();
    } finally {
      thread.shutdownNow();
    }
  }

  @Test
  void head_tellsSizeAndTime() throws BlobException {
    assertThat(store.head("a")).isEmpty();
    Instant before = Instant.now();
    store.put("a", bytes(1, 77), Condition.ALWAYS);
    var found = store.head("a").orElseThrow();
    assertThat(found.key()).isEqualTo("a");
    assertThat(found.bytes()).isEqualTo(77);
    assertThat(found.modified())
        .isBetween(before.minus(Duration.ofSeconds(2)), Instant.now().plusSeconds(2));
  }

  @Test
  void list_prefix_reportsEachBlobOnce() throws BlobException {
    var all = List.of("a/b/c", "a/bc", "ab", "b/a", "b/a=1/x.y_z-1");
    for (String key : all) {
      store.put(key, bytes(1, key.length()), Condition.ALWAYS);
    }
    for (String prefix : List.of("", "a", "a/", "a/b", "a/b/", "a/b/c", "ab", "b/a=", "c", "c/d")) {
      var found = new ArrayList<BlobInfo>();
      store.list(prefix, found::add);
      assertThat(found)
          .as(prefix)
          .extracting(BlobInfo::key)
          .containsExactlyInAnyOrderElementsOf(
              all.stream().filter(key -> key.startsWith(prefix)).toList());
      assertThat(found).allMatch(info -> info.bytes() == info.key().length());
    }
  }

  @Test
  void list_manyBlobs_goesThroughAllAndMayDelete() throws BlobException {
    int count = 1_020; // more than S3 lists and deletes by one request
    for (int i = 0; i < count; i++) {
      store.put("many/" + i, new byte[0], Condition.ALWAYS);
    }
    store.put("other", new byte[0], Condition.ALWAYS);
    var found = new ArrayList<String>();
    store.list(
        "many/",
        info -> {
          found.add(info.key());
          if (found.size() == 10) {
            store.delete(info.key());
          }
        });
    assertThat(found).doesNotHaveDuplicates().hasSize(count);
    store.deleteAll(found);
    assertThat(keys(store, "")).containsExactly("other");
  }

  @Test
  void list_receiverFails_endsWithItsFailure() throws BlobException {
    store.put("a", new byte[0], Condition.ALWAYS);
    var failure = new BlobException(Reason.NO_SPACE, "full");
    assertThatThrownBy(
            () ->
                store.list(
                    "",
                    info -> {
                      throw failure;
                    }))
        .isSameAs(failure);
  }

  @Test
  void delete_blobOrNone_isGone() throws BlobException {
    store.delete("none/such");
    for (String key : List.of("a/a", "a/b", "a/c/d")) {
      store.put(key, bytes(1, 1), Condition.ALWAYS);
    }
    store.delete("a/b");
    assertThat(keys(store, "")).containsExactlyInAnyOrder("a/a", "a/c/d");
    assertFails(Reason.NOT_FOUND, () -> store.get("a/b", 1));
    store.deleteAll(List.of("a/a", "none", "a/c/d", "a/a"));
    store.deleteAll(List.of());
    assertThat(keys(store, "")).isEmpty();
  }

  @Test
  void calls_illFormedKey_areRefused() {
    var bad =
        List.of("", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "a b", "a~", "ä", "a\nb", "a\n");
    for (String key : bad) {
      assertThatIllegalArgumentException().as(key).isThrownBy(() -> store.head(key));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> store.put(key, new byte[0], Condition.ALWAYS));
      assertThatIllegalArgumentException().isThrownBy(() -> store.get(key, 1));
      assertThatIllegalArgumentException().isThrownBy(() -> store.deleteAll(List.of("a", key)));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> store.head("a".repeat(BlobKey.MOST_SEGMENT_BYTES + 1)));
    assertThatIllegalArgumentException().isThrownBy(() -> store.list("a b", info -> {}));
  }

  @Test
  void put_longestAndOddestKeys_areKept() throws BlobException {
    String segment = "x".repeat(BlobKey.MOST_SEGMENT_BYTES);
    var odd =
        List.of(segment + "/" + segment + "/" + "y".repeat(100), "...", "-", "=/.a/..b", "A", "a");
    for (String key : odd) {
      store.put(key, bytes(key.hashCode(), 10), Condition.ALWAYS);
    }
    assertThat(keys(store, "")).containsExactlyInAnyOrderElementsOf(odd);
    for (String key : odd) {
      assertThat(store.get(key, 10)).isEqualTo(bytes(key.hashCode(), 10));
    }
  }

  @Test
  void stores_twoOpen_seeTheSameBlobs() throws Exception {
    try (var other = openStore()) {
      store.put("a", bytes(1, 10), Condition.ALWAYS);
      assertThat(other.get("a", 10)).isEqualTo(bytes(1, 10));
      other.delete("a");
      assertThat(store.head("a")).isEmpty();
    }
    store.put("b", bytes(2, 10), Condition.ALWAYS);
    assertThat(keys(store, "")).containsExactly("b");
  }

  @Test
  void calls_random_behaveAsAMap() throws BlobException {
    for (long seed : new long[] {1, 2, 3}) {
      new RandomBlobCalls(store, directory, seed).run(150);
      store.deleteAll(keys(store, ""));
    }
  }

  @Test
  void calls_interrupted_endAndLeaveTheMark() throws Exception {
    store.put("a", bytes(1, 10), Condition.ALWAYS);
    Path file = file(directory, 1, LARGE_BYTES);
    for (var call :
        List.<BlobSamples.Call>of(
            () -> store.get("a", 10),
            () -> store.get("a", 0, ByteBuffer.allocate(10)),
            () -> store.put("b", bytes(1, 10), Condition.ALWAYS),
            () -> store.put("c", file, Condition.ALWAYS))) {
      Thread.currentThread().interrupt();
      assertFails(Reason.INTERRUPTED, call);
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(store.get("a", 10)).isEqualTo(bytes(1, 10));
  }

  @Test
  void calls_afterClose_areRefused() throws Exception {
    var closed = openStore();
    closed.close();
    closed.close();
    assertThatIllegalStateException().isThrownBy(() -> closed.get("a", 1));
    assertThatIllegalStateException()
        .isThrownBy(() -> closed.put("a", new byte[0], Condition.ALWAYS));
    assertThatIllegalStateException().isThrownBy(() -> closed.list("", info -> {}));
    assertThatIllegalStateException().isThrownBy(() -> closed.deleteAll(List.of()));
  }

  @Test
  void calls_manyThreads_eachGetsItsOwn() throws Exception {
    var threads = Executors.newFixedThreadPool(8);
    try {
      var results =
          threads.invokeAll(
              IntStream.range(0, 40)
                  .mapToObj(
                      i ->
                          (Callable<Boolean>)
                              () -> {
                                String key = "shared/" + i % 4 + "/" + i;
                                store.put(key, bytes(i, SMALL_BYTES), Condition.IF_ABSENT);
                                boolean same =
                                    Arrays.equals(
                                        store.get(key, SMALL_BYTES), bytes(i, SMALL_BYTES));
                                store.delete(key);
                                return same;
                              })
                  .toList());
      for (var result : results) {
        assertThat(result.get()).isTrue();
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(keys(store, "")).isEmpty();
  }
}
