package dev.rekindle.loadtests.start;

import dev.rekindle.api.FunctionSettings;
import dev.rekindle.api.StartKind;
import dev.rekindle.loadtests.run.Cleanup;
import dev.rekindle.loadtests.run.Measurement;
import dev.rekindle.loadtests.run.SampleFunction;
import dev.rekindle.loadtests.run.ServiceFunction;
import java.io.IOException;

/** The service has a restored instance that has served before. */
final class WarmMode implements StartMode {
  /**
   * Invocations before any measurement: by then the just-in-time compilers of the service and of
   * this process have seen the path of a request. 300 brought a warm invocation to its final time.
   */
  private static final int HEATING = 300;

  private final ServiceFunction function;
  private final Cleanup cleanup;

  WarmMode(ServiceFunction function, Cleanup cleanup) {
    this.function = function;
    this.cleanup = cleanup;
  }

  @Override
  public String name() {
    return "warm";
  }

  @Override
  public void prepare() throws IOException {
    function.deploy(
        FunctionSettings.DEFAULT_RESTORE_MODE,
        ServiceFunction.ONE_SNAPSHOT,
        FunctionSettings.DEFAULT_MAX_INSTANCES,
        cleanup);
    function.makeSnapshot();
    function.evict();
    for (int i = 0; i < HEATING; i++) {
      function.invoke(SampleFunction.EVENT);
    }
  }

  @Override
  public Measurement measure() {
    ServiceFunction.Answered answered = function.invoke(SampleFunction.EVENT);
    function.checkStart(answered.reply(), StartKind.WARM, null);
    return ServiceFunction.measurement(answered, function.instance(answered.reply().instance()));
  }
}
