package dev.rekindle.warmers;

import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalInt;

/** A runtime under the name of its version, such as {@code python3.11}. */
record VersionedWarmer(String runtime, Warmer warmer) implements Warmer {
  @Override
  public void check() {
    warmer.check();
  }

  @Override
  public void validateHandler(String handler) {
    warmer.validateHandler(handler);
  }

  @Override
  public OptionalInt port() {
    return warmer.port();
  }

  @Override
  public Launch launch(FunctionSpec function) {
    return warmer.launch(function);
  }

  @Override
  public Map<String, Path> mounts() {
    return warmer.mounts();
  }

  @Override
  public String runtimeVersion() {
    return warmer.runtimeVersion();
  }
}
