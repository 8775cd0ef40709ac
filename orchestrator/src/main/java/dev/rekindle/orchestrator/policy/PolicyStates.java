package dev.rekindle.orchestrator.policy;

import dev.rekindle.api.EventType;
import dev.rekindle.orchestrator.function.DeployedFunction;
import dev.rekindle.orchestrator.function.FunctionStore;
import dev.rekindle.orchestrator.node.EventLog;
import dev.rekindle.orchestrator.node.EventLoop;
import dev.rekindle.orchestrator.node.Workers;
import io.vertx.core.Future;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Keeps on disk what the policies of all functions learn, each in its function's directory: {@link
 * #PERIOD_MS} after a change at the latest, at a change of policy and at the end of the service.
 * The files are replaced in one step, so that a killed service leaves the one before or the one
 * after. They are not forced to the disk: after a power cut one may be damaged, which its checksum
 * tells, and what it held is learnt anew. On the event loop; files are written by workers.
 */
public final class PolicyStates {
  private static final Logger LOG = System.getLogger(PolicyStates.class.getName());

  /** What a killed service forgets at most, unless writing takes long. */
  static final long PERIOD_MS = 3_000;

  /** Writing takes at most this share of the time: a long curve is written more seldom. */
  private static final double WRITING_SHARE = 0.02;

  private final EventLoop loop;
  private final Workers workers;
  private final EventLog events;
  private final FunctionStore store;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  /** The state of one function on its way to the disk. */
  private static final class Entry {
    final String function;
    FunctionPolicy policy;
    boolean timed;
    boolean failed;
    boolean onDisk = true;
    double tookMs;
    @Nullable Future<Void> writing;

    Entry(String function, FunctionPolicy policy) {
      this.function = function;
      this.policy = policy;
    }
  }

  /** Nothing is kept yet. */
  public PolicyStates(EventLoop loop, Workers workers, EventLog events, FunctionStore store) {
    this.loop = loop;
    this.workers = workers;
    this.events = events;
    this.store = store;
  }

  /** What was kept of a function, unless it cannot be used: a log line says why. Blocks. */
  public Optional<KeptPolicy> read(DeployedFunction function) {
    Path file = store.policyState(function.name());
    try {
      KeptPolicy kept = KeptPolicy.decode(Files.readAllBytes(file));
      if (kept.identity().equals(function.identity())) {
        return Optional.of(kept);
      }
      notUsed(function.name(), "it was learnt from other code or settings");
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      notUsed(function.name(), String.valueOf(e.getMessage()));
    }
    return Optional.empty();
  }

  /** Says that a policy learns anew, and why. */
  static void notUsed(String function, String why) {
    LOG.log(
        Logger.Level.WARNING,
        "event=policy-state-not-used function={0} reason=\"{1}\"",
        function,
        why);
  }

  /**
   * Keeps what this policy learns from now on; it takes the place of the function's earlier one.
   */
  public void keep(FunctionPolicy policy) {
    String name = policy.function().name();
    Entry entry = entries.computeIfAbsent(name, unused -> new Entry(name, policy));
    entry.policy = policy;
    policy.onChange(() -> changed(entry, policy));
    changed(entry, policy);
  }

  private void changed(Entry entry, FunctionPolicy policy) {
    if (entry.timed || entry.policy != policy) {
      return;
    }
    entry.timed = true;
    loop.after(
        Math.max(PERIOD_MS, Math.round(entry.tookMs / WRITING_SHARE)),
        () -> {
          if (entry.timed) {
            var unused = save(entry);
          }
        });
  }

  /** Writes now what a function's policy has learnt. */
  public Future<Void> save(String function) {
    Entry entry = entries.get(function);
    return entry == null ? Future.succeededFuture() : save(entry);
  }

  private Future<Void> save(Entry entry) {
    if (entry.writing != null) {
      return entry.writing.transform(done -> save(entry)); // one at a time, the newest last
    }
    if (!entry.timed || entries.get(entry.function) != entry) {
      return Future.succeededFuture();
    }
    entry.timed = false;
    KeptPolicy kept = entry.policy.kept();
    Future<Void> writing =
        workers.<Void>file(
            () -> {
              write(entry, kept);
              return null;
            });
    entry.writing = writing;
    return writing
        .onComplete(
            done -> {
              entry.writing = null;
              told(entry, done.cause());
            })
        .otherwiseEmpty();
  }

  private void write(Entry entry, KeptPolicy kept) throws IOException {
    long began = loop.nanoTime();
    if (!kept.isEmpty()) {
      store.writePolicyState(entry.function, kept.encode());
      entry.onDisk = true;
    } else if (entry.onDisk) {
      Files.deleteIfExists(store.policyState(entry.function));
      entry.onDisk = false;
    }
    entry.tookMs = (loop.nanoTime() - began) / 1e6;
  }

  /** The first of a row of failures is told: a full disk stays full for a while. */
  private void told(Entry entry, @Nullable Throwable failure) {
    if (failure != null && !entry.failed) {
      events.add(
          EventType.FAILURE,
          entry.function,
          null,
          null,
          "what its policy learnt is not kept: " + failure.getMessage(),
          null);
    }
    entry.failed = failure != null;
  }

  /** Keeps nothing more of a function; completes when nothing is written to its directory. */
  public Future<Void> forget(String function) {
    Entry entry = entries.remove(function);
    return entry == null || entry.writing == null
        ? Future.succeededFuture()
        : entry.writing.otherwiseEmpty();
  }

  /** Writes all that is not written yet. */
  public Future<Void> saveAll() {
    List<Future<Void>> all = List.copyOf(entries.values()).stream().map(this::save).toList();
    return Future.join(all).otherwiseEmpty().mapEmpty();
  }
}
