package dev.rekindle.warmers.jvm;

import java.io.DataInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.LocalDate;
import java.util.HexFormat;
import java.util.Map;

/** Gives this instance a log stream name of its own, in Lambda's form. */
final class LogStream {
  private static final int NAME_BYTES = 16;

  private LogStream() {}

  /** Names it with bytes of the kernel: SecureRandom would cost every cold start 20 ms. */
  static void name() {
    byte[] random = new byte[NAME_BYTES];
    try (DataInputStream kernel = new DataInputStream(new FileInputStream("/dev/urandom"))) {
      kernel.readFully(random);
    } catch (IOException e) {
      throw new UncheckedIOException("/dev/urandom cannot be read", e);
    }
    name(random);
  }

  static void name(byte[] random) {
    LocalDate today = LocalDate.ofEpochDay(Math.floorDiv(System.currentTimeMillis(), 86_400_000L));
    String name =
        today.toString().replace('-', '/')
            + "/["
            + EnvironmentVariables.get("AWS_LAMBDA_FUNCTION_VERSION", "")
            + "]"
            + HexFormat.of().formatHex(random, 0, NAME_BYTES);
    EnvironmentVariables.set(Map.of("AWS_LAMBDA_LOG_STREAM_NAME", name));
  }
}
