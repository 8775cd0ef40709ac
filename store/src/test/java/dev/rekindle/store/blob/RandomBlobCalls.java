package dev.rekindle.store.blob;

import static dev.rekindle.store.blob.BlobSamples.bytes;
import static dev.rekindle.store.blob.BlobSamples.file;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rekindle.store.blob.BlobException.Reason;
import dev.rekindle.store.blob.BlobStore.Condition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Calls a store at random and a map beside it; both must always agree. */
final class RandomBlobCalls {
  private static final int MOST_BYTES = 2_000;

  /** Few, so that the calls meet. */
  private static final List<String> KEYS =
      List.of("a/a", "a/b", "a/c/c", "a/c/d", "b", "ba", "bb/a/a");

  private final BlobStore store;
  private final Path directory;
  private final Random random;
  private final Map<String, byte[]> model = new TreeMap<>();

  RandomBlobCalls(BlobStore store, Path directory, long seed) {
    this.store = store;
    this.directory = directory;
    this.random = new Random(seed);
  }

  void run(int steps) throws BlobException {
    for (int step = 0; step < steps; step++) {
      String key = KEYS.get(random.nextInt(KEYS.size()));
      switch (random.nextInt(6)) {
        case 0, 1 -> put(key, random.nextInt());
        case 2 -> read(key);
        case 3 -> {
          store.delete(key);
          model.remove(key);
        }
        case 4 -> list(key.substring(0, random.nextInt(key.length() + 1)));
        default -> deleteSome();
      }
    }
    list("");
  }

  private void put(String key, long seed) throws BlobException {
    byte[] content = bytes(seed, random.nextInt(MOST_BYTES));
    var condition = random.nextBoolean() ? Condition.ALWAYS : Condition.IF_ABSENT;
    boolean stored = true;
    try {
      if (random.nextBoolean()) {
        store.put(key, content, condition);
      } else {
        store.put(key, file(directory, seed, content.length), condition);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (BlobException e) {
      assertThat(e.reason()).as(e.getMessage()).isEqualTo(Reason.ALREADY_EXISTS);
      stored = false;
    }
    assertThat(stored).isEqualTo(condition == Condition.ALWAYS || !model.containsKey(key));
    if (stored) {
      model.put(key, content);
    }
  }

  private void read(String key) throws BlobException {
    assertThat(store.head(key).map(BlobInfo::bytes))
        .isEqualTo(java.util.Optional.ofNullable(model.get(key)).map(b -> (long) b.length));
    if (model.containsKey(key)) {
      assertThat(store.get(key, MOST_BYTES)).isEqualTo(model.get(key));
    }
  }

  private void list(String prefix) throws BlobException {
    var found = new TreeMap<String, Long>();
    store.list(prefix, info -> assertThat(found.put(info.key(), info.bytes())).isNull());
    var expected = new TreeMap<String, Long>();
    model.forEach(
        (key, content) -> {
          if (key.startsWith(prefix)) {
            expected.put(key, (long) content.length);
          }
        });
    assertThat(found).isEqualTo(expected);
  }

  private void deleteSome() throws BlobException {
    var some = new ArrayList<String>();
    IntStream.range(0, random.nextInt(3))
        .forEach(i -> some.add(KEYS.get(random.nextInt(KEYS.size()))));
    store.deleteAll(some);
    some.forEach(model::remove);
  }
}
