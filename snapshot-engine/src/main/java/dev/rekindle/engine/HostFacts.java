package dev.rekindle.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a snapshot's host must have in common with the one that restores it.
 *
 * @param criu CRIU's version; its wire and image formats change without negotiation
 * @param kernel the kernel release; the vdso and /proc layouts that programs cached belong to it
 * @param architecture the machine's architecture
 * @param cpuFeatures the processor's feature flags; libraries chose code by them at start-up
 */
public record HostFacts(String criu, String kernel, String architecture, Set<String> cpuFeatures) {

  /** Copies the set. */
  public HostFacts {
    cpuFeatures = Set.copyOf(cpuFeatures);
  }

  /** Reads this host's facts. */
  static HostFacts read(String criuVersion) throws IOException {
    return new HostFacts(
        criuVersion,
        Files.readString(Path.of("/proc/sys/kernel/osrelease")).trim(),
        System.getProperty("os.arch"),
        parseCpuFeatures(Files.readString(Path.of("/proc/cpuinfo"))));
  }

  /** The flags of the first processor: "flags" on x86, "Features" on ARM. */
  static Set<String> parseCpuFeatures(String cpuinfo) {
    return cpuinfo
        .lines()
        .filter(line -> line.startsWith("flags") || line.startsWith("Features"))
        .findFirst()
        .map(line -> words(line.substring(line.indexOf(':') + 1)))
        .orElse(Set.of());
  }

  /** As text, for a manifest. */
  public Map<String, String> toRequirements() {
    Map<String, String> map = new LinkedHashMap<>();
    map.put("criu", criu);
    map.put("kernel", kernel);
    map.put("architecture", architecture);
    map.put("cpuFeatures", String.join(" ", new TreeSet<>(cpuFeatures)));
    return map;
  }

  /**
   * Compares a snapshot's requirements with this host.
   *
   * @return why the snapshot cannot be restored here, or empty if it can
   */
  public Optional<String> mismatch(Map<String, String> requirements) {
    Map<String, String> here = toRequirements();
    for (String name : new String[] {"criu", "kernel", "architecture"}) {
      String wanted = requirements.getOrDefault(name, "unknown");
      if (!wanted.equals(here.get(name))) {
        return Optional.of(
            "the snapshot was made with %s %s, here is %s".formatted(name, wanted, here.get(name)));
      }
    }
    Set<String> missing = new TreeSet<>(words(requirements.getOrDefault("cpuFeatures", "")));
    missing.removeAll(cpuFeatures);
    return missing.isEmpty()
        ? Optional.empty()
        : Optional.of("the snapshot needs processor features that are missing here: " + missing);
  }

  /** The different words of a text, which may repeat some. */
  private static Set<String> words(String text) {
    return text.isBlank() ? Set.of() : new HashSet<>(List.of(text.trim().split("\\s+", -1)));
  }
}
