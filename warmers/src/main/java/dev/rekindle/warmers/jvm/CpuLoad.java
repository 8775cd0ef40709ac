package dev.rekindle.warmers.jvm;

import java.lang.management.OperatingSystemMXBean;

/**
 * The load of the processor, which the JDK takes from two readings of a counter. A restored process
 * begins to count at zero, so that the first reading in a clone would be nonsense: it is taken
 * here.
 */
final class CpuLoad {
  private CpuLoad() {}

  static Renewable of(OperatingSystemMXBean bean) {
    return seeds -> {
      if (bean instanceof com.sun.management.OperatingSystemMXBean counters) {
        counters.getProcessCpuLoad();
        counters.getCpuLoad();
      }
    };
  }
}
