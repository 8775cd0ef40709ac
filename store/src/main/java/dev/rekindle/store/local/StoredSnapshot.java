package dev.rekindle.store.local;

import dev.rekindle.store.SnapshotManifest;
import dev.rekindle.store.StoreException;
import dev.rekindle.store.StoreException.Reason;
import dev.rekindle.store.io.FileStamp;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.NoSuchFileException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One id's state in a filesystem store. Guarded by the store, but for {@link #verify()}, which
 * takes long and needs only a lease.
 */
final class StoredSnapshot {
  /**
   * DRAFT becomes READY, by way of ARRIVING if its files come from elsewhere; READY may become
   * UNUSABLE; all but DRAFT may become CONDEMNED.
   */
  enum State {
    /** Being written; invisible. */
    DRAFT,
    /** Its files come one by one; only those who know that may lease it. */
    ARRIVING,
    /** Whole, as far as was read. */
    READY,
    /** Found damaged, or of a newer format; can only be deleted. */
    UNUSABLE,
    /** Deleted; its files stay until the last lease closes. */
    CONDEMNED
  }

  private static final Logger LOG = System.getLogger(StoredSnapshot.class.getName());

  /** The manifest's own stamp in the record; no file can have this name. */
  private static final String MANIFEST_STAMP = "/manifest";

  private record Verified(FileStamp manifest, Map<String, FileStamp> files) {}

  private final SnapshotHome home;
  private final Object firstVerification = new Object();
  private volatile @Nullable Verified verified;
  private State state = State.DRAFT;
  private int leases;
  private @Nullable SnapshotManifest manifest;
  private @Nullable StoreException problem;

  /** A snapshot that is about to be written. */
  StoredSnapshot(SnapshotHome home) {
    this.home = home;
  }

  SnapshotHome home() {
    return home;
  }

  State state() {
    return state;
  }

  /** The manifest of a snapshot that is or was ARRIVING or READY. */
  SnapshotManifest manifest() {
    return Objects.requireNonNull(manifest, "only a ready snapshot has a manifest");
  }

  /** Why the snapshot is UNUSABLE. */
  StoreException problem() {
    return Objects.requireNonNull(problem, "only an unusable snapshot has a problem");
  }

  /** DRAFT → ARRIVING. */
  void arriving(SnapshotManifest known) {
    manifest = known;
    state = State.ARRIVING;
  }

  /** DRAFT → READY, found on disk: nothing but the manifest has been read yet. */
  void found(SnapshotManifest read) {
    manifest = read;
    state = State.READY;
    // A file that was touched since has another stamp, and is read.
    verified =
        home.stamps()
            .read()
            .map(
                stamps -> {
                  var files = new HashMap<>(stamps);
                  FileStamp ofManifest = files.remove(MANIFEST_STAMP);
                  return ofManifest == null ? null : new Verified(ofManifest, files);
                })
            .orElse(null);
  }

  /**
   * DRAFT or ARRIVING → READY, just written: counts as verified with the stamps taken at commit.
   */
  void committed(
      SnapshotManifest written, FileStamp manifestStamp, Map<String, FileStamp> fileStamps) {
    manifest = written;
    state = State.READY;
    verified = new Verified(manifestStamp, fileStamps);
    keepStamps();
  }

  /** DRAFT or READY → UNUSABLE. */
  void unusable(StoreException reason) {
    problem = reason;
    state = State.UNUSABLE;
  }

  /** Whether {@link #condemn()} has something to do; true again after a removal that failed. */
  boolean canCondemn() {
    return state == State.READY
        || state == State.UNUSABLE
        || (state == State.CONDEMNED && leases == 0);
  }

  /** ARRIVING, READY or UNUSABLE → CONDEMNED. */
  void condemn() {
    state = State.CONDEMNED;
  }

  void lease() {
    leases++;
  }

  void release() {
    leases--;
  }

  int leases() {
    return leases;
  }

  /**
   * Compares the files with the manifest. What was verified before is read again only if its stamp
   * changed. Once verified, callers check side by side; before that one reads for all.
   */
  void verify() throws IOException, StoreException {
    if (verified != null) {
      verified = check(verified);
      return;
    }
    synchronized (firstVerification) {
      boolean first = verified == null;
      verified = check(verified);
      if (first) {
        keepStamps();
      }
    }
  }

  /** For the next start of the service; without them that one reads the files again. */
  private void keepStamps() {
    Verified known = verified;
    if (known == null) {
      return;
    }
    try {
      Map<String, FileStamp> stamps = new HashMap<>(known.files());
      stamps.put(MANIFEST_STAMP, known.manifest());
      home.stamps().write(stamps);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "event=stamps-not-kept snapshot={0} cause={1}", home.id(), e);
    }
  }

  private Verified check(@Nullable Verified before) throws IOException, StoreException {
    try {
      var stamp = FileStamp.of(home.manifest());
      if ((before == null || !stamp.equals(before.manifest())) && !home.read().equals(manifest())) {
        throw home.damaged("is not the one that was found when the store was opened");
      }
      var files = new SnapshotFiles(home.id(), home.files());
      return new Verified(
          stamp, files.verify(manifest().files(), before == null ? Map.of() : before.files()));
    } catch (NoSuchFileException e) {
      throw new StoreException(
          Reason.DAMAGED,
          "snapshot '"
              + home.id()
              + "': file '"
              + e.getFile()
              + "' is missing; delete the snapshot and checkpoint again");
    }
  }
}
