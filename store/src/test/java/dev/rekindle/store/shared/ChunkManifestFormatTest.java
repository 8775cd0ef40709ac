package dev.rekindle.store.shared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rekindle.store.ManifestJson.MalformedManifest;
import dev.rekindle.store.ManifestJson.NewerManifest;
import dev.rekindle.store.SnapshotManifest;
import dev.rekindle.store.StoredFile;
import dev.rekindle.store.io.Digest;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Manifests come back as they were written, and nothing else is taken for one. */
class ChunkManifestFormatTest {

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void read_whatWasWritten_isTheSame(long seed) throws Exception {
    ChunkManifest manifest = manifest(new Random(seed));

    ChunkManifest read = ChunkManifestFormat.read(ChunkManifestFormat.write(manifest));

    assertThat(read.snapshot()).isEqualTo(manifest.snapshot());
    assertThat(read.packs()).isEqualTo(manifest.packs());
    assertThat(read.storedBytes()).isEqualTo(manifest.storedBytes());
    assertThat(ChunkManifestFormat.write(read)).isEqualTo(ChunkManifestFormat.write(manifest));
  }

  @Test
  void read_anyFlippedBit_isRefused() {
    byte[] bytes = ChunkManifestFormat.write(manifest(new Random(20)));
    for (int bit = 0; bit < bytes.length * 8; bit++) {
      byte[] flipped = bytes.clone();
      flipped[bit / 8] ^= (byte) (1 << (bit % 8));
      assertThatThrownBy(() -> ChunkManifestFormat.read(flipped))
          .isInstanceOfAny(MalformedManifest.class, NewerManifest.class);
    }
  }

  @Test
  void read_cutShortAnywhere_isRefused() {
    byte[] bytes = ChunkManifestFormat.write(manifest(new Random(21)));
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> ChunkManifestFormat.read(cut)).isInstanceOf(MalformedManifest.class);
    }
  }

  /** A digest proves nothing when whoever wrote the wrong number took it: numbers are checked. */
  @ParameterizedTest
  @ValueSource(longs = {31, 32, 33})
  void read_wrongNumbersWithRightDigest_areRefusedOrHarmless(long seed) throws Exception {
    var random = new Random(seed);
    byte[] bytes = ChunkManifestFormat.write(manifest(random));
    int refused = 0;
    for (int i = 0; i < 2_000; i++) {
      byte[] wrong = bytes.clone();
      for (int n = 1 + random.nextInt(3); n > 0; n--) {
        wrong[6 + random.nextInt(bytes.length - 6 - Digest.BYTES)] = (byte) random.nextInt();
      }
      int end = wrong.length - Digest.BYTES;
      Digest.of(wrong, 0, end).write(ByteBuffer.wrap(wrong, end, Digest.BYTES));
      try {
        requireSound(ChunkManifestFormat.read(wrong));
      } catch (MalformedManifest e) {
        refused++;
      }
    }
    assertThat(refused).as("a good part of the wrong numbers shows").isGreaterThan(100);
  }

  private static void requireSound(ChunkManifest read) {
    for (int f = 0; f < read.files().size(); f++) {
      long bytes = read.snapshot().files().get(f).bytes();
      FileContent content = read.files().get(f);
      for (int i = 0; i < content.size(); i++) {
        int chunk = content.chunk(i);
        assertThat(read.chunks().bytes(chunk))
            .isEqualTo(ChunkManifest.slotBytes(bytes, content.slot(i)));
        assertThat(read.chunks().offset(chunk) + read.chunks().stored(chunk))
            .isLessThanOrEqualTo(read.packs().get(read.chunks().pack(chunk)).bytes());
      }
    }
  }

  @Test
  void read_newerVersion_saysSo() {
    byte[] bytes = ChunkManifestFormat.write(manifest(new Random(40)));
    ByteBuffer.wrap(bytes).putShort(4, (short) (ChunkManifestFormat.VERSION + 1));

    assertThatThrownBy(() -> ChunkManifestFormat.read(bytes)).isInstanceOf(NewerManifest.class);
  }

  private static ChunkManifest manifest(Random random) {
    List<ChunkManifest.Pack> packs = new ArrayList<>();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      byte[] id = new byte[16];
      random.nextBytes(id);
      packs.add(
          new ChunkManifest.Pack(HexFormat.of().formatHex(id), 100_000 + random.nextInt(8 << 20)));
    }
    var chunks = new ChunkTable();
    List<StoredFile> files = new ArrayList<>();
    List<FileContent> contents = new ArrayList<>();
    for (int f = random.nextInt(4); f >= 0; f--) {
      long bytes = random.nextInt(4 * ChunkManifest.SLOT_BYTES);
      int[] slots = new int[ChunkManifest.slots(bytes)];
      int[] numbers = new int[slots.length];
      int held = 0;
      for (int slot = 0; slot < slots.length; slot++) {
        if (random.nextInt(3) > 0) {
          int length = ChunkManifest.slotBytes(bytes, slot);
          slots[held] = slot;
          numbers[held++] =
              chunks.add(
                  new Digest(
                      random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong()),
                  length,
                  random.nextInt(packs.size()),
                  random.nextInt(50_000),
                  1 + random.nextInt(length));
        }
      }
      files.add(new StoredFile("images/f" + f, bytes, 0644, "0".repeat(64)));
      contents.add(new FileContent(Arrays.copyOf(slots, held), Arrays.copyOf(numbers, held)));
    }
    var snapshot =
        new SnapshotManifest(
            SnapshotManifest.FORMAT_VERSION,
            "sn-1",
            Instant.EPOCH,
            Map.of("function", "größe"),
            Map.of("criu", "4.2.1"),
            files);
    return new ChunkManifest(snapshot, packs, chunks, contents);
  }
}
