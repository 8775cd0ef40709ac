package dev.rekindle.store;

import dev.rekindle.store.ManifestJson.MalformedManifest;
import dev.rekindle.store.ManifestJson.NewerManifest;
import dev.rekindle.store.StoreException.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The directory of one snapshot: {@code files/} with the snapshot's own files, {@code
 * manifest.json}, and {@code manifest.sha256} with the digest of the manifest's exact bytes, in the
 * format of {@code sha256sum -c}. The digest lies beside the manifest and not in it, so that every
 * flipped bit shows, those in fields this release does not know included.
 *
 * @param id the snapshot's id
 * @param path where it is
 */
record SnapshotHome(String id, Path path) {
  /** Far beyond any real manifest; keeps a damaged length from filling the heap. */
  private static final long MAX_MANIFEST_BYTES = 16L << 20;

  private static final String MANIFEST = "manifest.json";

  Path files() {
    return path.resolve("files");
  }

  Path manifest() {
    return path.resolve(MANIFEST);
  }

  private Path digest() {
    return path.resolve("manifest.sha256");
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
