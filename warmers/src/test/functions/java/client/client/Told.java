package client;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import com.amazonaws.services.lambda.runtime.LambdaRuntime;
import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/** What a handler is told, what it logs, and what it leaves at work. */
public class Told {
  private static final Timer TIMER = new Timer("alarm", true);
  private static final ScheduledExecutorService SCHEDULE =
      Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "schedule"));
  private static final ExecutorService POOL = Executors.newCachedThreadPool();

  static {
    new Thread(Told::forever, "since loading").start();
  }

  private static void forever() {
    try {
      while (true) {
        Thread.sleep(1000);
      }
    } catch (InterruptedException e) {
      return;
    }
  }

  public Map<String, Object> details(Object event, Context context) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("arn", context.getInvokedFunctionArn());
    all.put("tenant", context.getTenantId());
    all.put("trace", context.getXrayTraceId());
    all.put("property", System.getProperty("com.amazonaws.xray.traceHeader"));
    if (context.getIdentity() != null) {
      all.put("identity", context.getIdentity().getIdentityId());
      all.put("pool", context.getIdentity().getIdentityPoolId());
    }
    if (context.getClientContext() != null) {
      all.put("installation", context.getClientContext().getClient().getInstallationId());
      all.put("custom", context.getClientContext().getCustom());
      all.put("environment", context.getClientContext().getEnvironment());
    }
    return all;
  }

  public void logs(Object event, Context context) {
    LambdaLogger log = context.getLogger();
    log.log("plain");
    log.log("two \"lines\"\nof <b>żółw</b>", LogLevel.INFO);
    log.log("too fine", LogLevel.DEBUG);
    LambdaRuntime.getLogger().log("careful", LogLevel.WARN);
    log.log("bytes".getBytes());
    throw new IllegalStateException("no stock");
  }

  public String leaves(Map<String, String> event) {
    switch (event.get("what")) {
      case "timer" -> TIMER.schedule(later(), 600_000);
      case "schedule" -> SCHEDULE.schedule(Told::forever, 600, TimeUnit.SECONDS);
      case "thread" -> new Thread(Told::forever, "pump").start();
      case "pool" -> POOL.execute(Told::forever);
      case "idle pool" -> run(POOL::submit);
      default -> List.of();
    }
    return "left";
  }

  private interface Pool {
    java.util.concurrent.Future<?> submit(Runnable task);
  }

  private static void run(Pool pool) {
    try {
      pool.submit(() -> {}).get();
    } catch (InterruptedException | java.util.concurrent.ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private static TimerTask later() {
    return new TimerTask() {
      @Override
      public void run() {}
    };
  }
}
