package dev.rekindle.loadtests.start;

import dev.rekindle.loadtests.run.Measurement;
import java.io.IOException;

/** A way to start the function. */
interface StartMode {
  /** Its name in reports. */
  String name();

  /** Makes what all its starts need: a deployment, a snapshot. Once. */
  void prepare() throws IOException;

  /** Starts the function once, measures, and leaves nothing of it running. */
  Measurement measure() throws IOException;
}
