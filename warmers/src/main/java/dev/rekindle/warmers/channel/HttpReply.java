package dev.rekindle.warmers.channel;

/**
 * What a function's server answered to a request of the platform's own.
 *
 * @param status the HTTP status
 * @param excerpt the beginning of the body, for messages
 */
public record HttpReply(int status, String excerpt) {
  /** Whether the server did what it was asked: a status of 2xx. */
  public boolean isSuccess() {
    return status >= 200 && status < 300;
  }
}
