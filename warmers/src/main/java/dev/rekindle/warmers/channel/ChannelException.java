package dev.rekindle.warmers.channel;

import java.io.Serial;

/** An exchange with an instance failed; only after HOOK_FAILED is the instance still usable. */
public final class ChannelException extends RuntimeException {
  /** Why it failed. */
  public enum Cause {
    /** No full reply came within the time allowed. */
    TIMEOUT,
    /** The instance closed the connection, as it does when the function's process ends. */
    CLOSED_WITHOUT_REPLY,
    /** Nobody listens on the instance's socket. */
    CANNOT_CONNECT,
    /** What came back is not a reply of the protocol. */
    BAD_FRAME,
    /** The reply is longer than this channel takes. */
    REPLY_TOO_LARGE,
    /** A hook of the function, or the bootstrap's own preparation, failed. */
    HOOK_FAILED
  }

  @Serial private static final long serialVersionUID = 1L;

  private final Cause reason;

  ChannelException(Cause reason, String message) {
    super(message);
    this.reason = reason;
  }

  ChannelException(Cause reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** Why it failed. */
  public Cause reason() {
    return reason;
  }
}
