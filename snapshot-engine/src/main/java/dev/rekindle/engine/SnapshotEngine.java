package dev.rekindle.engine;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.rekindle.engine.criu.rpc.CriuRequest;
import dev.rekindle.engine.criu.rpc.CriuResponse;
import dev.rekindle.engine.criu.rpc.RequestType;
import dev.rekindle.engine.criu.rpc.VersionResponse;
import dev.rekindle.engine.pages.LazyOptions;
import dev.rekindle.engine.pages.LazySnapshots;
import dev.rekindle.engine.pages.PageServer;
import dev.rekindle.engine.pages.PageServerConfig;
import dev.rekindle.engine.pages.PageSession;
import dev.rekindle.engine.pages.PageSource;
import dev.rekindle.engine.pages.PageSourceException;
import dev.rekindle.engine.pages.SnapshotPages;
import dev.rekindle.engine.sandbox.CgroupRoots;
import dev.rekindle.engine.sandbox.Greeting;
import dev.rekindle.engine.sandbox.OutputListener;
import dev.rekindle.engine.sandbox.Sandbox;
import dev.rekindle.engine.sandbox.SandboxDirectories;
import dev.rekindle.engine.sandbox.SandboxException;
import dev.rekindle.engine.sandbox.SandboxPool;
import dev.rekindle.engine.sandbox.SandboxSpec;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Sandboxes, checkpoints and restores on this host. Safe for use by many threads; calls block, so
 * they belong on worker threads.
 */
public final class SnapshotEngine implements AutoCloseable {
  private static final Logger LOG = System.getLogger(SnapshotEngine.class.getName());

  private final EngineConfig config;
  private final Optional<CgroupRoots> cgroups;
  private final SandboxPool pool;
  private final HostFacts host;
  private final PreparedRestores prepared;
  private final LazySnapshots lazySnapshots = new LazySnapshots();
  private final PageServer pageServer =
      PageServer.start(PageServerConfig.defaults(), System::nanoTime);

  private SnapshotEngine(
      EngineConfig config, Optional<CgroupRoots> cgroups, SandboxPool pool, HostFacts host) {
    this.config = config;
    this.cgroups = cgroups;
    this.pool = pool;
    this.host = host;
    this.prepared = new PreparedRestores(this::primed, pool::later);
  }

  /**
   * Starts the sandbox daemon and learns what the kernel and CRIU can do.
   *
   * @throws SandboxException if this host cannot make sandboxes; the message says why
   */
  public static SnapshotEngine open(EngineConfig config) {
    Optional<CgroupRoots> cgroups = Optional.empty();
    SandboxPool pool = null;
    try {
      SandboxDirectories.deleteTree(config.stateDirectory());
      SandboxDirectories.deleteTree(config.workDirectory());
      Files.createDirectories(config.stateDirectory());
      Files.createDirectories(config.workDirectory());
      cgroups = CgroupRoots.open("rekindle-" + config.stateDirectory().getFileName());
      if (cgroups.isEmpty()) {
        LOG.log(
            Logger.Level.WARNING,
            "event=memory-limits-off reason=\"no writable cgroup hierarchy with memory and pids\"");
      }
      pool =
          new SandboxPool(
              config.criu(),
              config.stateDirectory(),
              config.workDirectory(),
              config.readySandboxes(),
              cgroups);
      HostFacts host = probe(config, pool);
      pool.fill();
      return new SnapshotEngine(config, cgroups, pool, host);
    } catch (IOException | RuntimeException e) {
      closeQuietly(pool, cgroups, config);
      if (e instanceof SandboxException known) {
        throw known;
      }
      throw new SandboxException(
          SandboxException.Cause.REFUSED, "the engine cannot start: " + e.getMessage(), e);
    }
  }

  /** Asks CRIU for its version, and keeps what it learnt of the kernel for all later calls. */
  private static HostFacts probe(EngineConfig config, SandboxPool pool) throws IOException {
    try (Sandbox sandbox = pool.take()) {
      sandbox.configure(
          new SandboxSpec("probe", List.of(), 256L << 20, SandboxSpec.DEFAULT_MAX_PROCESSES));
      CriuResponse features =
          CriuResponse.parseFrom(
              sandbox.criu(
                  Sandbox.CriuIdentity.ROOT,
                  CriuRequest.newBuilder()
                      .setType(RequestType.FEATURE_CHECK)
                      .setFeatures(
                          dev.rekindle.engine.criu.rpc.Features.newBuilder().setLazyPages(true))
                      .build()
                      .toByteArray(),
                  config.checkpointTimeout()));
      CriuResponse version =
          CriuResponse.parseFrom(
              sandbox.criu(
                  Sandbox.CriuIdentity.ROOT,
                  CriuRequest.newBuilder().setType(RequestType.VERSION).build().toByteArray(),
                  config.checkpointTimeout()));
      if (!features.getSuccess() || !version.getSuccess()) {
        throw new SandboxException(
            SandboxException.Cause.REFUSED,
            "CRIU at %s does not work on this kernel: run './rekindle setup'"
                .formatted(config.criu()));
      }
      Path facts = sandbox.hostRoot().resolve("run/criu.kdat");
      if (Files.exists(facts)) {
        Files.copy(
            facts,
            config.stateDirectory().resolve("criu.kdat"),
            StandardCopyOption.REPLACE_EXISTING);
      }
      VersionResponse v = version.getVersion();
      return HostFacts.read(v.getMajorNumber() + "." + v.getMinorNumber() + "." + v.getSublevel());
    } catch (InvalidProtocolBufferException e) {
      throw new IOException("CRIU's answer was not understood", e);
    }
  }

