package dev.rekindle.api.client;

import java.util.List;

/**
 * The latency of each request in the life of one process.
 *
 * @param latenciesUs in microseconds; the first is that of the first request after the boot
 * @param failed how many of the requests the function answered with an error of its own
 */
public record Recording(List<Long> latenciesUs, long failed) {
  /** Copies the list, so that the record never changes. */
  public Recording {
    latenciesUs = List.copyOf(latenciesUs);
  }
}
