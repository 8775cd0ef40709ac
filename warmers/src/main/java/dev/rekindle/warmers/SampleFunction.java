package dev.rekindle.warmers;

import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * A function that shows what a runtime does; demonstrations deploy it. Its files are resources of
 * this module.
 *
 * @param runtime the runtime's name in the API
 * @param handler the handler in the runtime's own syntax
 * @param about what it is, in a few words
 * @param event an event that it answers, as JSON
 * @param folder the resource folder of its files
 * @param files its files below that folder, as they lie in the zip; or one zip that the build made
 */
public record SampleFunction(
    String runtime, String handler, String about, String event, String folder, List<String> files) {
  /** A search index, built from the standard library's means. */
  public static final SampleFunction PYTHON3_TABLES =
      new SampleFunction(
          "python3",
          "tables.handler",
          "a large table built at start-up",
          "{\"query\":\"kari tome\"}",
          "python3",
          List.of("tables.py"));

  /** The TypeScript compiler as a service. */
  public static final SampleFunction NODEJS_TRANSPILE =
      new SampleFunction(
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

  /** Lucene as a service. */
  public static final SampleFunction JAVA_SEARCH =
      new SampleFunction(
          "java",
          "search.Search",
          "an index of Apache Lucene",
          "{\"query\":\"kari tome\"}",
          "java",
          List.of("search.zip"));

  /** Copies the list, so that the record never changes. */
  public SampleFunction {
    files = List.copyOf(files);
  }

  /** A function of each runtime that has one, slow to start for a reason of real life. */
  public static List<SampleFunction> heavy() {
    return List.of(PYTHON3_TABLES, NODEJS_TRANSPILE, JAVA_SEARCH);
  }

  /** The zip to deploy. Blocks. */
  public byte[] zip() throws IOException {
    if (files.size() == 1 && files.get(0).endsWith(".zip")) {
      return resource(files.get(0));
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (String file : files) {
        zip.putNextEntry(new ZipEntry(file));
        zip.write(resource(file));
      }
    }
    return bytes.toByteArray();
  }

  private byte[] resource(String file) throws IOException {
    String path = "/samples/" + folder + "/" + file;
    try (InputStream in = SampleFunction.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new FileNotFoundException(path + " is missing from the jar");
      }
      return in.readAllBytes();
    }
  }
}
