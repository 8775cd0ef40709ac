package dev.rekindle.warmers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import javax.tools.ToolProvider;

/** Compiles sample functions, as their authors' builds would. */
final class JavaCode {
  private static final Path SOURCES = Path.of("src/test/functions/java");

  private JavaCode() {}

  /** Compiles all sources of a folder into a directory. */
  static void compile(String folder, Path directory) throws IOException {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(
        List.of(
            "-proc:none", "-parameters", "-d", directory.toString(), "-classpath", classPath()));
    try (var files = Files.walk(SOURCES.resolve(folder))) {
      files.map(Path::toString).filter(name -> name.endsWith(".java")).forEach(arguments::add);
    }
    int result =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, arguments.toArray(new String[0]));
    assertThat(result).isZero();
  }

  /** Puts the jar that holds a class into a directory, as a function's author would bundle it. */
  static void bundle(Class<?> part, Path directory) throws IOException {
    Path jar = jar(part);
    Files.createDirectories(directory);
    Files.copy(jar, directory.resolve(jar.getFileName()), StandardCopyOption.REPLACE_EXISTING);
  }

  private static Path jar(Class<?> part) {
    try {
      return Path.of(part.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** All that the tests have: functions are free to use any of it that they bundle. */
  private static String classPath() {
    return System.getProperty("java.class.path");
  }
}
