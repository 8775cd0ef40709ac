package dev.rekindle.warmers.jvm;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;

/** The one line that tells the platform that the function is loaded, or why it is not. */
final class Readiness {
  private final int descriptor;
  private final AtomicBoolean said = new AtomicBoolean();

  Readiness(int descriptor) throws IOException {
    this.descriptor = NativeCalls.takeDescriptor(descriptor);
  }

  void ok() {
    say(Replies.ready(Runtime.version().toString()));
  }

  void failed(Fault fault) {
    say(Replies.failure(fault));
  }

  private void say(byte[] json) {
    if (!said.compareAndSet(false, true)) {
      return;
    }
    byte[] line = new byte[json.length + 1];
    System.arraycopy(json, 0, line, 0, json.length);
    line[json.length] = '\n';
    try {
      for (int done = 0; done < line.length; ) {
        done += NativeCalls.write(descriptor, line, done, line.length - done);
      }
    } catch (IOException e) {
      Log.line("[ERROR] nobody reads whether the function is ready: " + e.getMessage());
    } finally {
      NativeCalls.close(descriptor);
    }
  }
}
