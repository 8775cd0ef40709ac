package dev.rekindle.engine;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.rekindle.engine.criu.rpc.CriuOptions;
import dev.rekindle.engine.criu.rpc.CriuRequest;
import dev.rekindle.engine.criu.rpc.CriuResponse;
import dev.rekindle.engine.criu.rpc.RequestType;
import dev.rekindle.engine.image.MappedRewrite;
import dev.rekindle.engine.sandbox.Sandbox;
import dev.rekindle.engine.sandbox.SandboxDirectories;
import dev.rekindle.engine.sandbox.SandboxException;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Freezes the processes of a sandbox into image files. */
final class Checkpoint {
  /** Deleted but open files are kept up to this size; CRIU's own limit is 1 MiB. */
  private static final int GHOST_LIMIT_BYTES = 1 << 30;

  private static final int SIGCONT = 18;
  private static final int SIGKILL = 9;

  /**
   * CRIU may freeze for this part of the time, so that it gives up, in good order, before we do.
   */
  private static final int FREEZE_SHARE = 2;

  private static final Logger LOG = System.getLogger(Checkpoint.class.getName());

  private static final String LOG_NAME = "dump.log";
  private static final String IMAGES = "images";

  private final Sandbox sandbox;
  private final int pid;
  private final boolean leaveRunning;
  private final Duration timeout;

  Checkpoint(Sandbox sandbox, int pid, boolean leaveRunning, Duration timeout) {
    this.sandbox = sandbox;
    this.pid = pid;
    this.leaveRunning = leaveRunning;
    this.timeout = timeout;
  }

  /**
   * Dumps and moves the result into a directory.
   *
   * @param target an existing directory on the file system of the sandbox's work directory
   * @param thawed called as soon as the function runs again or was ended, with how long it stood
   *     still; the rest of the work still reads files of its sandbox
   * @return how long the function stood still
   * @throws CheckpointException if it did not work
   */
  Duration into(Path target, Consumer<Duration> thawed) {
    synchronized (sandbox) { // two dumps at once would write to the same files
      return intoAlone(target, thawed);
    }
  }

  private Duration intoAlone(Path target, Consumer<Duration> thawed) {
    Path images = sandbox.workDirectory().resolve(IMAGES);
    boolean ended = false;
    try {
      sandbox.holdConnections();
      refuseStrays();
      SandboxDirectories.deleteTree(images);
      Files.createDirectory(images);
      long start = System.nanoTime();
      dump();
      // Still stopped: its files and its memory are of one moment.
      ScratchFiles scratch = new ScratchFiles(sandbox);
      boolean files = scratch.present();
      if (files) {
        OpenScratchFiles open = OpenScratchFiles.read(images);
        scratch.archive(target);
        if (open.identityMatters()) {
          FileIdentities.record(sandbox, target);
        }
        scratch.delete(open.linkRemaps());
      }
      ended = !leaveRunning;
      signalAll(leaveRunning ? SIGCONT : SIGKILL);
      if (leaveRunning) {
        sandbox.admitConnections();
      }
      Duration pause = Duration.ofNanos(System.nanoTime() - start);
      thawed.accept(pause);
      move(images, target.resolve(IMAGES));
      new MappedRewrite(target, path -> sandbox.hostRoot().resolve(path.substring(1))).run();
      Sandbox.Hello hello = sandbox.hello();
      new ProcessRecord(
              ProcessRecord.FORMAT_VERSION,
              pid,
              "pipe:[" + hello.outputInode() + "]",
              "pipe:[" + hello.errorInode() + "]",
              files)
          .write(target);
      return pause;
    } catch (IOException e) {
      throw new CheckpointException(
          CheckpointException.Cause.STORAGE,
          !ended && resumed(),
          "the checkpoint's files could not be written to %s: %s".formatted(target, e.getMessage()),
          List.of());
    } catch (SandboxException e) {
      throw new CheckpointException(
          CheckpointException.Cause.INTERRUPTED,
          false,
          "the checkpoint did not finish: " + e.getMessage(),
          List.of());
    } finally {
      SandboxDirectories.deleteTree(images);
    }
  }

