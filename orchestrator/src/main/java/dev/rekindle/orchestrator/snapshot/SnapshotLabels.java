package dev.rekindle.orchestrator.snapshot;

import dev.rekindle.orchestrator.function.DeployedFunction;
import dev.rekindle.store.SnapshotManifest;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the service notes of a snapshot in its manifest. The one place that knows the labels' names.
 *
 * @param function the name of the function it was made of
 * @param version the version of that function
 * @param identity what the snapshot is known by on every node
 * @param request how many requests the process had served when it was frozen
 * @param pauseMs how long the process stood still, in milliseconds
 * @param memoryBeforeBytes resident memory before the process prepared; null in snapshots of
 *     earlier builds
 * @param memoryAfterBytes resident memory when it was dumped; null in snapshots of earlier builds
 */
public record SnapshotLabels(
    String function,
    int version,
    String identity,
    long request,
    double pauseMs,
    @Nullable Long memoryBeforeBytes,
    @Nullable Long memoryAfterBytes) {
  private static final String FUNCTION = "function";
  private static final String VERSION = "version";
  private static final String REQUEST = "request";
  private static final String PAUSE_MS = "pauseMs";
  private static final String MEMORY_BEFORE = "memoryBeforeBytes";
  private static final String MEMORY_AFTER = "memoryAfterBytes";

  /** The labels of a snapshot that is being made. */
  public static SnapshotLabels of(
      DeployedFunction function,
      long request,
      Duration pause,
      long memoryBeforeBytes,
      long memoryAfterBytes) {
    return new SnapshotLabels(
        function.name(),
        function.version(),
        function.identity(),
        request,
        pause.toNanos() / 1e6,
        memoryBeforeBytes,
        memoryAfterBytes);
  }

  /** The labels of a stored snapshot; what is missing has its zero. */
  public static SnapshotLabels of(SnapshotManifest manifest) {
    Map<String, String> labels = manifest.labels();
    return new SnapshotLabels(
        labels.getOrDefault(FUNCTION, ""),
        Integer.parseInt(labels.getOrDefault(VERSION, "0")),
        manifest.identity(),
        Long.parseLong(labels.getOrDefault(REQUEST, "0")),
        Double.parseDouble(labels.getOrDefault(PAUSE_MS, "0")),
        number(labels.get(MEMORY_BEFORE)),
        number(labels.get(MEMORY_AFTER)));
  }

  private static @Nullable Long number(@Nullable String label) {
    return label == null ? null : Long.valueOf(label);
  }

  /** As they stand in the manifest. */
  public Map<String, String> toMap() {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put(FUNCTION, function);
    labels.put(SnapshotManifest.LABEL_IDENTITY, identity);
    labels.put(VERSION, Integer.toString(version));
    labels.put(REQUEST, Long.toString(request));
    labels.put(PAUSE_MS, Double.toString(pauseMs));
    if (memoryBeforeBytes != null) {
      labels.put(MEMORY_BEFORE, Long.toString(memoryBeforeBytes));
    }
    if (memoryAfterBytes != null) {
      labels.put(MEMORY_AFTER, Long.toString(memoryAfterBytes));
    }
    return labels;
  }
}
