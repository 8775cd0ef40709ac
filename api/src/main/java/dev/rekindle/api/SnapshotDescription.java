package dev.rekindle.api;

import java.time.Instant;

/**
 * One snapshot.
 *
 * @param id its id
 * @param function name of the function it was made from
 * @param version version of the function it was made from
 * @param request after how many answered events of its instance it was made
 * @param state where it is in its life
 * @param createdAt when the checkpoint was made
 * @param bytes size of all its files, in bytes
 * @param pauseMs how long its instance stood still for it, in milliseconds
 * @param restores how often it was restored, since the service came up
 * @param restoreFailures how often restoring it failed, since the service came up
 * @param storage where its bytes are
 */
public record SnapshotDescription(
    String id,
    String function,
    int version,
    long request,
    SnapshotState state,
    Instant createdAt,
    long bytes,
    double pauseMs,
    long restores,
    long restoreFailures,
    SnapshotStorage storage) {}
