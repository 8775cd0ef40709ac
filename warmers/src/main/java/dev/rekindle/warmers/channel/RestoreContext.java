package dev.rekindle.warmers.channel;

import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.util.Map;

/**
 * What makes a restored instance differ from its twins.
 *
 * @param environment variables to set in the process; others stay as they were frozen
 * @param entropy {@value #ENTROPY_BYTES} bytes from a secure generator, never used twice
 * @param now the time of the restore
 */
public record RestoreContext(Map<String, String> environment, Buffer entropy, Instant now) {
  /** Length of the entropy: a full key of the bootstrap's derivation function (BLAKE2b). */
  public static final int ENTROPY_BYTES = 64;

  /** Copies the environment and refuses entropy of another length. */
  public RestoreContext {
    environment = Map.copyOf(environment);
    if (entropy.length() != ENTROPY_BYTES) {
      throw new IllegalArgumentException(
          "entropy must be " + ENTROPY_BYTES + " bytes, not " + entropy.length());
    }
  }
}
