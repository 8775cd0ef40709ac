package dev.rekindle.loadtests;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A function that is measured: the same code under the service and under plain CRIU. */
enum SampleFunction {
  /** A CPython function. */
  PYTHON3("python3", "heap.handler", "heap.py", "serve.py");

  /** The variable that tells the function the size of its heap. */
  static final String HEAP_VARIABLE = "HEAP_MB";

  /** The variable that tells it how many bytes of a page of its arrays are random. */
  static final String RANDOM_VARIABLE = "HEAP_RANDOM";

  /** The event that every start answers first. */
  static final String EVENT = "{\"key\":7}";

  private final String runtime;
  private final String handler;
  private final String code;
  private final String server;

  SampleFunction(String runtime, String handler, String code, String server) {
    this.runtime = runtime;
    this.handler = handler;
    this.code = code;
    this.server = server;
  }

  /** The name of its runtime. */
  String runtime() {
    return runtime;
  }

  /** What the service is to call. */
  String handler() {
    return handler;
  }

  /**
   * The function of a runtime.
   *
   * @throws IllegalArgumentException if there is none
   */
  static SampleFunction named(String runtime) {
    return Arrays.stream(values())
        .filter(function -> function.runtime.equals(runtime))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "--runtime takes one of "
                        + Arrays.stream(values())
                            .map(SampleFunction::runtime)
                            .collect(Collectors.joining(", "))
                        + ", not "
                        + runtime));
  }

  /** The zip to deploy. */
  byte[] zip() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      ZipEntry entry = new ZipEntry(code);
      entry.setTime(0); // by its bytes another node knows that it is the same code
      zip.putNextEntry(entry);
      zip.write(Resources.read(runtime + "/" + code));
    }
    return bytes.toByteArray();
  }

  /** Writes the function, and a server that serves it without us, into a directory. */
  void writeTo(Path directory) throws IOException {
    for (String file : List.of(code, server)) {
      Files.write(directory.resolve(file), Resources.read(runtime + "/" + file));
    }
  }
}
