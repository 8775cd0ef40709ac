package dev.rekindle.warmers.jvm;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Loads the bootstrap once more, on Lambda's interfaces as the function brings them: for functions
 * whose {@code aws-lambda-java-core} is newer than the platform's. Both must mean the same classes,
 * and only the newer ones have all that the function was compiled against. All other functions get
 * the platform's, whose classes lie in an archive that costs no time.
 */
final class NewerInterfaces extends URLClassLoader {
  private static final List<String> INTERFACES =
      List.of(Context.class.getPackageName(), LogLevel.class.getPackageName());

  /** The platform's own, of which the function sees another copy or none. */
  private static final List<String> OURS =
      List.of(
          NewerInterfaces.class.getPackageName() + ".",
          "com.amazonaws.lambda.thirdparty.",
          "com.amazonaws.services.lambda.crac.",
          "com.amazonaws.services.lambda.runtime.serialization.");

  /** The interfaces by which versions differ: what is new are methods of these. */
  private static final List<Class<?>> KNOWN =
      List.of(Context.class, LambdaLogger.class, RequestHandler.class);

  private NewerInterfaces(URL[] code) {
    super(code, ClassLoader.getSystemClassLoader());
  }

  /** The loader of the bootstrap for such a function; empty for all others. */
  static Optional<ClassLoader> of(Path taskRoot) throws IOException {
    NewerInterfaces newer = new NewerInterfaces(FunctionLoader.classPath(taskRoot));
    if (newer.findResource(path(Context.class.getName())) != null && newer.hasMore()) {
      return Optional.of(newer);
    }
    newer.close();
    return Optional.empty();
  }

  private boolean hasMore() {
    try {
      for (Class<?> known : KNOWN) {
        if (hasMore(loadClass(known.getName()), known)) {
          return true;
        }
      }
    } catch (ClassNotFoundException | LinkageError e) {
      return false; // damaged: the function gets the platform's
    }
    return false;
  }

  private static boolean hasMore(Class<?> other, Class<?> known) {
    Set<String> methods = new HashSet<>();
    for (Method method : known.getMethods()) {
      methods.add(signature(method));
    }
    return Arrays.stream(other.getMethods())
        .anyMatch(method -> !methods.contains(signature(method)));
  }

  private static String signature(Method method) {
    return method.getName()
        + Arrays.toString(
            Arrays.stream(method.getParameterTypes()).map(Class::getName).toArray(String[]::new));
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!isInterface(name) && OURS.stream().noneMatch(name::startsWith)) {
      return getParent().loadClass(name);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      if (loaded != null) {
        return loaded;
      }
      return isInterface(name) && findResource(path(name)) != null ? findClass(name) : copy(name);
    }
  }

  private static boolean isInterface(String name) {
    return INTERFACES.contains(name.substring(0, Math.max(0, name.lastIndexOf('.'))));
  }

  /** The function's resources are for its own loader, which looks here first. */
  @Override
  public @Nullable URL getResource(String name) {
    return getParent().getResource(name);
  }

  @Override
  public Enumeration<URL> getResources(String name) throws IOException {
    return getParent().getResources(name);
  }

  private Class<?> copy(String name) throws ClassNotFoundException {
    try (InputStream bytes = getParent().getResourceAsStream(path(name))) {
      if (bytes == null) {
        throw new ClassNotFoundException(name);
      }
      byte[] all = bytes.readAllBytes();
      return defineClass(name, all, 0, all.length);
    } catch (IOException e) {
      throw new ClassNotFoundException(name, e);
    }
  }

  private static String path(String className) {
    return className.replace('.', '/') + ".class";
  }
}
