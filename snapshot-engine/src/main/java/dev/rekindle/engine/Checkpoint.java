package dev.rekindle.engine;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.rekindle.engine.criu.rpc.CgroupMode;
import dev.rekindle.engine.criu.rpc.CriuOptions;
import dev.rekindle.engine.criu.rpc.CriuRequest;
import dev.rekindle.engine.criu.rpc.CriuResponse;
import dev.rekindle.engine.criu.rpc.NetworkLock;
import dev.rekindle.engine.criu.rpc.RequestType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Freezes the processes of a sandbox into image files. */
final class Checkpoint {
  /** Deleted but open files are kept up to this size; CRIU's own limit is 1 MiB. */
  private static final int GHOST_LIMIT_BYTES = 1 << 30;

  private static final int SIGCONT = 18;

  /** Errors and warnings: more would slow the dump. */
  private static final int LOG_LEVEL = 2;

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
   * @return how long the function stood still
   */
  Duration into(Path target) {
    Path images = sandbox.workDirectory().resolve(IMAGES);
    try {
      SandboxDirectories.deleteTree(images);
      Files.createDirectory(images);
      ScratchFiles scratch = new ScratchFiles(sandbox);
      boolean files = scratch.present();
      long start = System.nanoTime();
      dump(files);
      if (files) {
        // Still stopped: the archive and the memory are of one moment.
        scratch.archive(target);
        if (leaveRunning) {
          sandbox.kill(-1, SIGCONT);
        } else {
          sandbox.kill(-1, 9);
        }
      }
      Duration pause = Duration.ofNanos(System.nanoTime() - start);
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
          resumed(),
          "the checkpoint's files could not be written to %s: %s".formatted(target, e.getMessage()),
          List.of());
    } finally {
      SandboxDirectories.deleteTree(images);
    }
  }

  private void dump(boolean stop) {
    CriuOptions options =
        CriuOptions.newBuilder()
            .setImagesDirFd(-1)
            .setImagesDir(Sandbox.WORK + "/" + IMAGES)
            .setWorkDirFd(Sandbox.WORK_DIRECTORY_FD)
            .setPid(pid)
            .setLeaveRunning(leaveRunning && !stop)
            .setLeaveStopped(stop)
            .setLogLevel(LOG_LEVEL)
            .setLogFile(LOG_NAME)
            .setFileLocks(true)
            .setLinkRemap(true)
            .setTcpClose(true)
            .setNetworkLock(NetworkLock.SKIP)
            .setManageCgroupsMode(CgroupMode.IGNORE)
            .setGhostLimit(GHOST_LIMIT_BYTES)
            .setTimeout((int) timeout.toSeconds())
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
        throw failed(CheckpointException.Cause.REFUSED, "CRIU refused to dump the function");
      }
    } catch (SandboxException e) {
      throw failed(
          e.kind() == SandboxException.Cause.TIMEOUT
              ? CheckpointException.Cause.TIMEOUT
              : CheckpointException.Cause.INTERRUPTED,
          "the dump did not finish: " + e.getMessage());
    } catch (InvalidProtocolBufferException e) {
      throw failed(CheckpointException.Cause.INTERRUPTED, "CRIU's answer was not understood");
    }
  }

  private CheckpointException failed(CheckpointException.Cause cause, String message) {
    List<String> tail = CriuLog.tail(sandbox.workDirectory().resolve(LOG_NAME));
    return new CheckpointException(cause, resumed(), message, tail);
  }

  /** Whether the function lives on after a failure. */
  private boolean resumed() {
    try {
      sandbox.kill(-1, SIGCONT);
      return !sandbox.exit(pid).isDone();
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
