package dev.rekindle.engine;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

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
  private static final Pattern PIPE = Pattern.compile("pipe:\\[[0-9]+]");
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .build();

  /**
   * Checks the form of the fields.
   *
   * @throws IllegalArgumentException if one is not what {@link #write} would write
   */
  ProcessRecord {
    if (pid <= 0) {
      throw new IllegalArgumentException("pid is " + pid);
    }
    if (!isPipe(standardOutput) || !isPipe(standardError)) {
      throw new IllegalArgumentException("standardOutput or standardError names no pipe");
    }
  }

  private static boolean isPipe(@Nullable String name) {
    return name != null && PIPE.matcher(name).matches();
  }

  void write(Path directory) throws IOException {
    JSON.writeValue(directory.resolve(NAME).toFile(), this);
  }

  /**
   * Reads the record of a snapshot.
   *
   * @throws RestoreException if it is absent, damaged or of another format
   */
  static ProcessRecord read(Path directory) {
    try {
      JsonNode json = JSON.readTree(Files.readAllBytes(directory.resolve(NAME)));
      JsonNode format = json.path("formatVersion"); // first: other formats have other fields
      if (format.isInt() && format.intValue() != FORMAT_VERSION) {
        throw new RestoreException(
            RestoreException.Cause.INCOMPATIBLE,
            "%s has format %d, this engine reads %d: checkpoint the function anew"
                .formatted(NAME, format.intValue(), FORMAT_VERSION),
            List.of());
      }
      ProcessRecord record = JSON.treeToValue(json, ProcessRecord.class);
      if (record == null) {
        throw new IOException("it holds no record");
      }
      return record;
    } catch (IOException e) {
      throw new RestoreException(
          RestoreException.Cause.DAMAGED,
          "%s cannot be read in %s: %s".formatted(NAME, directory, e.getMessage()),
          List.of());
    }
  }
}
