package dev.rekindle.store.tier;

import dev.rekindle.store.StoredFile;
import dev.rekindle.store.io.DurableFiles;
import dev.rekindle.store.shared.ChunkManifest;
import dev.rekindle.store.shared.FileContent;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The directory that a snapshot arrives in: files of full length, filled chunk by chunk. A chunk is
 * written to every place of the snapshot that it belongs to.
 */
final class ArrivalFiles {
  private static final Logger LOG = System.getLogger(ArrivalFiles.class.getName());

  /** Files with more slots than this stay open while they are filled; small ones are many. */
  private static final int SLOTS_OF_LARGE = 64;

  private final ChunkManifest manifest;
  private final Path directory;

  /** Where the places of each chunk begin in the two below; one more than there are chunks. */
  private final int[] starts;

  private final int[] placeFiles;
  private final int[] placeSlots;

  /** By file; null while closed. Guarded by this. */
  private final @Nullable FileChannel[] channels;

  private boolean closed;

  ArrivalFiles(ChunkManifest manifest, Path directory) {
    this.manifest = manifest;
    this.directory = directory;
    this.channels = new FileChannel[manifest.files().size()];
    this.starts = new int[manifest.chunks().size() + 1];
    for (FileContent content : manifest.files()) {
      for (int i = 0; i < content.size(); i++) {
        starts[content.chunk(i) + 1]++;
      }
    }
    for (int chunk = 1; chunk < starts.length; chunk++) {
      starts[chunk] += starts[chunk - 1];
    }
    this.placeFiles = new int[starts[starts.length - 1]];
    this.placeSlots = new int[starts[starts.length - 1]];
    int[] next = starts.clone();
    for (int file = 0; file < manifest.files().size(); file++) {
      FileContent content = manifest.files().get(file);
      for (int i = 0; i < content.size(); i++) {
        int place = next[content.chunk(i)]++;
        placeFiles[place] = file;
        placeSlots[place] = content.slot(i);
      }
    }
  }

  Path directory() {
    return directory;
  }

  /** Makes all files, with nothing in them. */
  void create() throws IOException {
    for (StoredFile file : files()) {
      Path path = directory.resolve(file.name());
      Files.createDirectories(Objects.requireNonNull(path.getParent()));
      Files.createFile(path);
      try (var created = new RandomAccessFile(path.toFile(), "rw")) {
        created.setLength(file.bytes());
      }
      Files.setAttribute(path, "unix:mode", file.mode());
    }
  }

  /** Writes a chunk to all its places. */
  void write(int chunk, byte[] bytes) throws IOException {
    for (int place = starts[chunk]; place < starts[chunk + 1]; place++) {
      int file = placeFiles[place];
      long offset = (long) placeSlots[place] * ChunkManifest.SLOT_BYTES;
      if (manifest.files().get(file).size() > SLOTS_OF_LARGE) {
        write(channel(file), bytes, offset);
      } else {
        try (var channel = FileChannel.open(path(file), StandardOpenOption.WRITE)) {
          write(channel, bytes, offset);
        }
      }
    }
  }

  private static void write(FileChannel channel, byte[] bytes, long offset) throws IOException {
    ByteBuffer from = ByteBuffer.wrap(bytes);
    while (from.hasRemaining()) {
      channel.write(from, offset + from.position());
    }
  }

  private synchronized FileChannel channel(int file) throws IOException {
    if (closed) {
      throw new ClosedChannelException();
    }
    FileChannel channel = channels[file];
    if (channel == null) {
      channel = FileChannel.open(path(file), StandardOpenOption.WRITE);
      channels[file] = channel;
    }
    return channel;
  }

  /** All is written: brings it to the medium. */
  void finish() throws IOException {
    close();
    DurableFiles.syncTree(directory);
  }

  /** Nothing is written any more. */
  synchronized void close() {
    closed = true;
    for (int file = 0; file < channels.length; file++) {
      FileChannel channel = channels[file];
      channels[file] = null;
      if (channel != null) {
        try {
          channel.close();
        } catch (IOException e) {
          LOG.log(Level.WARNING, "event=close-failed path={0} cause={1}", path(file), e);
        }
      }
    }
  }

  private Path path(int file) {
    return directory.resolve(files().get(file).name());
  }

  private List<StoredFile> files() {
    return manifest.snapshot().files();
  }
}
