package dev.rekindle.api;

import java.util.List;

/**
 * The snapshots of a function, oldest first.
 *
 * @param snapshots the entries
 */
public record SnapshotList(List<SnapshotDescription> snapshots) {
  /** Copies the list. */
  public SnapshotList {
    snapshots = List.copyOf(snapshots);
  }
}
