package dev.rekindle.warmers.jvm;

import java.lang.reflect.Field;
import java.lang.reflect.Method;

/** Private parts of the JDK, opened to the bootstrap alone. */
final class JdkInternals {
  private JdkInternals() {}

  /** Whether a class is the JDK's: its modules have all kinds of loaders. */
  static boolean isOfJdk(Class<?> type) {
    String module = type.getModule().getName();
    return module != null && (module.startsWith("java.") || module.startsWith("jdk."));
  }

  static Field field(Class<?> owner, String name) throws NoSuchFieldException {
    Field field = owner.getDeclaredField(name);
    open(owner);
    field.setAccessible(true);
    return field;
  }

  /** A method that takes one string. */
  static Method method(String owner, String name) throws ReflectiveOperationException {
    return method(Class.forName(owner), name, String.class);
  }

  static Method method(Class<?> owner, String name, Class<?>... parameters)
      throws NoSuchMethodException {
    Method method = owner.getDeclaredMethod(name, parameters);
    open(owner);
    method.setAccessible(true);
    return method;
  }

  static void open(Class<?> owner) {
    Module ours = JdkInternals.class.getModule();
    if (!owner.getModule().isOpen(owner.getPackageName(), ours)) {
      NativeCalls.openPackage(owner.getModule(), owner.getPackageName(), ours);
    }
  }
}
