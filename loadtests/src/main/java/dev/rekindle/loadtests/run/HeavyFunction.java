package dev.rekindle.loadtests.run;

import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A function that is slow to start and answers sooner the longer its process lives: what policies
 * are there for. They are the samples that the service's demonstration deploys; their files are
 * named here, not used as code, and lie on the class path beside the service.
 *
 * @param runtime the name of its runtime
 * @param handler what the service is to call
 * @param about what it is, in a few words
 * @param event an event that it answers, as JSON
 * @param folder the folder of its files
 * @param files its files, as they lie in the zip; or one zip that the build made
 */
public record HeavyFunction(
    String runtime, String handler, String about, String event, String folder, List<String> files) {
  /** A search index in dictionaries. Python compiles nothing while it runs: a flat curve. */
  public static final HeavyFunction PYTHON3 =
      new HeavyFunction(
          "python3",
          "tables.handler",
          "a large table built at start-up",
          "{\"query\":\"kari tome\"}",
          "python3",
          List.of("tables.py"));

  /** The TypeScript compiler. */
  static final HeavyFunction NODEJS =
      new HeavyFunction(
          "nodejs",
          "transpile.handler",
          "the TypeScript compiler",
          "{\"source\":\"export const answer: number = 42;\"}",
          "nodejs/transpile",
          List.of(
              "transpile.js",
              "node_modules/typescript/LICENSE.txt",
              "node_modules/typescript/ThirdPartyNoticeText.txt",
              "node_modules/typescript/lib/typescript.js",
              "node_modules/typescript/package.json"));

  /** Apache Lucene: compiled piece by piece over the first thousand requests. */
  public static final HeavyFunction JAVA =
      new HeavyFunction(
          "java",
          "search.Search",
          "an index of Apache Lucene",
          "{\"query\":\"kari tome\"}",
          "java",
          List.of("search.zip"));

  /** Copies the list. */
  public HeavyFunction {
    files = List.copyOf(files);
  }

  /** One of each runtime that has one. */
  public static List<HeavyFunction> all() {
    return List.of(PYTHON3, NODEJS, JAVA);
  }

  /**
   * The function of a runtime.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static HeavyFunction named(String runtime) {
    return all().stream()
        .filter(function -> function.runtime.equals(runtime))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "--runtime takes some of "
                        + all().stream()
                            .map(HeavyFunction::runtime)
                            .collect(Collectors.joining(", "))
                        + ", not "
                        + runtime));
  }

  /** The zip to deploy. */
  public byte[] zip() throws IOException {
    if (files.size() == 1 && files.get(0).endsWith(".zip")) {
      return read(files.get(0));
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (String file : files) {
        zip.putNextEntry(new ZipEntry(file));
        zip.write(read(file));
      }
    }
    return bytes.toByteArray();
  }

  private byte[] read(String file) throws IOException {
    String path = "/samples/" + folder + "/" + file;
    try (InputStream in = HeavyFunction.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new FileNotFoundException(path + " is not on the class path beside the service");
      }
      return in.readAllBytes();
    }
  }
}
