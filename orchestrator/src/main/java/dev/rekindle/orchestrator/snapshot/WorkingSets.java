package dev.rekindle.orchestrator.snapshot;

import dev.rekindle.engine.pages.WorkingSet;
import dev.rekindle.store.SnapshotStore;
import dev.rekindle.store.StoreException;
import java.io.IOException;
import java.lang.System.Logger;
import java.util.Optional;

/**
 * What the first lazy restores of each snapshot needed before their first response: a record that
 * the store keeps with the snapshot, so that other nodes have it too. A lost or damaged one costs
 * time, never bytes. Blocking.
 */
public final class WorkingSets {
  private static final Logger LOG = System.getLogger(WorkingSets.class.getName());
  private static final String NAME = "working-set";

  private final SnapshotStore store;

  /** The working sets beside a store's snapshots. */
  public WorkingSets(SnapshotStore store) {
    this.store = store;
  }

  /** The record of a snapshot, if there is a sound one. */
  public Optional<WorkingSet> find(String snapshotId) {
    try {
      Optional<byte[]> record = store.attachment(snapshotId, NAME);
      return record.isEmpty() ? Optional.empty() : Optional.of(WorkingSet.parse(record.get()));
    } catch (StoreException | IOException e) {
      LOG.log(
          Logger.Level.WARNING,
          "event=working-set-unreadable snapshot={0} error=\"{1}\"",
          snapshotId,
          e.getMessage());
      return Optional.empty();
    }
  }

  /** Keeps the record of a snapshot. */
  public void keep(String snapshotId, WorkingSet workingSet) throws StoreException {
    store.attach(snapshotId, NAME, workingSet.toBytes());
  }
}
