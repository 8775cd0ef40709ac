package dev.rekindle.engine;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a restore must know of the frozen process beside CRIU's images: {@code process.json} in a
 * snapshot's directory.
 *
 * @param formatVersion the version of this record, {@link #FORMAT_VERSION}
 * @param pid the root process's pid in its sandbox
 * @param standardOutput CRIU's name of the pipe that was standard output
 * @param standardError CRIU's name of the pipe that was standard error
 * @param files whether {@code files.tar} holds what lay under /tmp and /dev/shm
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record ProcessRecord(
    int formatVersion, int pid, String standardOutput, String standardError, boolean files) {
  static final int FORMAT_VERSION = 1;

  private static final String NAME = "process.json";
  private static final ObjectMapper JSON = new ObjectMapper();

  void write(Path directory) throws IOException {
    JSON.writeValue(directory.resolve(NAME).toFile(), this);
  }

  /** Reads the record of a snapshot. */
  static ProcessRecord read(Path directory) {
    try {
      ProcessRecord record =
          JSON.readValue(Files.readAllBytes(directory.resolve(NAME)), ProcessRecord.class);
      if (record.formatVersion() != FORMAT_VERSION) {
        throw new RestoreException(
            RestoreException.Cause.INCOMPATIBLE,
            "%s has format %d, this engine reads %d: checkpoint the function anew"
                .formatted(NAME, record.formatVersion(), FORMAT_VERSION),
            java.util.List.of());
      }
      return record;
    } catch (IOException e) {
      throw new RestoreException(
          RestoreException.Cause.DAMAGED,
          "%s cannot be read in %s: %s".formatted(NAME, directory, e.getMessage()),
          java.util.List.of());
    }
  }
}
