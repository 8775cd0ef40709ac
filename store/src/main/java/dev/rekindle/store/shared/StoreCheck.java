package dev.rekindle.store.shared;

import dev.rekindle.store.StoreException;
import dev.rekindle.store.StoreException.Reason;
import dev.rekindle.store.blob.BlobStore;
import dev.rekindle.store.io.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads all that a shared store holds, and holds it against its digests. */
public final class StoreCheck {
  private final SharedSnapshots shared;
  private final ChunkReader reader;

  /** Makes a check of a shared store. */
  public StoreCheck(BlobStore blobs) {
    this.shared = new SharedSnapshots(blobs);
    this.reader =
        new ChunkReader(
            blobs,
            new ChunkReader.Spares() {
              @Override
              public Optional<byte[]> find(Digest digest) {
                return Optional.empty();
              }

              @Override
              public void damaged(String pack) {
                // told by the failure that follows
              }
            });
  }

  /**
   * A snapshot that cannot be restored from the shared store.
   *
   * @param id its id
   * @param why what is wrong with it, first of all
   */
  public record Problem(String id, String why) {}

  /**
   * What was found.
   *
   * @param snapshots how many snapshots were read
   * @param bytesRead how many bytes of packs
   * @param problems what is wrong
   */
  public record Report(int snapshots, long bytesRead, List<Problem> problems) {}

  /**
   * Reads every chunk of every snapshot once.
   *
   * @throws StoreException when the store does not answer
   */
  public Report run() throws StoreException {
    List<Problem> problems = new ArrayList<>();
    Set<Digest> good = new HashSet<>();
    int count = 0;
    for (var entry : shared.list()) {
      count++;
      try {
        verify(shared.read(entry.identity(), entry.id()), good);
      } catch (StoreException e) {
        if (e.reason() == Reason.NOT_FOUND) {
          count--; // deleted meanwhile
        } else if (e.reason() == Reason.DAMAGED || e.reason() == Reason.UNSUPPORTED_FORMAT) {
          problems.add(new Problem(entry.id(), String.valueOf(e.getMessage())));
        } else {
          throw e;
        }
      }
    }
    return new Report(count, reader.bytesRead(), problems);
  }

  /** A chunk that was good in one place counts for that place only: its pack is part of the key. */
  private void verify(ChunkManifest manifest, Set<Digest> good) throws StoreException {
    var wanted = new BitSet();
    for (int chunk = 0; chunk < manifest.chunks().size(); chunk++) {
      if (!good.contains(place(manifest, chunk))) {
        wanted.set(chunk);
      }
    }
    for (var read : ChunkReader.plan(manifest, wanted)) {
      try {
        reader.read(manifest, read, (chunk, bytes) -> good.add(place(manifest, chunk)));
      } catch (IOException e) {
        throw new IllegalStateException("nothing is written here", e);
      }
    }
  }

  /** Names a chunk in its place: the same bytes may be whole in one pack and not in another. */
  private static Digest place(ChunkManifest manifest, int chunk) {
    String name =
        manifest.chunks().digest(chunk)
            + manifest.packs().get(manifest.chunks().pack(chunk)).id()
            + manifest.chunks().offset(chunk);
    byte[] bytes = name.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    return Digest.of(bytes, 0, bytes.length);
  }
}
