package shop;

import com.amazonaws.services.lambda.runtime.Context;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TimeZone;

/** Handlers that use the language's edges. The misbehaving ones return event["n"]. */
public class Odd {
  private static List<byte[]> kept = new ArrayList<>();
  private static Object sink;

  public Object interruptsItself(Map<String, Object> event) {
    Thread.currentThread().interrupt();
    return event.get("n");
  }

  /** As a watchdog would that forgets to stop. */
  public Object interruptedForever(Map<String, Object> event) {
    Thread served = Thread.currentThread();
    Thread watchdog =
        new Thread(
            () -> {
              while (true) {
                served.interrupt();
                Thread.onSpinWait();
              }
            });
    watchdog.setDaemon(true);
    watchdog.setPriority(Thread.MIN_PRIORITY);
    watchdog.start();
    return event.get("n");
  }

  public Object replacesOut(Map<String, Object> event) {
    System.setOut(new PrintStream(new ByteArrayOutputStream()));
    System.setErr(null);
    return event.get("n");
  }

  public Object closesOut(Map<String, Object> event) {
    System.out.close();
    System.err.close();
    return event.get("n");
  }

  public Object setsContextLoader(Map<String, Object> event) {
    Thread.currentThread().setContextClassLoader(null);
    return event.get("n");
  }

  public Object recurses(Object event) {
    return recurses(event);
  }

  public Object breaksTheMachine(Object event) {
    throw new InternalError("a damaged heap");
  }

  public Object losesItsTerminal(Object event) {
    throw new java.io.IOError(new java.io.IOException("gone"));
  }

  public Object fillsMemory(Object event) {
    List<byte[]> all = new ArrayList<>();
    while (true) {
      all.add(new byte[1 << 20]);
    }
  }

  public static class Unshowable extends RuntimeException {
    @Override
    public String getMessage() {
      throw new IllegalStateException("no words");
    }
  }

  public Object raisesUnshowable(Object event) {
    throw new Unshowable();
  }

  public Object raisesEnormous(Object event) {
    throw new IllegalArgumentException("🎉".repeat(5_000_000));
  }

  public Object raisesHalfASurrogatePair(Object event) {
    throw new IllegalArgumentException("\ud83c");
  }

  public Object raisesWithCause(Object event) {
    try {
      throw new java.io.IOException("disk");
    } catch (java.io.IOException e) {
      throw new IllegalStateException("no order", e);
    }
  }

  public Object raisesWithoutWords(Object event) {
    throw new IllegalStateException();
  }

  public int fallsDueHour(Object event) {
    return java.time.ZonedDateTime.now(java.time.ZoneId.systemDefault()).getOffset().getTotalSeconds()
        + TimeZone.getDefault().getRawOffset();
  }

  public String zone(Object event) {
    return TimeZone.getDefault().getID();
  }

  /** Leaves a little and lots of garbage. */
  public long garbage(Map<String, Integer> event) {
    long sum = 0;
    for (int i = 0; i < event.get("mb"); i++) {
      byte[] bytes = new byte[1 << 20];
      java.util.Arrays.fill(bytes, (byte) 7);
      sink = bytes;
      sum += bytes[i];
    }
    sink = null;
    kept.add(new byte[100]);
    return sum;
  }

  public List<String> jvm(Object event) {
    List<String> all = new ArrayList<>();
    ManagementFactory.getGarbageCollectorMXBeans().forEach(bean -> all.add(bean.getName()));
    all.add("max " + (Runtime.getRuntime().maxMemory() >> 20));
    return all;
  }

  public String exitsByHook(Object event, Context context) {
    Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("hook ran")));
    System.exit(5);
    return "never";
  }

  public Object halts(Object event) {
    Runtime.getRuntime().halt(6);
    return null;
  }
}
