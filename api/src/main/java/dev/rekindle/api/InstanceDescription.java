package dev.rekindle.api;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One running copy of a function.
 *
 * @param id its id
 * @param state where it is in its life
 * @param start {@code cold} or {@code restored}: how it came to be
 * @param snapshot id of the snapshot it was restored from, where it was
 * @param restoreMode how its memory came back, where it was restored; never {@code auto}
 * @param requestsServed how many events it has answered
 * @param privateBytes memory that it alone holds, in bytes
 * @param sharedBytes memory that it shares with other processes or the page cache, in bytes
 * @param createdAt when its start began
 */
public record InstanceDescription(
    String id,
    InstanceState state,
    StartKind start,
    @Nullable String snapshot,
    @Nullable RestoreMode restoreMode,
    long requestsServed,
    long privateBytes,
    long sharedBytes,
    Instant createdAt) {}
