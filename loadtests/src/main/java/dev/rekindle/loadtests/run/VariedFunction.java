package dev.rekindle.loadtests.run;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Python functions that have the runtime in common and little else: each imports other modules and
 * builds data of its own.
 */
public final class VariedFunction {
  private static final List<String> MODULES =
      List.of(
          "csv",
          "decimal",
          "email.message",
          "http.client",
          "logging",
          "asyncio",
          "unittest",
          "xml.dom.minidom",
          "sqlite3",
          "zipfile");

  private VariedFunction() {}

  /** What the service is to call. */
  public static final String HANDLER = "varied.handler";

  /** The zip of the function with a number. */
  public static byte[] zip(int number) throws IOException {
    String code =
        """
        import json, random
        import %s

        _random = random.Random(%d)
        _DATA = {"k%%d" %% i: _random.random() for i in range(10_000)}
        _TEXT = _random.randbytes(500_000)


        def handler(event, context):
            return {"number": %d, "value": _DATA["k%%d" %% (event.get("key", 0) %% len(_DATA))]}
        """
            .formatted(MODULES.get(number % MODULES.size()), number, number);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(new ZipEntry("varied.py"));
      zip.write(code.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }
}
