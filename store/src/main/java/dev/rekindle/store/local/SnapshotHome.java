package dev.rekindle.store.local;

import dev.rekindle.store.ManifestJson;
import dev.rekindle.store.ManifestJson.MalformedManifest;
import dev.rekindle.store.ManifestJson.NewerManifest;
import dev.rekindle.store.SnapshotManifest;
import dev.rekindle.store.StoreException;
import dev.rekindle.store.StoreException.Reason;
import dev.rekindle.store.io.ContentDigest;
import dev.rekindle.store.io.DurableFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The directory of one snapshot: {@code files/} with the snapshot's own files, {@code
 * manifest.json}, and {@code manifest.sha256} with the digest of the manifest's exact bytes, in the
 * format of {@code sha256sum -c}. The digest lies beside the manifest and not in it, so that every
 * flipped bit shows, those in fields this release does not know included. Beside them {@code
 * record.NAME}, and {@code uploaded} or {@code arriving} where that holds.
 *
 * @param id the snapshot's id
 * @param path where it is
 */
public record SnapshotHome(String id, Path path) {
  /** Far beyond any real manifest; keeps a damaged length from filling the heap. */
  private static final long MAX_MANIFEST_BYTES = 16L << 20;

  private static final String MANIFEST = "manifest.json";

  /** The directory of the snapshot's files. */
  public Path files() {
    return path.resolve("files");
  }

  Path manifest() {
    return path.resolve(MANIFEST);
  }

  private Path digest() {
    return path.resolve("manifest.sha256");
  }

  /** What was known of the files when they were last verified. */
  StampRecord stamps() {
    return new StampRecord(path.resolve("verified"));
  }

  private Path arriving() {
    return path.resolve("arriving");
  }

  private Path uploaded() {
    return path.resolve("uploaded");
  }

  /** Where a small record about the snapshot is kept: beside its files, and gone with them. */
  private Path record(String name) {
    return path.resolve("record." + name);
  }

  private Path condemned() {
    return path.resolve("manifest.condemned");
  }

  /** Writes the manifest, last of all files, and makes this directory durable. */
  void write(SnapshotManifest manifest) throws IOException {
    byte[] json = ManifestJson.write(manifest);
    String line = ContentDigest.of(json) + "  " + MANIFEST + "\n";
    DurableFiles.write(digest(), line.getBytes(StandardCharsets.US_ASCII));
    DurableFiles.write(manifest(), json);
    DurableFiles.sync(path);
  }

  /**
   * Reads and verifies the manifest.
   *
   * @throws StoreException {@link Reason#DAMAGED} or {@link Reason#UNSUPPORTED_FORMAT}
   */
  SnapshotManifest read() throws IOException, StoreException {
    try {
      byte[] json = bytes(manifest());
      String line = new String(bytes(digest()), StandardCharsets.ISO_8859_1);
      if (!line.equals(ContentDigest.of(json) + "  " + MANIFEST + "\n")) {
        throw damaged("does not match manifest.sha256");
      }
      var manifest = ManifestJson.read(json);
      if (!manifest.id().equals(id)) {
        throw damaged("is that of snapshot '" + manifest.id() + "'");
      }
      return manifest;
    } catch (NoSuchFileException e) {
      throw damaged("or its digest is missing");
    } catch (MalformedManifest e) {
      throw damaged("cannot be read: " + e.getMessage());
    } catch (NewerManifest e) {
      throw new StoreException(
          Reason.UNSUPPORTED_FORMAT,
          "snapshot '"
              + id
              + "' was written by a newer release: "
              + e.getMessage()
              + ", this one reads up to "
              + SnapshotManifest.FORMAT_VERSION
              + "; update this node, or delete the snapshot and checkpoint again");
    }
  }

  /**
   * Marks the snapshot as deleted while leases keep its files in place. A rename, since that works
   * on a full disk too.
   */
  void condemn() throws IOException {
    DurableFiles.move(manifest(), condemned());
  }

  boolean isCondemned() {
    return Files.exists(condemned());
  }

  /** Makes the place for files that come one by one; until {@link #arrived} a crash discards it. */
  void beginArrival() throws IOException {
    Files.createDirectories(files());
    DurableFiles.write(arriving(), new byte[0]);
    DurableFiles.sync(path);
  }

  /** All files are there and durable. */
  void arrived(SnapshotManifest manifest) throws IOException {
    write(manifest);
    Files.delete(arriving());
    DurableFiles.sync(path);
  }

  boolean isArriving() {
    return Files.exists(arriving());
  }

  /** Notes that the shared store has it: should it be gone there one day, it was deleted. */
  public void markUploaded() throws IOException {
    if (!isUploaded()) {
      DurableFiles.write(uploaded(), new byte[0]);
      DurableFiles.sync(path);
    }
  }

  /** Whether the blob store holds the whole snapshot. */
  public boolean isUploaded() {
    return Files.exists(uploaded());
  }

  /** Keeps a record, in place of an older one of that name. */
  void attach(String name, byte[] record) throws IOException {
    Path fresh = path.resolve("fresh." + name);
    Files.deleteIfExists(fresh);
    DurableFiles.write(fresh, record);
    Files.move(
        fresh, record(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    DurableFiles.sync(path);
  }

  Optional<byte[]> attachment(String name) throws IOException {
    try {
      return Optional.of(Files.readAllBytes(record(name)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** The names of all records. */
  public List<String> attachments() throws IOException {
    try (Stream<Path> children = Files.list(path)) {
      return children
          .map(child -> String.valueOf(child.getFileName()))
          .filter(name -> name.startsWith("record."))
          .map(name -> name.substring("record.".length()))
          .toList();
    }
  }

  private byte[] bytes(Path file) throws IOException, StoreException {
    if (Files.size(file) > MAX_MANIFEST_BYTES) {
      throw damaged("is larger than " + MAX_MANIFEST_BYTES + " bytes");
    }
    return Files.readAllBytes(file);
  }

  /** A refusal on account of the manifest. */
  StoreException damaged(String what) {
    return new StoreException(
        Reason.DAMAGED,
        "snapshot '"
            + id
            + "': file '"
            + MANIFEST
            + "' "
            + what
            + "; delete the snapshot and checkpoint again");
  }
}
