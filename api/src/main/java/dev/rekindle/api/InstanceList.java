package dev.rekindle.api;

import java.util.List;

/**
 * The instances of a function, oldest first.
 *
 * @param instances the entries
 */
public record InstanceList(List<InstanceDescription> instances) {
  /** Copies the list. */
  public InstanceList {
    instances = List.copyOf(instances);
  }
}
