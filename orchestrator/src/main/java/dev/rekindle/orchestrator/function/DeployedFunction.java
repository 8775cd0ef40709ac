package dev.rekindle.orchestrator.function;

import dev.rekindle.api.FunctionSettings;
import dev.rekindle.warmers.FunctionSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A version of a function, as it is kept.
 *
 * @param name its name
 * @param version counts deployments from 1
 * @param settings how to run it
 * @param code the directory of its unpacked zip
 * @param codeBytes the size of the zip
 * @param codeSha256 the digest of the zip, in hex
 * @param contentSha256 the digest of the unpacked code, in hex; null if an earlier build stored it
 * @param identity what its snapshots are known by on every node, see {@link FunctionIdentity}
 * @param createdAt when its first version was deployed
 * @param updatedAt when this version was deployed
 */
public record DeployedFunction(
    String name,
    int version,
    FunctionSettings settings,
    Path code,
    long codeBytes,
    String codeSha256,
    @Nullable String contentSha256,
    String identity,
    Instant createdAt,
    Instant updatedAt) {

  /** Whether it is the same version of the same function, be its policy another one or not. */
  public boolean isSameVersion(DeployedFunction other) {
    return name.equals(other.name) && version == other.version && code.equals(other.code);
  }

  /** The same version with other settings that need no new instances. */
  public DeployedFunction withSettings(FunctionSettings other, Instant now) {
    return new DeployedFunction(
        name, version, other, code, codeBytes, codeSha256, contentSha256, identity, createdAt, now);
  }

  /**
   * What its warmer needs to know.
   *
   * @param region where the service says it runs
   * @param snapshots whether it may be frozen
   */
  public FunctionSpec spec(String region, boolean snapshots) {
    return new FunctionSpec(
        name,
        Integer.toString(version),
        settings.runtime(),
        settings.handler(),
        settings.memoryMb(),
        Duration.ofMillis(settings.timeoutMs()),
        settings.environment(),
        region,
        snapshots);
  }
}
