package dev.rekindle.orchestrator.node;

import dev.rekindle.api.EventRecord;
import dev.rekindle.api.EventType;
import java.lang.System.Logger;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What happened lately, for listeners and for the log. Lives on the service's event loop. */
public final class EventLog {
  private static final Logger LOG = System.getLogger(EventLog.class.getName());

  /** Enough for a listener that reconnects to miss nothing of a busy minute. */
  private static final int KEPT = 1_000;

  private final InstantSource clock;
  private final Deque<EventRecord> kept = new ArrayDeque<>();
  private final Set<Consumer<EventRecord>> listeners = new LinkedHashSet<>();
  private long lastId;

  /** A log without events. */
  public EventLog(InstantSource clock) {
    this.clock = clock;
  }

  /** Tells of an event that concerns a function, and perhaps an instance and a snapshot. */
  public void add(
      EventType type,
      String function,
      @Nullable String instance,
      @Nullable String snapshot,
      String message,
      @Nullable Double millis) {
    EventRecord event =
        new EventRecord(
            ++lastId, clock.instant(), type, function, instance, snapshot, message, millis);
    kept.addLast(event);
    if (kept.size() > KEPT) {
      kept.removeFirst();
    }
    LOG.log(
        type == EventType.FAILURE ? Logger.Level.WARNING : Logger.Level.INFO,
        "event={0} function={1} instance={2} snapshot={3} ms={4} message=\"{5}\"",
        type.wire(),
        function,
        instance == null ? "-" : instance,
        snapshot == null ? "-" : snapshot,
        millis == null ? "-" : Double.toString(Math.round(millis * 1000) / 1000.0),
        message);
    List.copyOf(listeners).forEach(listener -> listener.accept(event));
  }

  /** The kept events after an id, oldest first. */
  public List<EventRecord> after(long id) {
    return kept.stream().filter(event -> event.id() > id).toList();
  }

  /** Calls a listener for each event from now on. */
  public void listen(Consumer<EventRecord> listener) {
    listeners.add(listener);
  }

  /** Calls it no more. */
  public void forget(Consumer<EventRecord> listener) {
    listeners.remove(listener);
  }
}
