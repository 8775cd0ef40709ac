package dev.rekindle.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

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
 * @param memoryBeforeBytes memory that its instance held (resident pages of all its processes)
 *     before it prepared for the checkpoint; absent while it is being made
 * @param memoryAfterBytes the same after it had collected its garbage and given memory back
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
    @Nullable Long memoryBeforeBytes,
    @Nullable Long memoryAfterBytes,
    double pauseMs,
    long restores,
    long restoreFailures,
    SnapshotStorage storage) {}
