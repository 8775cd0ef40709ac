package task;

import com.amazonaws.services.lambda.runtime.Context;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Handlers of the warmers' contract; see the enum Sample for what each does. */
public class Samples {
  public static class OutOfStock extends RuntimeException {
    OutOfStock(String message) {
      super(message);
    }
  }

  private static void find_stock() {
    throw new OutOfStock("no stock");
  }

  public Object echo(Object event) {
    return event;
  }

  public Map<String, Object> context(Object event, Context context) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("requestId", context.getAwsRequestId());
    all.put("name", context.getFunctionName());
    all.put("version", context.getFunctionVersion());
    all.put("memory", context.getMemoryLimitInMB());
    all.put("remainingMs", context.getRemainingTimeInMillis());
    return all;
  }

  public Object raises(Object event) {
    find_stock();
    return null;
  }

  public Object not_json(Object event) {
    List<Object> itself = new ArrayList<>();
    itself.add(itself);
    return itself;
  }

  public void prints(Map<String, String> event) {
    System.out.print("out: " + event.get("text"));
    System.err.print("err: " + event.get("text"));
  }

  public void exits(Object event) {
    System.exit(3);
  }

  public void sleeps(Object event) throws InterruptedException {
    Thread.sleep(60_000);
  }

  public int exhausts_memory(Object event) {
    return new long[Integer.MAX_VALUE - 8].length;
  }

  public String leaves_thread(Object event) {
    new Thread(
            () -> {
              while (true) {
                try {
                  Thread.sleep(1000);
                } catch (InterruptedException e) {
                  return;
                }
              }
            })
        .start();
    return "started";
  }

  public String loads(Map<String, String> event) throws ClassNotFoundException {
    return Class.forName(event.get("name")).getName();
  }

  public String environment(Map<String, String> event) {
    return System.getenv(event.get("name"));
  }
}
