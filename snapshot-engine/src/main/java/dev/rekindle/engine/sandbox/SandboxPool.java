package dev.rekindle.engine.sandbox;

import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Makes sandboxes, a few of them ahead of need. Restarts the daemon if it died. */
public final class SandboxPool implements AutoCloseable {
  private static final Logger LOG = System.getLogger(SandboxPool.class.getName());

  private static final long FILLER_SECONDS = 5;

  /**
   * Work for the next start waits that long, so that it does not compete for a core with the start
   * that caused it.
   */
  private static final long LATER_MS = 30;

  private final Path criu;
  private final Path stateDirectory;
  private final Path workDirectory;
  private final int wanted;
  private final Optional<CgroupRoots> cgroups;
  private final ControlReactor reactor;
  private final AtomicLong ids = new AtomicLong();
  private final Deque<Sandbox> ready = new ArrayDeque<>();
  private final ScheduledThreadPoolExecutor filler = filler();
  private SandboxDaemon daemon;
  private boolean closed;

  public SandboxPool(
      Path criu, Path stateDirectory, Path workDirectory, int wanted, Optional<CgroupRoots> cgroups)
      throws IOException {
    this.criu = criu;
    this.stateDirectory = stateDirectory;
    this.workDirectory = workDirectory;
    this.wanted = wanted;
    this.cgroups = cgroups;
    this.daemon = SandboxDaemon.start(stateDirectory, criu);
    try {
      this.reactor = new ControlReactor();
    } catch (IOException e) {
      daemon.close();
      throw e;
    }
  }

  private static ScheduledThreadPoolExecutor filler() {
    ScheduledThreadPoolExecutor filler =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "rekindle-sandboxes");
              thread.setDaemon(true);
              return thread;
            });
    filler.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    return filler;
  }

  /** Starts to keep sandboxes ready. */
  public void fill() {
    filler.execute(this::fillNow);
  }

  /** Does work that helps the next start, once the present one is likely done. */
  public void later(Runnable work) {
    try {
      var unused = filler.schedule(work, LATER_MS, TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException e) {
      // Closing: there will be no next start.
    }
  }

  private void fillNow() {
    try {
      while (true) {
        synchronized (this) {
          if (closed || ready.size() >= wanted) {
            return;
          }
        }
        Sandbox sandbox = make();
        synchronized (this) {
          if (!closed) {
            ready.addLast(sandbox);
            continue;
          }
        }
        sandbox.close();
      }
    } catch (SandboxException e) {
      LOG.log(Logger.Level.WARNING, "event=sandbox-not-made error={0}", e.getMessage());
    }
  }

  /** A ready sandbox, or a new one. */
  public Sandbox take() {
    while (true) {
      Sandbox sandbox;
      synchronized (this) {
        sandbox = ready.pollFirst();
      }
      if (sandbox == null) {
        sandbox = make();
      } else if (!sandbox.isAlive()) {
        sandbox.close();
        continue;
      }
      later(this::fillNow);
      return sandbox;
    }
  }

  private Sandbox make() {
    String id = "s" + ids.incrementAndGet();
    SandboxDirectories directories = new SandboxDirectories(workDirectory.resolve(id));
    MemoryCgroup cgroup = cgroups.map(roots -> new MemoryCgroup(roots, id)).orElse(null);
    SandboxDaemon maker = liveDaemon();
    try {
      return Sandbox.open(id, reactor, maker.socket(), directories, cgroup);
    } catch (SandboxException e) {
      if (!maker.hasEnded()) {
        throw e;
      }
      return Sandbox.open(id, reactor, liveDaemon().socket(), directories, cgroup);
    }
  }

  private synchronized SandboxDaemon liveDaemon() {
    if (closed) {
      throw new SandboxException(SandboxException.Cause.GONE, "the engine is closed");
    }
    if (!daemon.isAlive()) {
      LOG.log(Logger.Level.ERROR, "event=sandbox-daemon-died pid={0}", Long.toString(daemon.pid()));
      daemon = SandboxDaemon.start(stateDirectory, criu);
    }
    return daemon;
  }

  /** The daemon's process id, for diagnosis. */
  public synchronized long daemonPid() {
    return daemon.pid();
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    filler.shutdown();
    SandboxDaemon last;
    synchronized (this) {
      ready.forEach(Sandbox::close);
      ready.clear();
      last = daemon;
    }
    last.close(); // takes sandboxes that are still out along
    reactor.close();
    try {
      // It may be about to make directories.
      if (!filler.awaitTermination(FILLER_SECONDS, TimeUnit.SECONDS)) {
        LOG.log(Logger.Level.WARNING, "event=sandbox-filler-left");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