  /** What a snapshot made here needs, and what one to be restored here is held against. */
  public HostFacts host() {
    return host;
  }

  /** The sandbox daemon's process id, for diagnosis. */
  long daemonPid() {
    return pool.daemonPid();
  }

  /** Whether limits on memory and processes are kept on this host. */
  public boolean keepsLimits() {
    return cgroups.isPresent();
  }

  /**
   * A sandbox set up for a function that is to be booted. The caller closes it.
   *
   * @throws SandboxException if a directory is missing or the host refuses
   */
  public Sandbox sandbox(SandboxSpec spec) {
    // The daemon's end takes all ready sandboxes along, and it may be known only by their use.
    for (int more = config.readySandboxes(); ; more--) {
      Sandbox sandbox = pool.take();
      try {
        sandbox.configure(spec);
        return sandbox;
      } catch (RuntimeException e) {
        // A broken connection shows here before its own thread notices it.
        boolean gone =
            !sandbox.isAlive()
                || (e instanceof SandboxException known
                    && known.kind() == SandboxException.Cause.GONE);
        sandbox.close();
        if (!gone || more <= 0) {
          throw e;
        }
      }
    }
  }

  /**
   * Freezes a function.
   *
   * @param sandbox where it runs, with no connection to its socket open or waiting
   * @param pid its root process there
   * @param target an existing, empty directory, best on the file system of the state directory
   * @param leaveRunning whether the function runs on; otherwise it is ended
   * @throws CheckpointException if it did not work; the target then holds nothing of use
   */
  public CheckpointResult checkpoint(Sandbox sandbox, int pid, Path target, boolean leaveRunning) {
    return checkpoint(sandbox, pid, target, leaveRunning, pause -> {});
  }

  /**
   * Freezes a function, and tells when it runs again: the images are made fit for all modes after
   * that. The sandbox must not be closed before this returns.
   *
   * @param thawed called on this thread with how long the function stood still; not called if the
   *     dump fails
   */
  public CheckpointResult checkpoint(
      Sandbox sandbox, int pid, Path target, boolean leaveRunning, Consumer<Duration> thawed) {
    Duration pause =
        new Checkpoint(sandbox, pid, leaveRunning, config.checkpointTimeout()).into(target, thawed);
    return new CheckpointResult(host.toRequirements(), pause);
  }

  /**
   * Restores a snapshot into a sandbox of its own.
   *
   * @param snapshot the directory that {@link #checkpoint} filled; it must stay until the restored
   *     function has ended
   * @param requirements what {@link #checkpoint} returned
   * @param mode how its memory comes back; not {@link RestoreMode#LAZY}, which is {@link
   *     #restoreLazily}
   * @param listener receives what the function prints
   * @throws RestoreException if it did not work; nothing is left behind
   */
  public RestoredProcess restore(
      Path snapshot,
      Map<String, String> requirements,
      RestoreMode mode,
      SandboxSpec spec,
      OutputListener listener) {
    return restore(snapshot, requirements, mode, spec, listener, Optional.empty());
  }

  /**
   * As {@link #restore(Path, Map, RestoreMode, SandboxSpec, OutputListener)}, and says something to
   * the function as soon as it runs.
   */
  public RestoredProcess restore(
      Path snapshot,
      Map<String, String> requirements,
      RestoreMode mode,
      SandboxSpec spec,
      OutputListener listener,
      Optional<Greeting> greeting) {
    long start = System.nanoTime();
    requireCompatible(requirements);
    PreparedRestores.Key key = new PreparedRestores.Key(snapshot, mode, spec);
    Restore restore = prepared.take(key).orElseGet(() -> unprimed(key));
    try {
      restore.sandbox().onOutput(listener);
      CompletableFuture<ByteBuffer> greeted = greet(restore.sandbox(), greeting);
      int pid = restore.run();
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      prepared.prepare(key);
      return new RestoredProcess(restore.sandbox(), pid, took, greeted);
    } catch (RuntimeException e) {
      restore.sandbox().close();
      throw e;
    }
  }

