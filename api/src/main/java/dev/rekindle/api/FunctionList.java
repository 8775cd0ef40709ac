package dev.rekindle.api;

import java.util.List;

/**
 * The functions of the service, by name.
 *
 * @param functions the entries
 */
public record FunctionList(List<FunctionDescription> functions) {
  /** Copies the list. */
  public FunctionList {
    functions = List.copyOf(functions);
  }
}
