package dev.rekindle.store.tier;

import dev.rekindle.store.SnapshotManifest;
import dev.rekindle.store.StoreException;
import dev.rekindle.store.io.Digest;
import dev.rekindle.store.local.FilesystemSnapshotStore;
import dev.rekindle.store.shared.ChunkManifest;
import dev.rekindle.store.shared.ChunkReader;
import dev.rekindle.store.shared.FileContent;
import dev.rekindle.store.shared.SharedChunks;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.function.Function;

/**
 * Looks for a chunk in the snapshots on this node's disk: slow, and only done when the shared store
 * has lost one.
 */
final class LocalSpares implements ChunkReader.Spares {
  private static final Logger LOG = System.getLogger(LocalSpares.class.getName());

  private final FilesystemSnapshotStore local;
  private final SharedChunks chunks;
  private final Function<String, Optional<SnapshotManifest>> shared;

  LocalSpares(
      FilesystemSnapshotStore local,
      SharedChunks chunks,
      Function<String, Optional<SnapshotManifest>> shared) {
    this.local = local;
    this.chunks = chunks;
    this.shared = shared;
  }

  @Override
  public void damaged(String pack) {
    LOG.log(Level.ERROR, "event=pack-damaged pack={0}", pack);
    chunks.avoid(pack);
  }

  @Override
  public Optional<byte[]> find(Digest digest) {
    for (var snapshot : local.list()) {
      if (shared.apply(snapshot.id()).isPresent()) {
        Optional<byte[]> found = find(snapshot, digest);
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }

  private Optional<byte[]> find(SnapshotManifest snapshot, Digest digest) {
    try (var lease = local.open(snapshot.id())) {
      ChunkManifest manifest = chunks.manifest(snapshot.identity(), snapshot.id());
      for (int f = 0; f < manifest.files().size(); f++) {
        FileContent content = manifest.files().get(f);
        for (int i = 0; i < content.size(); i++) {
          if (manifest.chunks().digest(content.chunk(i)).equals(digest)) {
            String name = snapshot.files().get(f).name();
            return Optional.of(
                read(
                    lease.directory().resolve(name),
                    content.slot(i),
                    manifest.chunks().bytes(content.chunk(i))));
          }
        }
      }
    } catch (StoreException | IOException e) {
      LOG.log(Level.WARNING, "event=spare-unreadable snapshot={0} cause={1}", snapshot.id(), e);
    }
    return Optional.empty();
  }

  private static byte[] read(Path file, int slot, int bytes) throws IOException {
    ByteBuffer into = ByteBuffer.allocate(bytes);
    long offset = (long) slot * ChunkManifest.SLOT_BYTES;
    try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
      while (into.hasRemaining() && channel.read(into, offset + into.position()) >= 0) {
        // until the slot is full or the file ends: then its digest will not match
      }
    }
    return into.array();
  }
}
