package task;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Looks at processes and at the load of the processor. */
public class Machine {
  private static final ProcessHandle SELF = ProcessHandle.current();
  private static final OperatingSystemMXBean SYSTEM =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private static Process child;

  public String handle(Map<String, String> event) throws IOException, InterruptedException {
    switch (event.get("text")) {
      case "start" -> {
        child = new ProcessBuilder("/bin/sleep", "600").start();
        long begin = SYSTEM.getProcessCpuTime();
        while (SYSTEM.getProcessCpuTime() - begin < 500_000_000L) {
          SYSTEM.getProcessCpuLoad(); // uses time and remembers how much
        }
        return "started";
      }
      case "look" -> {
        double load = SYSTEM.getProcessCpuLoad();
        return "self " + SELF.isAlive() + ", child " + child.toHandle().isAlive()
            + ", load " + (load <= 1 ? "at most 1" : load);
      }
      default -> {
        child.destroy();
        return "ended " + child.waitFor(10, TimeUnit.SECONDS);
      }
    }
  }
}
