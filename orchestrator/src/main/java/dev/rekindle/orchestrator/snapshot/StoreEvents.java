package dev.rekindle.orchestrator.snapshot;

import dev.rekindle.api.EventType;
import dev.rekindle.orchestrator.node.EventLog;
import dev.rekindle.orchestrator.node.EventLoop;
import dev.rekindle.store.SnapshotManifest;
import dev.rekindle.store.StoreException;
import dev.rekindle.store.StoreListener;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Tells of what the store does by itself, and takes out of use what it found damaged. */
public final class StoreEvents implements StoreListener {
  private volatile @Nullable Target target;

  private record Target(EventLoop loop, EventLog events, SnapshotCatalog catalog) {}

  /** From now on events go there; what came before was only logged by the store. */
  public void connect(EventLoop loop, EventLog events, SnapshotCatalog catalog) {
    target = new Target(loop, events, catalog);
  }

  @Override
  public void uploaded(SnapshotManifest snapshot, long newBytes, long nanos) {
    add(
        EventType.UPLOAD,
        snapshot,
        "%d new bytes in the shared store".formatted(newBytes),
        nanos / 1e6);
  }

  @Override
  public void uploadDelayed(SnapshotManifest snapshot, StoreException why) {
    add(
        EventType.FAILURE,
        snapshot,
        "upload: it waits on this node and is tried again: " + why.getMessage(),
        null);
  }

  @Override
  public void arrived(SnapshotManifest snapshot, long bytesFetched) {
    add(
        EventType.FETCH,
        snapshot,
        "all of it is on this node; %d bytes fetched".formatted(bytesFetched),
        null);
  }

  @Override
  public void evicted(SnapshotManifest snapshot) {
    add(EventType.EVICTION, snapshot, "its files made room on the local disk", null);
  }

  @Override
  public void damaged(String id, StoreException why, boolean lost) {
    onLoop(
        to -> {
          if (lost) {
            to.catalog().outOfUse(id);
          }
          to.events()
              .add(
                  EventType.FAILURE,
                  to.catalog().find(id).map(s -> s.function()).orElse(""),
                  null,
                  id,
                  why.getMessage()
                      + (lost ? " (the snapshot is out of use)" : " (it is fetched again)"),
                  null);
        });
  }

  private void add(
      EventType type, SnapshotManifest snapshot, String message, @Nullable Double millis) {
    String function = SnapshotLabels.of(snapshot).function();
    onLoop(to -> to.events().add(type, function, null, snapshot.id(), message, millis));
  }

  private void onLoop(Consumer<Target> work) {
    Target to = target;
    if (to != null) {
      to.loop().post(() -> work.accept(to));
    }
  }
}
