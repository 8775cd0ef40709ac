package dev.rekindle.orchestrator.node;

import java.util.HexFormat;
import java.util.random.RandomGenerator;

/** Names for requests and snapshots: short, random, never reused. */
public final class Ids {
  private Ids() {}

  /** A snapshot's id, such as {@code sn-5f2a...}. */
  public static String snapshot(RandomGenerator random) {
    return "sn-" + hex(random, 8);
  }

  /** A request's id. */
  public static String request(RandomGenerator random) {
    return hex(random, 16);
  }

  private static String hex(RandomGenerator random, int bytes) {
    byte[] id = new byte[bytes];
    random.nextBytes(id);
    return HexFormat.of().formatHex(id);
  }
}
