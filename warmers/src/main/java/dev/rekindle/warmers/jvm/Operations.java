package dev.rekindle.warmers.jvm;

import java.util.Set;

/** What the platform may ask of a function's process. */
final class Operations {
  private static final Set<String> NAMES = Set.of("invoke", "beforeCheckpoint", "afterRestore");
  private static final String TRACE = "com.amazonaws.xray.traceHeader";
  private static final byte[] NOTHING = new byte[0];

  private final Handler handler;
  private final Renewal renewal = new Renewal();
  private final ThreadsAtWork threads = new ThreadsAtWork();

  /** Takes a function that has served nothing yet. */
  Operations(Handler handler) {
    this.handler = handler;
    threads.functionIsLoaded();
  }

  /** The parts of an answer. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Reply(byte[] header, byte[] body) {}

  boolean knows(Request request) {
    return NAMES.contains(request.text("op", ""));
  }

  /** Does what the request asks, its body the event. */
  Reply run(Request request, byte[] body) throws Throwable {
    switch (request.text("op", "")) {
      case "invoke" -> {
        renewal.forget();
        LogFormat.serving(request);
        setTrace(request);
        return new Reply(Replies.OK, handler.handle(body, new InvocationContext(request)));
      }
      case "beforeCheckpoint" -> {
        Hooks.beforeCheckpoint();
        Renewal.Prepared prepared = CheckpointPreparation.run(renewal);
        return new Reply(
            Replies.prepared(threads.among(prepared.threads()), prepared.warnings()), NOTHING);
      }
      default -> {
        renewal.renew(request);
        Hooks.afterRestore();
        return new Reply(Replies.OK, NOTHING);
      }
    }
  }

  /** Where tracers look for it in Java, as Lambda's documentation has it. */
  private static void setTrace(Request request) {
    if (request.has("traceId")) {
      System.setProperty(TRACE, request.text("traceId", ""));
    } else {
      System.clearProperty(TRACE);
    }
  }
}
