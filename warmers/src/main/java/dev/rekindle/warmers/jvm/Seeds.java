package dev.rekindle.warmers.jvm;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Derives all seeds of one clone from the entropy that it alone was given. */
final class Seeds {
  private final byte[] entropy;
  private final MessageDigest digest;
  private long used;

  Seeds(byte[] entropy) {
    this.entropy = entropy.clone();
    try {
      this.digest = MessageDigest.getInstance("SHA-512");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-512", e);
    }
  }

  static Seeds ofHex(String hex) {
    return new Seeds(HexFormat.of().parseHex(hex));
  }

  /**
   * 64 bytes that depend on the entropy, a name and a frozen state, and on nothing else. Generators
   * are found in no particular order, so it must not decide.
   */
  ByteBuffer of(String name, long... state) {
    digest.update(entropy);
    digest.update(name.getBytes(StandardCharsets.UTF_8));
    ByteBuffer numbers = ByteBuffer.allocate(Long.BYTES * state.length);
    for (long number : state) {
      numbers.putLong(number);
    }
    return ByteBuffer.wrap(digest.digest(numbers.array()));
  }

  /** 64 bytes that no other call on any clone gets. */
  byte[] next() {
    return of("next", used++).array();
  }
}