  private void refuseStrays() throws IOException {
    List<String> strays = StrayProcesses.find(sandbox.hostRoot().resolve("proc"), pid);
    if (!strays.isEmpty()) {
      sandbox.admitConnections();
      throw new CheckpointException(
          CheckpointException.Cause.REFUSED,
          !sandbox.exit(pid).isDone(),
          "processes have left the function's process tree and would be missing in its clones: "
              + "%s; let the function stay their parent, or end them".formatted(strays),
          List.of());
    }
  }

  /** Signals all processes. That none is left any more is no failure: the dump is complete. */
  private void signalAll(int signal) {
    try {
      sandbox.kill(-1, signal);
    } catch (SandboxException e) {
      LOG.log(
          Logger.Level.WARNING,
          "event=function-ended-at-checkpoint sandbox={0} error={1}",
          sandbox.id(),
          e.getMessage());
    }
  }

  /** Dumps, and leaves the function stopped. */
  private void dump() {
    CriuOptions options =
        CriuSettings.common(Sandbox.WORK + "/" + IMAGES, LOG_NAME)
            .setPid(pid)
            .setLeaveStopped(true)
            .setGhostLimit(GHOST_LIMIT_BYTES)
            .setTimeout((int) Math.max(1, timeout.toSeconds() / FREEZE_SHARE))
            .setUnprivileged(!sandbox.hello().canDumpAsRoot())
            .build();
    Sandbox.CriuIdentity identity =
        sandbox.hello().canDumpAsRoot() ? Sandbox.CriuIdentity.ROOT : Sandbox.CriuIdentity.FUNCTION;
    CriuRequest request =
        CriuRequest.newBuilder().setType(RequestType.DUMP).setOpts(options).build();
    try {
      CriuResponse response =
          CriuResponse.parseFrom(sandbox.criu(identity, request.toByteArray(), timeout));
      if (!response.getSuccess()) {
        throw refused();
      }
    } catch (SandboxException e) {
      String message = "the dump did not finish: " + e.getMessage();
      throw e.kind() == SandboxException.Cause.TIMEOUT
          ? timedOut(message)
          : failed(CheckpointException.Cause.INTERRUPTED, message);
    } catch (InvalidProtocolBufferException e) {
      throw failed(CheckpointException.Cause.INTERRUPTED, "CRIU's answer was not understood");
    }
  }

  /** Names what the function holds, where CRIU's log tells. */
  private CheckpointException refused() {
    List<String> tail = CriuLog.tail(sandbox.workDirectory().resolve(LOG_NAME));
    String message =
        DumpObstacle.find(tail)
            .map("the function cannot be frozen: %s"::formatted)
            .orElse("CRIU refused to dump the function");
    return new CheckpointException(CheckpointException.Cause.REFUSED, resumed(), message, tail);
  }

  private CheckpointException failed(CheckpointException.Cause cause, String message) {
    List<String> tail = CriuLog.tail(sandbox.workDirectory().resolve(LOG_NAME));
    return new CheckpointException(cause, resumed(), message, tail);
  }

  /** A dump that CRIU did not end by itself leaves processes that must not run on. */
  private CheckpointException timedOut(String message) {
    List<String> tail = CriuLog.tail(sandbox.workDirectory().resolve(LOG_NAME));
    signalAll(SIGKILL);
    return new CheckpointException(CheckpointException.Cause.TIMEOUT, false, message, tail);
  }

  /** Whether the function lives on after a failure. */
  private boolean resumed() {
    try {
      sandbox.kill(-1, SIGCONT);
      sandbox.admitConnections();
      return !sandbox.exit(pid).isDone() && Files.exists(sandbox.hostRoot().resolve("proc/" + pid));
    } catch (SandboxException e) {
      return false;
    }
  }

  /** Renames where it can: the images are the function's whole memory. */
  private static void move(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.move(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }
}
