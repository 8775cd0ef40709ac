package dev.rekindle.store.shared;

import dev.rekindle.store.ManifestJson;
import dev.rekindle.store.ManifestJson.MalformedManifest;
import dev.rekindle.store.ManifestJson.NewerManifest;
import dev.rekindle.store.SnapshotManifest;
import dev.rekindle.store.StoredFile;
import dev.rekindle.store.io.Digest;
import dev.rekindle.store.shared.ChunkManifest.Pack;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * The bytes of a {@link ChunkManifest}: {@code RKCM}, the format's version (2 bytes), the slot
 * size, the snapshot's manifest as JSON, the packs, the chunks, the files' slots, and SHA-256 over
 * all of that. Counts and numbers are unsigned LEB128. Every number is checked when read: what is
 * not in its range is refused, whatever the digest says.
 */
final class ChunkManifestFormat {
  /** The newest format this code writes and reads. */
  static final int VERSION = 1;

  /** Room for a snapshot of 25 GiB; keeps a wrong blob from filling the heap. */
  static final int MOST_BYTES = 64 << 20;

  private static final int MAGIC = 0x524b434d;
  private static final int PACK_ID_BYTES = 16;

  private ChunkManifestFormat() {}

  /** Writes a manifest; the same manifest always gives the same bytes. */
  static byte[] write(ChunkManifest manifest) {
    try {
      var bytes = new ByteArrayOutputStream();
      var out = new DataOutputStream(bytes);
      out.writeInt(MAGIC);
      out.writeShort(VERSION);
      number(out, ChunkManifest.SLOT_BYTES);
      byte[] json = ManifestJson.write(manifest.snapshot());
      number(out, json.length);
      out.write(json);
      number(out, manifest.packs().size());
      for (Pack pack : manifest.packs()) {
        out.write(HexFormat.of().parseHex(pack.id()));
        number(out, pack.bytes());
      }
      chunks(out, manifest.chunks());
      for (FileContent content : manifest.files()) {
        number(out, content.size());
        int last = -1;
        for (int i = 0; i < content.size(); i++) {
          number(out, content.slot(i) - last - 1);
          number(out, content.chunk(i));
          last = content.slot(i);
        }
      }
      byte[] body = bytes.toByteArray();
      out.write(Digest.sha256().digest(body));
      return bytes.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
  }

  private static void chunks(DataOutputStream out, ChunkTable chunks) throws IOException {
    number(out, chunks.size());
    ByteBuffer digest = ByteBuffer.allocate(Digest.BYTES);
    for (int chunk = 0; chunk < chunks.size(); chunk++) {
      chunks.digest(chunk).write(digest.clear());
      out.write(digest.array());
      number(out, chunks.bytes(chunk));
      number(out, chunks.pack(chunk));
      number(out, chunks.offset(chunk));
      number(out, chunks.stored(chunk));
    }
  }

  private static void number(DataOutputStream out, int value) throws IOException {
    int left = value;
    while ((left & ~0x7f) != 0) {
      out.writeByte((left & 0x7f) | 0x80);
      left >>>= 7;
    }
    out.writeByte(left);
  }

  /**
   * Reads a manifest; asks for its version first, since nothing else is known of newer ones.
   *
   * @throws MalformedManifest when a byte is wrong; the message says where
   * @throws NewerManifest when a newer release wrote it
   */
  static ChunkManifest read(byte[] bytes) throws MalformedManifest, NewerManifest {
    try {
      ByteBuffer in = ByteBuffer.wrap(bytes);
      if (in.getInt() != MAGIC) {
        throw new MalformedManifest("it does not begin as a chunk manifest does");
      }
      int version = in.getShort() & 0xffff;
      if (version > VERSION) {
        throw new NewerManifest(version);
      }
      int end = bytes.length - Digest.BYTES;
      if (end < in.position()) {
        throw new MalformedManifest("it is cut short");
      }
      Digest sum = Digest.read(ByteBuffer.wrap(bytes, end, Digest.BYTES));
      if (version < 1 || !sum.equals(Digest.of(bytes, 0, end))) {
        throw new MalformedManifest("its digest does not match");
      }
      in.limit(end);
      require(number(in) == ChunkManifest.SLOT_BYTES, "it has another slot size");
      byte[] json = new byte[count(in, 1)];
      in.get(json);
      SnapshotManifest snapshot = ManifestJson.read(json);
      List<Pack> packs = packs(in);
      ChunkTable chunks = chunks(in, packs);
      List<FileContent> files = new ArrayList<>();
      for (StoredFile file : snapshot.files()) {
        files.add(content(in, file, chunks));
      }
      require(!in.hasRemaining(), "it goes on after its end");
      return new ChunkManifest(snapshot, packs, chunks, files);
    } catch (BufferUnderflowException | ArithmeticException e) {
      throw new MalformedManifest("it is cut short");
    }
  }

  private static List<Pack> packs(ByteBuffer in) throws MalformedManifest {
    int count = count(in, PACK_ID_BYTES + 1);
    List<Pack> packs = new ArrayList<>(count);
    byte[] id = new byte[PACK_ID_BYTES];
    for (int i = 0; i < count; i++) {
      in.get(id);
      packs.add(new Pack(HexFormat.of().formatHex(id), number(in)));
    }
    return packs;
  }

  private static ChunkTable chunks(ByteBuffer in, List<Pack> packs) throws MalformedManifest {
    int count = count(in, Digest.BYTES + 4);
    ChunkTable chunks = new ChunkTable();
    for (int i = 0; i < count; i++) {
      Digest digest = Digest.read(in);
      int bytes = number(in);
      int pack = number(in);
      int offset = number(in);
      int stored = number(in);
      require(
          bytes >= 1
              && bytes <= ChunkManifest.SLOT_BYTES
              && stored >= 1
              && stored <= bytes
              && pack < packs.size()
              && offset <= packs.get(pack).bytes() - stored,
          "chunk " + i + " lies outside of its pack");
      chunks.add(digest, bytes, pack, offset, stored);
    }
    return chunks;
  }

  private static FileContent content(ByteBuffer in, StoredFile file, ChunkTable chunks)
      throws MalformedManifest {
    int count = count(in, 2);
    int[] slots = new int[count];
    int[] numbers = new int[count];
    int last = -1;
    int end = ChunkManifest.slots(file.bytes());
    for (int i = 0; i < count; i++) {
      last = Math.addExact(Math.addExact(last, 1), number(in));
      slots[i] = last;
      numbers[i] = number(in);
      require(
          last < end
              && numbers[i] < chunks.size()
              && chunks.bytes(numbers[i]) == ChunkManifest.slotBytes(file.bytes(), last),
          "slot " + last + " of file '" + file.name() + "' has no fitting chunk");
    }
    return new FileContent(slots, numbers);
  }

  /** A count of things that take at least so many bytes each: never more than are left. */
  private static int count(ByteBuffer in, int bytesEach) throws MalformedManifest {
    int count = number(in);
    require(count <= in.remaining() / bytesEach, "it counts more than it holds");
    return count;
  }

  private static int number(ByteBuffer in) throws MalformedManifest {
    long value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      byte next = in.get();
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        require(value <= Integer.MAX_VALUE, "it has a number that is too large");
        return (int) value;
      }
    }
    throw new MalformedManifest("it has a number that is too large");
  }

  private static void require(boolean holds, String what) throws MalformedManifest {
    if (!holds) {
      throw new MalformedManifest(what);
    }
  }
}
