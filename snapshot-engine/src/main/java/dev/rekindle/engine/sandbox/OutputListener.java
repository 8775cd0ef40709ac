package dev.rekindle.engine.sandbox;

/** Receives what the processes of a sandbox print. Called on the engine's own thread: be quick. */
@FunctionalInterface
public interface OutputListener {
  /**
   * Takes a piece of output.
   *
   * @param stream 1 for standard output, 2 for standard error
   * @param bytes the piece, the receiver's own; not aligned to lines or characters
   */
  void output(int stream, byte[] bytes);
}
