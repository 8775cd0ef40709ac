package dev.rekindle.warmers.jvm;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds the code that a handler's name stands for, by Lambda's rules. */
final class HandlerFinder {
  private static final String INTERFACE_METHOD = "handleRequest";

  private final FunctionLoader loader;
  private final Path taskRoot;
  private final Marshal marshal;

  HandlerFinder(FunctionLoader loader, Path taskRoot) throws FaultException {
    this.loader = loader;
    this.taskRoot = taskRoot;
    this.marshal = new Marshal(loader);
  }

  /**
   * Loads and instantiates {@code package.Class} or {@code package.Class::method}.
   *
   * @throws Throwable a {@link FaultException} that says what to mend, or what the function's
   *     initialization threw
   */
  Handler find(String name) throws Throwable {
    int colons = name.indexOf("::");
    String className = colons < 0 ? name : name.substring(0, colons);
    String method = colons < 0 ? INTERFACE_METHOD : name.substring(colons + 2);
    Class<?> type = load(className);
    boolean isInterface =
        RequestHandler.class.isAssignableFrom(type)
            || RequestStreamHandler.class.isAssignableFrom(type);
    if (isInterface && method.equals(INTERFACE_METHOD)) {
      return ofInterface(type, instance(type));
    }
    if (colons < 0) {
      throw new FaultException(
          "java.lang.ClassCastException",
          className
              + " implements neither RequestHandler nor RequestStreamHandler; name the method to"
              + " call, as in "
              + className
              + "::method",
          null);
    }
    return ofMethod(type, chosen(type, method));
  }

  private Class<?> load(String className) throws ClassNotFoundException, FaultException {
    try {
      return Class.forName(className, true, loader);
    } catch (ClassNotFoundException e) {
      if (!className.equals(e.getMessage())) {
        throw e;
      }
      throw new FaultException(
          ClassNotFoundException.class.getName(),
          "Class not found: "
              + className
              + "; it is neither among the classes below "
              + taskRoot
              + " nor in a jar there or in lib: correct the handler or the zip",
          null);
    }
  }

  private static Object instance(Class<?> type) throws Throwable {
    if (type.isInterface() || Modifier.isAbstract(type.getModifiers())) {
      throw notInstantiable(type, "is abstract");
    }
    if (type.getEnclosingClass() != null && !Modifier.isStatic(type.getModifiers())) {
      throw notInstantiable(type, "is an inner class that is not static");
    }
    Constructor<?> constructor;
    try {
      constructor = type.getDeclaredConstructor();
    } catch (NoSuchMethodException e) {
      throw notInstantiable(type, "has no constructor without parameters");
    }
    constructor.setAccessible(true);
    return constructor.newInstance();
  }

  private static FaultException notInstantiable(Class<?> type, String why) {
    return new FaultException(
        InstantiationException.class.getName(),
        "Class " + type.getName() + " cannot be instantiated: it " + why,
        null);
  }

  @SuppressWarnings({"unchecked", "rawtypes"}) // the event was read as the type it declares
  private Handler ofInterface(Class<?> type, Object instance) {
    if (instance instanceof RequestStreamHandler streams) {
      return (event, context) -> {
        ByteArrayOutputStream result = new ByteArrayOutputStream();
        streams.handleRequest(new ByteArrayInputStream(event), result, context);
        return Marshal.streamed(result);
      };
    }
    RequestHandler handler = (RequestHandler) instance;
    Marshal.Types types = marshal.typesOf(type);
    return (event, context) ->
        types.result().write(handler.handleRequest(types.event().read(event), context));
  }

  /** Of several methods of that name, the one with most parameters, as Lambda chooses. */
  private static Method chosen(Class<?> type, String name) throws FaultException {
    Optional<Method> method =
        Arrays.stream(type.getMethods())
            .filter(each -> each.getName().equals(name) && !each.isBridge())
            .filter(HandlerFinder::isCallable)
            .max(
                Comparator.comparingInt(Method::getParameterCount)
                    .thenComparing(each -> takesContext(each.getParameterTypes()))
                    // Of a method and what it overrides with a wider result, the former.
                    .thenComparing(
                        (a, b) -> a.getReturnType().isAssignableFrom(b.getReturnType()) ? -1 : 1));
    return method.orElseThrow(
        () ->
            new FaultException(
                NoSuchMethodException.class.getName(),
                "No public method named "
                    + name
                    + " with an appropriate signature found on class "
                    + type.getName()
                    + "; it takes (event), (event, Context), (InputStream, OutputStream) or"
                    + " (InputStream, OutputStream, Context)",
                null));
  }

  private static boolean isCallable(Method method) {
    Class<?>[] parameters = method.getParameterTypes();
    return isStreams(parameters)
        || parameters.length < 2
        || (parameters.length == 2 && takesContext(parameters));
  }

  private static boolean isStreams(Class<?>[] parameters) {
    return parameters.length >= 2
        && parameters.length <= 3
        && parameters[0] == InputStream.class
        && parameters[1] == OutputStream.class
        && (parameters.length == 2 || takesContext(parameters));
  }

  private static boolean takesContext(Class<?>[] parameters) {
    return parameters.length > 0 && parameters[parameters.length - 1] == Context.class;
  }

  private Handler ofMethod(Class<?> type, Method method) throws Throwable {
    // A public method of a class that is not public.
    method.setAccessible(true);
    Object target = Modifier.isStatic(method.getModifiers()) ? null : instance(type);
    Class<?>[] parameters = method.getParameterTypes();
    boolean withContext = takesContext(parameters);
    if (isStreams(parameters)) {
      return (event, context) -> {
        ByteArrayOutputStream result = new ByteArrayOutputStream();
        InputStream in = new ByteArrayInputStream(event);
        call(method, target, in, result, withContext ? context : null);
        return Marshal.streamed(result);
      };
    }
    Marshal.Json result = marshal.result(type, method);
    int values = parameters.length - (withContext ? 1 : 0);
    Marshal.Json event = values == 0 ? null : marshal.event(type, method);
    return (bytes, context) -> {
      Object[] arguments = new Object[parameters.length];
      if (event != null) {
        arguments[0] = event.read(bytes);
      }
      if (withContext) {
        arguments[values] = context;
      }
      return result.write(method.invoke(target, arguments));
    };
  }

  private static void call(
      Method method,
      @Nullable Object target,
      InputStream in,
      OutputStream out,
      @Nullable Context context)
      throws ReflectiveOperationException {
    if (context == null) {
      method.invoke(target, in, out);
    } else {
      method.invoke(target, in, out, context);
    }
  }
}
