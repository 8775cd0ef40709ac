package dev.rekindle.loadtests.start;

import dev.rekindle.api.FunctionSettings;
import dev.rekindle.api.InstanceDescription;
import dev.rekindle.api.PolicyChoice;
import dev.rekindle.api.StartKind;
import dev.rekindle.loadtests.run.Cleanup;
import dev.rekindle.loadtests.run.Measurement;
import dev.rekindle.loadtests.run.SampleFunction;
import dev.rekindle.loadtests.run.ServiceFunction;
import dev.rekindle.loadtests.run.Waiting;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** The service has a restored instance that has served nothing, and hands it the event. */
final class StandbyMode implements StartMode {
  private static final PolicyChoice POLICY =
      new PolicyChoice(ServiceFunction.ONE_SNAPSHOT.name(), Map.of("standby", 1));

  private final ServiceFunction function;
  private final Duration settle;
  private final Cleanup cleanup;

  /**
   * A way to start.
   *
   * @param settle how long the machine gets to calm down after the restore
   */
  StandbyMode(ServiceFunction function, Duration settle, Cleanup cleanup) {
    this.function = function;
    this.settle = settle;
    this.cleanup = cleanup;
  }

  @Override
  public String name() {
    return "standby";
  }

  @Override
  public void prepare() throws IOException {
    function.deploy(
        FunctionSettings.DEFAULT_RESTORE_MODE,
        POLICY,
        FunctionSettings.DEFAULT_MAX_INSTANCES,
        cleanup);
    function.makeSnapshot();
    function.awaitStandby();
    function.evict();
  }

  /** The memory is that of the standby instance, before it has served. */
  @Override
  public Measurement measure() {
    InstanceDescription waiting = function.awaitStandby();
    Waiting.pause(settle);
    ServiceFunction.Answered answered = function.invoke(SampleFunction.EVENT);
    function.checkStart(answered.reply(), StartKind.STANDBY, null);
    function.awaitStandby(); // its successor, which is restored behind it
    function.evict();
    return ServiceFunction.measurement(answered, Optional.of(waiting));
  }
}
