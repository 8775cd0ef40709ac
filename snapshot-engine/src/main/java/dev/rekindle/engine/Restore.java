package dev.rekindle.engine;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.rekindle.engine.criu.rpc.CriuOptions;
import dev.rekindle.engine.criu.rpc.CriuRequest;
import dev.rekindle.engine.criu.rpc.CriuResponse;
import dev.rekindle.engine.criu.rpc.InheritFd;
import dev.rekindle.engine.criu.rpc.RequestType;
import dev.rekindle.engine.image.MappedRewrite;
import dev.rekindle.engine.sandbox.Sandbox;
import dev.rekindle.engine.sandbox.SandboxException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Brings the frozen processes of a snapshot to life in a fresh sandbox. What needs no knowledge of
 * the moment is done when it is made and by {@link #prime}, perhaps long before {@link #run}.
 */
final class Restore {
  private static final String LOG_NAME = "restore.log";

  /** The descriptors at which init hands the sandbox's output pipes to CRIU (process.c). */
  private static final int OUTPUT_FD = 4;

  private static final int ERROR_FD = 5;

  private final Sandbox sandbox;
  private final Path snapshot;
  private final RestoreMode mode;
  private final Duration timeout;
  private final ProcessRecord process;

  /**
   * A restore into a sandbox that shows the snapshot's directory at {@link Sandbox#SNAPSHOT}.
   *
   * @param snapshot the same directory on the host
   * @param mode how memory comes back; with {@link RestoreMode#LAZY} the page server listens in the
   *     sandbox's work directory when it runs
   * @throws RestoreException if the snapshot is damaged or of another format
   */
  Restore(Sandbox sandbox, Path snapshot, RestoreMode mode, Duration timeout) {
    this.sandbox = sandbox;
    this.snapshot = snapshot;
    this.mode = mode;
    this.timeout = timeout;
    this.process = ProcessRecord.read(snapshot);
  }

  Sandbox sandbox() {
    return sandbox;
  }

  /**
   * Starts CRIU, which then waits.
   *
   * @throws SandboxException if it cannot be started
   */
  void prime() {
    sandbox.prime(identity());
  }

  /** Restores and returns the root process's pid in the sandbox. */
  int run() {
    if (process.files()) {
      try {
        new ScratchFiles(sandbox).extract(snapshot);
      } catch (IOException e) {
        throw failed(
            RestoreException.Cause.REFUSED, "its files were not brought back: " + e.getMessage());
      }
    }
    CriuOptions options =
        CriuSettings.common(Sandbox.SNAPSHOT + "/" + imagesDirectory(), LOG_NAME)
            .setSkipFileRwxCheck(true) // a store may keep pages files with other modes
            .setLazyPages(mode == RestoreMode.LAZY)
            .addInheritFd(inherit(process.standardOutput(), OUTPUT_FD))
            .addInheritFd(inherit(process.standardError(), ERROR_FD))
            .build();
    CriuRequest request =
        CriuRequest.newBuilder().setType(RequestType.RESTORE).setOpts(options).build();
    try {
      CriuResponse response =
          CriuResponse.parseFrom(sandbox.criu(identity(), request.toByteArray(), timeout));
      if (!response.getSuccess()) {
        throw failed(RestoreException.Cause.REFUSED, "CRIU refused to restore the snapshot");
      }
      return response.getRestore().getPid();
    } catch (SandboxException e) {
      RestoreException.Cause cause =
          switch (e.kind()) {
            case TIMEOUT -> RestoreException.Cause.TIMEOUT;
            case UNSUPPORTED -> RestoreException.Cause.REFUSED;
            case REFUSED, GONE -> RestoreException.Cause.INTERRUPTED;
          };
      throw failed(cause, "the restore did not finish: " + e.getMessage());
    } catch (InvalidProtocolBufferException e) {
      throw failed(RestoreException.Cause.INTERRUPTED, "CRIU's answer was not understood");
    }
  }

  private Sandbox.CriuIdentity identity() {
    if (mode == RestoreMode.MAPPED) {
      return Sandbox.CriuIdentity.ROOT_MAPPED;
    }
    return FileIdentities.areKept(snapshot)
        ? Sandbox.CriuIdentity.ROOT_WATCHED
        : Sandbox.CriuIdentity.ROOT;
  }

  private String imagesDirectory() {
    return mode == RestoreMode.MAPPED ? MappedRewrite.MAPPED : MappedRewrite.IMAGES;
  }

  private static InheritFd inherit(String key, int fd) {
    return InheritFd.newBuilder().setKey(key).setFd(fd).build();
  }

  private RestoreException failed(RestoreException.Cause cause, String message) {
    List<String> tail = CriuLog.tail(sandbox.workDirectory().resolve(LOG_NAME));
    return new RestoreException(cause, message + " " + snapshot, tail);
  }
}
