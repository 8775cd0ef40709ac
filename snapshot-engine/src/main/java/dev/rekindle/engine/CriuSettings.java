package dev.rekindle.engine;

import dev.rekindle.engine.criu.rpc.CgroupMode;
import dev.rekindle.engine.criu.rpc.CriuOptions;
import dev.rekindle.engine.criu.rpc.NetworkLock;
import dev.rekindle.engine.sandbox.Sandbox;

/** What dumps and restores tell CRIU alike: the two must agree on what is part of a snapshot. */
final class CriuSettings {
  /** Errors and warnings: more would slow CRIU. */
  private static final int LOG_LEVEL = 2;

  private CriuSettings() {}

  /**
   * The settings that both need.
   *
   * @param images the directory of the images, as the sandbox sees it
   * @param log the name of CRIU's log in the sandbox's work directory
   */
  static CriuOptions.Builder common(String images, String log) {
    return CriuOptions.newBuilder()
        .setImagesDirFd(-1)
        .setImagesDir(images)
        .setWorkDirFd(Sandbox.WORK_DIRECTORY_FD)
        .setLogLevel(LOG_LEVEL)
        .setLogFile(log)
        .setFileLocks(true)
        .setLinkRemap(true)
        .setTcpClose(true)
        .setTcpSkipInFlight(true) // nobody will ever accept them in a clone
        .setNetworkLock(NetworkLock.SKIP)
        .setManageCgroupsMode(CgroupMode.IGNORE);
  }
}
