package dev.rekindle.engine.sandbox;

import java.io.IOException;
import java.lang.System.Logger;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The namespaces and directories in which one instance lives, and the line to its init. A sandbox
 * serves one function, once: {@link #configure}, then either {@link #spawn} or a restore, then
 * {@link #close}, which ends all processes in it. Calls block for a few milliseconds; use worker
 * threads.
 */
public final class Sandbox implements AutoCloseable {
  /** Where the function's code is, inside. */
  public static final String CODE = "/var/task";

  /** Where the warmers' bootstrap files are, inside. */
  public static final String RUNTIME = "/rekindle/runtime";

  /** Where the function's sockets are, inside; writable for it until it is ready. */
  public static final String SOCKETS = "/run/rekindle";

  /** The uid and gid of functions. */
  public static final int FUNCTION_ID = 61_100;

  /** Init's descriptor of {@link #WORK} (wire.h). */
  public static final int WORK_DIRECTORY_FD = 9;

  /** The private directory of CRIU's work files, as the sandbox sees it. */
  public static final String WORK = "/rekindle/private/work";

  /** The private directory of the snapshot, as the sandbox sees it. */
  public static final String SNAPSHOT = "/rekindle/private/snapshot";

  private static final int SIGKILL = 9;
  private static final int EOPNOTSUPP = 95;

  /**
   * How many ends of processes are kept for who may ask. Processes that lost their parent end here
   * too, and a function can make any number of them.
   */
  private static final int MAX_EXITS = 64;

  private static final Logger LOG = System.getLogger(Sandbox.class.getName());

  private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(20);

  /** What init tells of itself once it stands. */
  public record Hello(long hostPid, boolean canDumpAsRoot, long outputInode, long errorInode) {}

  private final String id;
  private final SandboxDirectories directories;
  private final CompletableFuture<Hello> hello = new CompletableFuture<>();
  private final CompletableFuture<String> readiness = new CompletableFuture<>();
  private final Map<Integer, CompletableFuture<ByteBuffer>> pending = new ConcurrentHashMap<>();
  private final Map<Integer, CompletableFuture<ExitStatus>> exits = new ConcurrentHashMap<>();
  private final AtomicInteger tags = new AtomicInteger();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final CompletableFuture<Void> disconnected = new CompletableFuture<>();
  private volatile OutputListener output = (stream, bytes) -> {};
  private @Nullable ControlConnection connection;
  private @Nullable MemoryCgroup cgroup;
  private volatile boolean relayed;

  private Sandbox(String id, SandboxDirectories directories) {
    this.id = id;
    this.directories = directories;
  }

  /** Makes a sandbox through the daemon and waits until its init stands. */
  static Sandbox open(
      String id,
      ControlReactor reactor,
      Path daemonSocket,
      SandboxDirectories directories,
      @Nullable MemoryCgroup cgroup) {
    Sandbox sandbox = new Sandbox(id, directories);
    try {
      directories.create();
      sandbox.connection = reactor.connect(daemonSocket, sandbox.new Events());
      Hello hello = sandbox.await(sandbox.hello, REQUEST_TIMEOUT, "start");
      if (cgroup != null) {
        sandbox.cgroup = cgroup;
        cgroup.create(hello.hostPid());
      }
      return sandbox;
    } catch (IOException e) {
      sandbox.close();
      throw new SandboxException(
          SandboxException.Cause.REFUSED, "sandbox " + id + " was not made: " + e.getMessage(), e);
    } catch (RuntimeException e) {
      sandbox.close();
      throw e;
    }
  }

  /** Its name, unique within the engine's life. */
  public String id() {
    return id;
  }

  /**
   * The host's path of {@link #SOCKETS}. It lies on the sandbox's own small tmpfs, so that a
   * function cannot fill a disk of the host, and is gone with the sandbox. Connect to a socket
   * there only once {@link #readiness} is complete, with a text, or the function is restored: from
   * then on nothing but sockets is in it.
   */
  public Path socketDirectory() {
    return hostRoot().resolve(SOCKETS.substring(1));
  }

  /** The host directory for CRIU's logs and for images being dumped. */
  public Path workDirectory() {
    return directories.work();
  }

  /** The host's view of the sandbox's root directory. */
  public Path hostRoot() {
    return Path.of("/proc/" + hello().hostPid() + "/root");
  }

  /** What its init said of itself at its start. */
  public Hello hello() {
    return hello.join();
  }

  /** Whether its init still answers. */
  public boolean isAlive() {
    return !disconnected.isDone();
  }

  /** Completes when its init is gone or the sandbox is closed; its processes end about then. */
  public CompletableFuture<Void> ended() {
    return disconnected;
  }

  /**
   * Kills all its processes; when this returns none of them runs another instruction.
   *
   * @throws SandboxException if they cannot be seen to end
   */
  public void killAll() {
    try {
      kill(-1, SIGKILL);
    } catch (SandboxException e) {
      close();
      // Pid 1 of a namespace is gone only after all others in it.
      Path init = Path.of("/proc/" + hello().hostPid());
      long deadline = System.nanoTime() + REQUEST_TIMEOUT.toNanos();
      while (Files.exists(init)) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
        LockSupport.parkNanos(100_000);
      }
    }
  }

  /** Receives what the function prints from now on. */
  public void onOutput(OutputListener listener) {
    output = listener;
  }

  /**
   * Gives the sandbox its function's directories and limits, and closes the host's root to it.
   *
   * @throws SandboxException if a directory is missing or the kernel refuses
   */
  public void configure(SandboxSpec spec) {
    List<String> directives = new ArrayList<>();
    for (SandboxSpec.Bind bind : spec.readOnly()) {
      directives.addAll(List.of("read-only", bind.source().toString(), bind.target()));
    }
    directives.addAll(List.of("writable", directories.work().toString(), WORK));
    directives.addAll(List.of("hostname", spec.hostname()));
    directives.addAll(List.of("tmp-bytes", Long.toString(spec.memoryBytes())));
    if (spec.port() > 0) {
      directives.addAll(List.of("port", Integer.toString(spec.port())));
    }
    relayed = spec.port() > 0;
    MemoryCgroup limits = cgroup;
    if (limits != null) {
      try {
        limits.limit(spec.memoryBytes(), spec.maxProcesses());
      } catch (IOException e) {
        throw new SandboxException(
            SandboxException.Cause.REFUSED,
            "the memory limit of sandbox " + id + " was not set: " + e.getMessage(),
            e);
      }
    }
    request(ControlFrame.CONFIGURE, ControlFrame.strings(directives), REQUEST_TIMEOUT, "configure");
  }

  /**
   * Starts a program as the function's user.
   *
   * @param command an absolute path and its arguments
   * @param environment the whole environment
   * @param directory the working directory, inside
   * @return its pid in the sandbox
   */
  public int spawn(List<String> command, Map<String, String> environment, String directory) {
    List<String> directives = new ArrayList<>(List.of("directory", directory));
    command.forEach(argument -> directives.addAll(List.of("argument", argument)));
    environment.forEach((name, v) -> directives.addAll(List.of("environment", name + "=" + v)));
    return request(ControlFrame.SPAWN, ControlFrame.strings(directives), REQUEST_TIMEOUT, "spawn")
        .getInt();
  }

  /** Completes with what the program wrote to its readiness pipe (descriptor 3) until it closed. */
  public CompletableFuture<String> readiness() {
    return readiness;
  }

  /** Completes when the process of that pid, started or restored here, has ended. */
  public CompletableFuture<ExitStatus> exit(int pid) {
    CompletableFuture<ExitStatus> exit =
        exits.computeIfAbsent(pid, unused -> new CompletableFuture<>());
    if (disconnected.isDone()) {
      exit.complete(ExitStatus.killed());
    }
    return exit;
  }

  /** How many ends of processes it keeps, for tests. */
  public int exitsRemembered() {
    return exits.size();
  }

  /** Sends a signal to a process; -1 means all of them. */
  public void kill(int pid, int signal) {
    ByteBuffer payload = ByteBuffer.allocate(8).putInt(pid).putInt(signal).flip();
    request(ControlFrame.KILL, payload, REQUEST_TIMEOUT, "kill");
  }

  /** Measures its memory: takes about a millisecond for each 100 MB resident. */
  public SandboxMemory memory() {
    ByteBuffer m = request(ControlFrame.MEMORY, ByteBuffer.allocate(0), REQUEST_TIMEOUT, "memory");
    return new SandboxMemory(m.getLong(), m.getLong(), m.getLong(), m.getLong(), m.getInt());
  }

  /**
   * Ends all connections to the function's port, and keeps new ones waiting; for functions that
   * have none to serve on, does nothing.
   */
  public void holdConnections() {
    switchRelay(false);
  }

  /** Lets connections to the function's port in again. */
  public void admitConnections() {
    switchRelay(true);
  }

  private void switchRelay(boolean on) {
    if (relayed) {
      ByteBuffer payload = ByteBuffer.allocate(1).put((byte) (on ? 1 : 0)).flip();
      request(ControlFrame.RELAY, payload, REQUEST_TIMEOUT, "relay");
    }
  }

  /** Has init write the identities of the function's files into the work directory. */
  public void recordIdentities() {
    request(ControlFrame.IDENTITIES, ByteBuffer.allocate(0), REQUEST_TIMEOUT, "identities");
  }

  /** Whether the kernel ended a process here because it went past the memory limit. */
  public boolean ranOutOfMemory() {
    MemoryCgroup limits = cgroup;
    return limits != null && limits.outOfMemoryKills() > 0;
  }

  /** As what CRIU runs: enum identity in wire.h. */
  public enum CriuIdentity {
    ROOT(0),
    /** The function's user with root's capabilities. */
    FUNCTION(1),
    /** Root, and what it restores has its mapped memory looked after (adoption.h). */
    ROOT_MAPPED(2),
    /** Root, for another restore whose files keep their identity (identity.h). */
    ROOT_WATCHED(3);

    private final int code;

    CriuIdentity(int code) {
      this.code = code;
    }
  }

  /** Runs one CRIU request inside and returns the bytes of CRIU's answer. */
  public ByteBuffer criu(CriuIdentity identity, byte[] request, Duration timeout) {
    ByteBuffer payload = ByteBuffer.allocate(1 + request.length);
    payload.put((byte) identity.code).put(request).flip();
    return request(ControlFrame.CRIU, payload, timeout, "criu");
  }

  /** Starts a CRIU that waits for its request: {@link #criu} with that identity is quicker then. */
  public void prime(CriuIdentity identity) {
    ByteBuffer payload = ByteBuffer.allocate(1).put((byte) identity.code).flip();
    request(ControlFrame.PRIME, payload, REQUEST_TIMEOUT, "criu");
  }

  /**
   * Has init say something to the function once the next restore here is done.
   *
   * @return the answer, or a failure with {@link SandboxException}
   */
  public CompletableFuture<ByteBuffer> greet(Greeting greeting) {
    return send(ControlFrame.GREET, greeting.encode(), "greeting");
  }

  private ByteBuffer request(byte type, ByteBuffer payload, Duration timeout, String what) {
    CompletableFuture<ByteBuffer> reply = send(type, payload, what);
    try {
      return await(reply, timeout, what);
    } finally {
      reply.cancel(false); // nobody waits for it any more
    }
  }

  /** Sends a request; the reply is awaited until it is there, cancelled, or the sandbox is gone. */
  private CompletableFuture<ByteBuffer> send(byte type, ByteBuffer payload, String what) {
    ControlConnection line = connection;
    if (line == null || disconnected.isDone()) {
      throw gone(what);
    }
    int tag = tags.incrementAndGet();
    ControlFrame frame = new ControlFrame(type, tag, payload);
    if (!frame.fits()) {
      throw new SandboxException(
          SandboxException.Cause.REFUSED,
          "sandbox %s: %s was not done: arguments, environment and paths hold %d bytes, more than %d"
              .formatted(id, what, payload.remaining(), ControlFrame.MAX_BYTES));
    }
    CompletableFuture<ByteBuffer> reply = new CompletableFuture<>();
    pending.put(tag, reply);
    reply.whenComplete((answer, failure) -> pending.remove(tag));
    try {
      if (disconnected.isDone()) {
        throw gone(what);
      }
      line.send(frame);
      return reply;
    } catch (IOException e) {
      reply.cancel(false);
      throw new SandboxException(
          SandboxException.Cause.GONE,
          "sandbox %s is gone: %s failed: %s".formatted(id, what, e.getMessage()),
          e);
    } catch (SandboxException e) {
      reply.cancel(false);
      throw e;
    }
  }

  private SandboxException gone(String what) {
    return new SandboxException(
        SandboxException.Cause.GONE, "sandbox %s is gone: %s was not done".formatted(id, what));
  }

  private <T> T await(CompletableFuture<T> future, Duration timeout, String what) {
    try {
      return future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SandboxException known) {
        throw known;
      }
      throw new SandboxException(
          SandboxException.Cause.GONE, "sandbox %s: %s failed".formatted(id, what), e);
    } catch (TimeoutException e) {
      throw new SandboxException(
          SandboxException.Cause.TIMEOUT,
          "sandbox %s: %s took longer than %d ms".formatted(id, what, timeout.toMillis()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SandboxException(
          SandboxException.Cause.GONE, "sandbox %s: %s was interrupted".formatted(id, what), e);
    }
  }

  /** Ends all its processes. Their memory and its directories are gone soon after. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    if (connection != null) {
      try {
        connection.close();
      } catch (IOException e) {
        // The other end reads an end of file all the same.
      }
    }
    // A channel closed on this side brings no end-of-file event on this side.
    new Events().disconnected();
    directories.delete();
    if (cgroup != null) {
      cgroup.deleteWhenEmpty();
    }
  }

  /** Takes the frames of init, on the reactor's thread. */
  private final class Events implements ControlReactor.Receiver {
    @Override
    public void received(ControlFrame frame) {
      ByteBuffer payload = frame.payload();
      switch (frame.type()) {
        case ControlFrame.HELLO ->
            hello.complete(
                new Hello(
                    payload.getInt(), payload.get() != 0, payload.getLong(), payload.getLong()));
        case ControlFrame.REPLY -> reply(frame);
        case ControlFrame.OUTPUT -> print(payload.get(), frame.bytes());
        case ControlFrame.READY -> readiness.complete(frame.text());
        case ControlFrame.EXITED -> {
          int pid = payload.getInt();
          if (exits.size() < MAX_EXITS || exits.containsKey(pid)) {
            exits
                .computeIfAbsent(pid, unused -> new CompletableFuture<>())
                .complete(ExitStatus.ofWaitStatus(payload.getInt()));
          }
        }
        default -> throw new IllegalStateException("unknown frame type " + frame.type());
      }
    }

    private void print(int stream, byte[] bytes) {
      try {
        output.output(stream, bytes);
      } catch (RuntimeException e) {
        // The listener's fault must not stop the thread that serves all sandboxes.
        LOG.log(Logger.Level.ERROR, "event=output-listener-failed sandbox={0} error={1}", id, e);
      }
    }

    private void reply(ControlFrame frame) {
      int error = frame.payload().getInt();
      CompletableFuture<ByteBuffer> waiting = pending.get(frame.tag());
      if (error == 0) {
        if (waiting != null) {
          waiting.complete(frame.payload());
        }
        return;
      }
      SandboxException refused =
          new SandboxException(
              error == EOPNOTSUPP
                  ? SandboxException.Cause.UNSUPPORTED
                  : SandboxException.Cause.REFUSED,
              "sandbox %s: %s".formatted(id, frame.text()));
      if (waiting != null) {
        waiting.completeExceptionally(refused);
      } else {
        hello.completeExceptionally(refused); // it fell while it was being made
      }
    }

    @Override
    public void disconnected() {
      disconnected.complete(null);
      SandboxException gone =
          new SandboxException(
              SandboxException.Cause.GONE, "sandbox %s ended while in use".formatted(id));
      hello.completeExceptionally(gone);
      readiness.completeExceptionally(gone);
      pending.values().forEach(reply -> reply.completeExceptionally(gone));
      exits.values().forEach(exit -> exit.complete(ExitStatus.killed()));
    }
  }
}
