package dev.rekindle.engine.pages;

/** The pages of a snapshot cannot be had. */
public final class PageSourceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What went wrong. */
  public enum Cause {
    /** A file or a range of it is missing. */
    MISSING,
    /** The images contradict themselves or are cut short. */
    DAMAGED,
    /** The place where the pages are kept does not answer. */
    UNREACHABLE
  }

  private final Cause kind;

  /** A failure that will not go away; the message says what is missing and where. */
  public PageSourceException(Cause kind, String message) {
    super(message);
    this.kind = kind;
  }

  /** What went wrong. */
  public Cause kind() {
    return kind;
  }
}
