package dev.rekindle.engine;

import dev.rekindle.engine.sandbox.OutputListener;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Collects what a sandbox prints. */
final class Printed implements OutputListener {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @Override
  public synchronized void output(int stream, byte[] bytes) {
    (stream == 1 ? out : err).writeBytes(bytes);
  }

  synchronized String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  synchronized String err() {
    return err.toString(StandardCharsets.UTF_8);
  }
}
