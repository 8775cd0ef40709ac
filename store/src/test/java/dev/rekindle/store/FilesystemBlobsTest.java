package dev.rekindle.store;

import static dev.rekindle.store.BlobSamples.bytes;
import static dev.rekindle.store.BlobSamples.keys;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.store.BlobStore.Condition;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The directory of blobs keeps the contract. */
class FilesystemBlobsTest extends BlobStoreContract {
  @TempDir Path root;

  @Override
  BlobStore openStore() throws BlobException {
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

  @Test
  void delete_last_leavesNoDirectory() throws BlobException {
    try (var store = openStore()) {
      store.put("a/b/c", bytes(1, 10), Condition.ALWAYS);
      store.delete("a/b/c");
      assertThat(root.resolve("blobs")).isEmptyDirectory();
    }
  }
}
