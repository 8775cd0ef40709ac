package dev.rekindle.warmers.jvm;

import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Loads the function's classes: those in its directory, then its jars, at the top and in {@code
 * lib}, by name.
 *
 * <p>The function sees nothing of the platform but Lambda's interfaces and the snapshot hooks.
 * Those come from the platform even when the function brings them, so that both mean the same
 * classes, unless the function's are newer: then {@link NewerInterfaces} gives them to both; all
 * else comes from the function, whatever libraries the platform uses itself.
 */
final class FunctionLoader extends URLClassLoader {
  static {
    registerAsParallelCapable();
  }

  /**
   * The rest of what the system's loader knows, beside the JDK: the bootstrap and the JSON library.
   */
  private static final List<String> HIDDEN =
      List.of(
          FunctionLoader.class.getPackageName() + ".",
          "com.amazonaws.lambda.thirdparty.",
          "com.amazonaws.services.lambda.runtime.serialization.");

  FunctionLoader(Path taskRoot) throws IOException {
    // Not the platform loader: some of the JDK's modules, such as jdk.random, are not its.
    super(classPath(taskRoot), FunctionLoader.class.getClassLoader());
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (HIDDEN.stream().noneMatch(name::startsWith)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded == null ? findClass(name) : loaded;
    }
  }

  /** Where the function's classes lie, in the order in which they are looked for. */
  static URL[] classPath(Path taskRoot) throws IOException {
    List<URL> path = new ArrayList<>();
    path.add(directory(taskRoot));
    addJars(taskRoot, path);
    addJars(taskRoot.resolve("lib"), path);
    return path.toArray(new URL[0]);
  }

  private static void addJars(Path directory, List<URL> path) throws IOException {
    if (!Files.isDirectory(directory)) {
      return;
    }
    List<Path> jars = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, "*.jar")) {
      found.forEach(jars::add);
    }
    // Which of two versions of a class wins must not depend on the file system.
    jars.sort(null);
    for (Path jar : jars) {
      path.add(jar.toUri().toURL());
    }
  }

  /** With the slash by which URLClassLoader tells directories, whether it is there or not. */
  private static URL directory(Path path) throws MalformedURLException {
    String text = path.toUri().toString();
    return new URL(text.endsWith("/") ? text : text + "/");
  }
}
