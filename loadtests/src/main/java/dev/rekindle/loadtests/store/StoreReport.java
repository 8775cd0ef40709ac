package dev.rekindle.loadtests.store;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.rekindle.loadtests.run.Environment;
import dev.rekindle.loadtests.run.Percentiles;
import java.util.List;

/**
 * What {@code bench store} found. MB are 10^6 bytes.
 *
 * @param environment where and how it ran
 * @param latencyMs time to the store and back
 * @param bandwidthMb what the link carried at most, in MB a second
 * @param upload how a snapshot came to the store
 * @param rows first responses on nodes that had never seen the snapshot
 * @param lazyToDownload the median first response of {@code lazy-from-afar} over that of {@code
 *     download-all}
 * @param lazyBytesToImage what {@code lazy-from-afar} moved before the first response, over the
 *     image
 * @param functions different functions on one runtime, a snapshot each
 * @param snapshots successive snapshots of one function
 */
record StoreReport(
    Environment environment,
    double latencyMs,
    double bandwidthMb,
    Upload upload,
    List<Row> rows,
    double lazyToDownload,
    double lazyBytesToImage,
    Stored functions,
    Stored snapshots) {
  /** Copies the list. */
  StoreReport {
    rows = List.copyOf(rows);
  }

  /**
   * From the order to checkpoint to a snapshot that other nodes can use.
   *
   * @param imageMb size of the snapshot's files
   * @param sentMb what went over the link for it
   * @param localMs until it was complete on the node's own disk
   * @param durableMs until it was complete in the store
   */
  record Upload(double imageMb, double sentMb, double localMs, double durableMs) {
    /** Image bytes that became durable, in MB a second of the time after the node had them. */
    @JsonProperty
    double throughputMb() {
      return imageMb / Math.max(1e-3, (durableMs - localMs) / 1e3);
    }
  }

  /**
   * A way to the first response. Sizes are medians of what came over the link.
   *
   * @param mode its name
   * @param firstResponseMs from the invocation until the first response
   * @param fetchMs of that, until the restore could begin, as the service says
   * @param restoreMs of that, the restore, as the service says
   * @param mbBefore what had come when the first response was there, since the node came up
   * @param mbInAll what had come when the whole snapshot was there
   */
  record Row(
      String mode,
      Percentiles firstResponseMs,
      double fetchMs,
      double restoreMs,
      double mbBefore,
      double mbInAll) {}

  /**
   * Snapshots in the store.
   *
   * @param count how many
   * @param imagesMb the sum of their files
   * @param storedMb what they take in the store, all together
   * @param firstMb what the first of them added
   * @param lastMb what the last of them added
   */
  record Stored(int count, double imagesMb, double storedMb, double firstMb, double lastMb) {
    /** What is stored over the sum of the images. */
    @JsonProperty
    double storedToImages() {
      return storedMb / imagesMb;
    }

    /** What the last one added over what the first one did. */
    @JsonProperty
    double lastToFirst() {
      return lastMb / firstMb;
    }
  }
}
