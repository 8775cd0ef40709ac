package dev.rekindle.api;

import java.util.List;

/**
 * The runtimes that functions can use, by name.
 *
 * @param runtimes the entries
 */
public record RuntimeList(List<RuntimeDescription> runtimes) {
  /** Copies the list. */
  public RuntimeList {
    runtimes = List.copyOf(runtimes);
  }
}
