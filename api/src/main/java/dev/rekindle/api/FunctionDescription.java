package dev.rekindle.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A function as the service has it. The code itself is never returned.
 *
 * @param name its name
 * @param version 1 for the first deployment, then one more with each
 * @param runtime as in its settings
 * @param handler as in its settings
 * @param settings how it is run, environment values included
 * @param state where it is in its life
 * @param snapshots ids of its snapshots, oldest first
 * @param instances how many instances it has in each state
 * @param starts how its invocations started
 * @param failures what went wrong
 * @param checkpointFailure why the latest checkpoint failed, if it did: without snapshots the
 *     function goes on, and starts cold
 * @param createdAt time of the first deployment
 * @param updatedAt time of the latest deployment or change of policy
 * @param codeBytes size of the zip in bytes
 * @param codeSha256 SHA-256 of the zip in lower-case hexadecimal
 */
public record FunctionDescription(
    String name,
    int version,
    String runtime,
    String handler,
    FunctionSettings settings,
    FunctionState state,
    List<String> snapshots,
    InstanceCounts instances,
    StartCounts starts,
    FailureCounts failures,
    @Nullable String checkpointFailure,
    Instant createdAt,
    Instant updatedAt,
    long codeBytes,
    String codeSha256) {

  /** Copies the list. */
  public FunctionDescription {
    snapshots = List.copyOf(snapshots);
  }
}
