package dev.rekindle.loadtests.run;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A function that is measured: the same code under the service and under plain CRIU. Its files are
 * resources below a folder that is named like its runtime.
 */
public enum SampleFunction {
  /** A CPython function. */
  PYTHON3("python3", "heap.handler", "serve.py") {
    @Override
    List<String> code() {
      return List.of("heap.py");
    }

    @Override
    public List<String> command() {
      return List.of(Programs.python().toString(), "serve.py");
    }
  },

  /** A Node.js function. */
  NODEJS("nodejs", "heap.handler", "serve.js") {
    @Override
    List<String> code() {
      return List.of("heap.js");
    }

    @Override
    public List<String> command() {
      return List.of(Programs.node().toString(), "serve.js");
    }

    /** CRIU cannot dump an io_uring, which the service's sandboxes refuse for that reason. */
    @Override
    public Map<String, String> variables() {
      return Map.of("UV_USE_IO_URING", "0");
    }
  },

  /** A function on the JVM; its files are classes of this module. */
  JAVA(
      "java",
      "dev.rekindle.loadtests.jvm.Heap::handler",
      "dev/rekindle/loadtests/jvm/Serve.class") {
    @Override
    List<String> code() {
      return List.of("dev/rekindle/loadtests/jvm/Heap.class");
    }

    /** With the collector of the service's functions, and without the JVM's file in /tmp. */
    @Override
    public List<String> command() {
      return List.of(
          Programs.java().toString(),
          "-XX:-UsePerfData",
          "-XX:+UseSerialGC",
          "-Xms16m",
          "-cp",
          ".",
          "dev.rekindle.loadtests.jvm.Serve");
    }

    @Override
    byte[] resource(String file) throws IOException {
      return Resources.read("/" + file);
    }
  };

  /** The variable that tells the function the size of its heap. */
  public static final String HEAP_VARIABLE = "HEAP_MB";

  /** The variable that tells it how many bytes of a page of its arrays are random. */
  public static final String RANDOM_VARIABLE = "HEAP_RANDOM";

  /** The event that every start answers first. */
  public static final String EVENT = "{\"key\":7}";

  private final String runtime;
  private final String handler;
  private final String server;

  SampleFunction(String runtime, String handler, String server) {
    this.runtime = runtime;
    this.handler = handler;
    this.server = server;
  }

  /** The files of the function's code. */
  abstract List<String> code();

  /**
   * What serves the function without us, run in the directory of {@link #writeTo}; the path of the
   * socket to listen on is to be added as its last argument.
   */
  public abstract List<String> command();

  /** Variables that {@link #command()} needs for plain CRIU to dump it. */
  public Map<String, String> variables() {
    return Map.of();
  }

  /** The name of its runtime. */
  public String runtime() {
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
  public static SampleFunction named(String runtime) {
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
      for (String file : code()) {
        zip.putNextEntry(new ZipEntry(file));
        zip.write(resource(file));
      }
    }
    return bytes.toByteArray();
  }

  /** Writes the function, and the server that serves it without us, into a directory. */
  public void writeTo(Path directory) throws IOException {
    for (String file : code()) {
      write(directory.resolve(file), resource(file));
    }
    write(directory.resolve(server), resource(server));
  }

  private static void write(Path file, byte[] bytes) throws IOException {
    Files.createDirectories(Objects.requireNonNull(file.getParent()));
    Files.write(file, bytes);
  }

  /** The bytes of one of its files. */
  byte[] resource(String file) throws IOException {
    return Resources.read("/dev/rekindle/loadtests/" + runtime + "/" + file);
  }
}
