package dev.rekindle.orchestrator.node;

import java.time.Instant;
import java.util.HexFormat;
import java.util.UUID;
import java.util.random.RandomGenerator;

/** Names for requests and snapshots: random, never reused. */
public final class Ids {
  private Ids() {}

  /** A snapshot's id, such as {@code sn-5f2a...}. */
  public static String snapshot(RandomGenerator random) {
    return "sn-" + hex(random, 8);
  }

  /** A request's id: a random UUID (RFC 9562, version 4), as Lambda's are. */
  public static String request(RandomGenerator random) {
    long high = (random.nextLong() & ~0xf000L) | 0x4000L;
    long low = (random.nextLong() & ~(3L << 62)) | (1L << 63);
    return new UUID(high, low).toString();
  }

  /**
   * The header of a trace that begins here, in the form of X-Ray: eight hex digits of time, then 24
   * random ones.
   */
  public static String trace(RandomGenerator random, Instant now) {
    return "Root=1-%08x-%s;Parent=%s;Sampled=0"
        .formatted((int) now.getEpochSecond(), hex(random, 12), hex(random, 8));
  }

  private static String hex(RandomGenerator random, int bytes) {
    byte[] id = new byte[bytes];
    random.nextBytes(id);
    return HexFormat.of().formatHex(id);
  }
}
