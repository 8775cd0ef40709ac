package dev.rekindle.loadtests.start;

import dev.rekindle.api.FunctionSettings;
import dev.rekindle.api.PolicyChoice;
import dev.rekindle.api.RestoreMode;
import dev.rekindle.api.StartKind;
import dev.rekindle.loadtests.run.Cleanup;
import dev.rekindle.loadtests.run.Measurement;
import dev.rekindle.loadtests.run.SampleFunction;
import dev.rekindle.loadtests.run.ServiceFunction;
import java.io.IOException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The service starts an instance on the path of the request: from nothing or a snapshot. */
final class FreshMode implements StartMode {
  /** The name of the policy under which every start is cold. */
  private static final String COLD_POLICY = "cold";

  /**
   * Restores before any measurement, in each mode: a service that has run for a while has the path
   * of a restore compiled, as CRIU always has.
   */
  private static final int HEATING = 20;

  private final ServiceFunction function;
  private final @Nullable RestoreMode mode;
  private final Cleanup cleanup;

  /**
   * A way to start.
   *
   * @param mode how to restore, or null to boot from nothing
   */
  FreshMode(ServiceFunction function, @Nullable RestoreMode mode, Cleanup cleanup) {
    this.function = function;
    this.mode = mode;
    this.cleanup = cleanup;
  }

  @Override
  public String name() {
    return mode == null ? "cold" : mode.wire();
  }

  @Override
  public void prepare() throws IOException {
    if (mode == null) {
      function.deploy(
          FunctionSettings.DEFAULT_RESTORE_MODE,
          new PolicyChoice(COLD_POLICY, Map.of()),
          FunctionSettings.DEFAULT_MAX_INSTANCES,
          cleanup);
      return;
    }
    function.deploy(
        mode, ServiceFunction.ONE_SNAPSHOT, FunctionSettings.DEFAULT_MAX_INSTANCES, cleanup);
    function.makeSnapshot();
    function.evict();
    for (int i = 0; i < HEATING; i++) {
      measure();
    }
  }

  @Override
  public Measurement measure() {
    ServiceFunction.Answered answered = function.invoke(SampleFunction.EVENT);
    function.checkStart(answered.reply(), mode == null ? StartKind.COLD : StartKind.RESTORED, mode);
    Measurement measurement =
        ServiceFunction.measurement(answered, function.instance(answered.reply().instance()));
    function.evict();
    return measurement;
  }
}
