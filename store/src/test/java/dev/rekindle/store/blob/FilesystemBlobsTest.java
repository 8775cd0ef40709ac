package dev.rekindle.store.blob;

import static dev.rekindle.store.blob.BlobSamples.bytes;
import static dev.rekindle.store.blob.BlobSamples.keys;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.store.blob.BlobStore.Condition;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The directory of blobs keeps the contract. */
class FilesystemBlobsTest extends BlobStoreContract {
  @TempDir Path root;

  @Override
  public BlobStore openStore() throws BlobException {
    return FilesystemBlobs.open(root);
  }

  @Test
  void put_keyThatBeginsAnother_isKeptBesideIt() throws BlobException {
    try (var store = openStore()) {
      for (String key : List.of("a/b", "a", "a/b/c")) {
        store.put(key, bytes(key.length(), 10), Condition.ALWAYS);
      }
      assertThat(keys(store, "")).containsExactlyInAnyOrder("a", "a/b", "a/b/c");
      store.delete("a/b");
      assertThat(store.get("a", 10)).isEqualTo(bytes(1, 10));
      assertThat(store.get("a/b/c", 10)).isEqualTo(bytes(5, 10));
    }
  }

  /** Four at once in one directory, which is gone whenever none of them has a blob there. */
  @Test
  void put_whileOthersRemoveTheDirectory_isKept() throws Exception {
    try (var store = openStore()) {
      var threads = Executors.newFixedThreadPool(4);
      try {
        List<Future<?>> all = new ArrayList<>();
        for (int thread = 0; thread < 4; thread++) {
          String key = "deep/deeper/" + thread;
          Callable<Void> comesAndGoes =
              () -> {
                for (int i = 0; i < 1_000; i++) {
                  store.put(key, bytes(i, 10), Condition.IF_ABSENT);
                  store.delete(key);
                }
                return null;
              };
          all.add(threads.submit(comesAndGoes));
        }
        for (Future<?> each : all) {
          var unused = each.get();
        }
      } finally {
        threads.shutdownNow();
      }
    }
  }

  @Test
  void delete_last_leavesNoDirectory() throws BlobException {
    try (var store = openStore()) {
      store.put("a/b/c", bytes(1, 10), Condition.ALWAYS);
      store.delete("a/b/c");
      assertThat(root.resolve("blobs")).isEmptyDirectory();
    }
  }
}