  private static CompletableFuture<ByteBuffer> greet(Sandbox sandbox, Optional<Greeting> greeting) {
    return greeting
        .map(sandbox::greet)
        .orElseGet(() -> CompletableFuture.completedFuture(ByteBuffer.allocate(0)));
  }

  private Restore unprimed(PreparedRestores.Key key) {
    Sandbox sandbox = sandboxFor(key.snapshot(), key.spec());
    try {
      return new Restore(sandbox, key.snapshot(), key.mode(), config.restoreTimeout());
    } catch (RuntimeException e) {
      sandbox.close();
      throw e;
    }
  }

  private Restore primed(PreparedRestores.Key key) {
    Restore restore = unprimed(key);
    try {
      restore.prime();
      return restore;
    } catch (RuntimeException e) {
      restore.sandbox().close();
      throw e;
    }
  }

  /**
   * Does ahead what can be done of a restore. Later restores of the same kind find it by
   * themselves; each prepares the one after it.
   */
  public void prepare(Path snapshot, RestoreMode mode, SandboxSpec spec) {
    prepared.prepare(new PreparedRestores.Key(snapshot, mode, spec));
  }

  /** Lets go of what was prepared for snapshots whose directories are gone. */
  public void forgetDeleted() {
    prepared.sweep();
  }

  /**
   * Restores a snapshot whose memory comes back when it is asked for.
   *
   * @param source where the pages come from, or empty for the snapshot's own images; the engine
   *     closes it
   * @param options what is brought first
   * @return the function and the service of its pages; parameters and errors are otherwise as with
   *     {@link #restore}
   */
  public LazilyRestoredProcess restoreLazily(
      Path snapshot,
      Map<String, String> requirements,
      SandboxSpec spec,
      OutputListener listener,
      Optional<PageSource> source,
      LazyOptions options) {
    return restoreLazily(snapshot, requirements, spec, listener, source, options, Optional.empty());
  }

  /**
   * As {@link #restoreLazily(Path, Map, SandboxSpec, OutputListener, Optional, LazyOptions)}, and
   * says something to the function as soon as it runs.
   */
  public LazilyRestoredProcess restoreLazily(
      Path snapshot,
      Map<String, String> requirements,
      SandboxSpec spec,
      OutputListener listener,
      Optional<PageSource> source,
      LazyOptions options,
      Optional<Greeting> greeting) {
    long start = System.nanoTime();
    requireCompatible(requirements);
    SnapshotPages snapshotPages;
    PreparedRestores.Key key = new PreparedRestores.Key(snapshot, RestoreMode.LAZY, spec);
    Restore restore;
    try {
      snapshotPages = lazySnapshots.open(snapshot, source);
    } catch (PageSourceException e) {
      throw new RestoreException(
          RestoreException.Cause.DAMAGED, "not restored: " + e.getMessage(), List.of());
    }
    try {
      restore = prepared.take(key).orElseGet(() -> unprimed(key));
    } catch (RuntimeException e) {
      snapshotPages.release();
      throw e;
    }
    try {
      restore.sandbox().onOutput(listener);
      LazyRestore lazy = new LazyRestore(pageServer, restore, snapshot);
      PageSession session = lazy.begin(snapshotPages, options);
      CompletableFuture<ByteBuffer> greeted = greet(restore.sandbox(), greeting);
      int pid = lazy.run(session);
      Duration took = Duration.ofNanos(System.nanoTime() - start);
      prepared.prepare(key);
      return new LazilyRestoredProcess(
          new RestoredProcess(restore.sandbox(), pid, took, greeted), session);
    } catch (RuntimeException e) {
      restore.sandbox().close();
      throw e;
    }
  }

  private void requireCompatible(Map<String, String> requirements) {
    Optional<String> mismatch = host.mismatch(requirements);
    if (mismatch.isPresent()) {
      throw RestoreException.incompatible(mismatch.get());
    }
  }

  private Sandbox sandboxFor(Path snapshot, SandboxSpec spec) {
    List<SandboxSpec.Bind> binds = new ArrayList<>(spec.readOnly());
    binds.add(new SandboxSpec.Bind(snapshot, Sandbox.SNAPSHOT));
    return sandbox(
        new SandboxSpec(
            spec.hostname(), binds, spec.memoryBytes(), spec.maxProcesses(), spec.port()));
  }

  /** Ends all sandboxes and removes all that the engine put on the host. */
  @Override
  public void close() {
    pageServer.close();
    prepared.clear();
    closeQuietly(pool, cgroups, config);
  }

  private static void closeQuietly(
      @org.jspecify.annotations.Nullable SandboxPool pool,
      Optional<CgroupRoots> cgroups,
      EngineConfig config) {
    if (pool != null) {
      pool.close();
    }
    cgroups.ifPresent(CgroupRoots::close);
    SandboxDirectories.deleteTree(config.stateDirectory());
    SandboxDirectories.deleteTree(config.workDirectory());
  }
}
