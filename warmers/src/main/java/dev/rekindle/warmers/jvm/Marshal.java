package dev.rekindle.warmers.jvm;

import com.amazonaws.lambda.thirdparty.com.fasterxml.jackson.databind.JavaType;
import com.amazonaws.lambda.thirdparty.com.fasterxml.jackson.databind.type.TypeFactory;
import com.amazonaws.services.lambda.runtime.CustomPojoSerializer;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.serialization.PojoSerializer;
import com.amazonaws.services.lambda.runtime.serialization.events.LambdaEventSerializers;
import com.amazonaws.services.lambda.runtime.serialization.factories.JacksonFactory;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Method;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Optional;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** Events and results as JSON, by the library that Lambda's own runtime converts them with. */
final class Marshal {
  private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);

  private final ClassLoader loader;
  private final Optional<CustomPojoSerializer> ofTheFunction;

  Marshal(FunctionLoader loader) throws FaultException {
    this.loader = loader;
    this.ofTheFunction = customSerializer(loader);
  }

  /** The serializer that the function brings in place of the platform's. */
  private static Optional<CustomPojoSerializer> customSerializer(FunctionLoader loader)
      throws FaultException {
    if (loader.findResource("META-INF/services/" + CustomPojoSerializer.class.getName()) == null) {
      return Optional.empty();
    }
    Iterator<CustomPojoSerializer> all =
        ServiceLoader.load(CustomPojoSerializer.class, loader).iterator();
    if (!all.hasNext()) {
      return Optional.empty();
    }
    CustomPojoSerializer only = all.next();
    if (all.hasNext()) {
      throw new FaultException(
          "com.amazonaws.services.lambda.runtime.api.client.TooManyServiceProvidersFoundException",
          "Too many serializers provided inside the META-INF/services folder, only one is allowed",
          null);
    }
    return Optional.of(only);
  }

  /** How values of one type become JSON and back. */
  interface Json {
    /** Reads an event; throws a FaultException of type Runtime.UnmarshalError. */
    @Nullable Object read(byte[] json) throws FaultException;

    /** Writes a result; throws a FaultException of type Runtime.MarshalError. */
    byte[] write(@Nullable Object value) throws FaultException;
  }

  /** How a handler's event is read and its result written. */
  record Types(Json event, Json result) {}

  /** What a RequestHandler declares; objects of any kind where it declares nothing. */
  Types typesOf(Class<?> handler) {
    TypeFactory types = TypeFactory.defaultInstance();
    JavaType[] declared =
        types.findTypeParameters(types.constructType(handler), RequestHandler.class);
    boolean known = declared != null && declared.length == 2;
    JavaType any = types.constructType(Object.class);
    return new Types(json(known ? declared[0] : any), json(known ? declared[1] : any));
  }

  Json event(Class<?> handler, Method method) {
    return json(resolved(handler, method, method.getGenericParameterTypes()[0]));
  }

  Json result(Class<?> handler, Method method) {
    return json(resolved(handler, method, method.getGenericReturnType()));
  }

  /** A type that may name variables of a generic superclass. */
  private static JavaType resolved(Class<?> handler, Method method, Type type) {
    TypeFactory types = TypeFactory.defaultInstance();
    JavaType declaring = types.constructType(handler).findSuperType(method.getDeclaringClass());
    return types.resolveMemberType(type, declaring.getBindings());
  }

  /** What a stream handler wrote; nothing becomes null, since a reply is JSON. */
  static byte[] streamed(ByteArrayOutputStream result) {
    return result.size() == 0 ? NULL : result.toByteArray();
  }

  private Json json(JavaType type) {
    if (type.hasRawClass(void.class) || type.hasRawClass(Void.class)) {
      return new Nothing();
    }
    return ofTheFunction
        .map(custom -> (Json) new Typed(new Custom(custom, ReflectedType.of(type))))
        .orElseGet(() -> new Typed(serializer(type)));
  }

  @SuppressWarnings("unchecked") // a serializer of the type that is asked for
  private PojoSerializer<Object> serializer(JavaType type) {
    Class<?> raw = type.getRawClass();
    PojoSerializer<?> found =
        LambdaEventSerializers.isLambdaSupportedEvent(raw.getName())
            ? LambdaEventSerializers.serializerFor(raw, loader)
            : JacksonFactory.getInstance().getSerializer((Type) type);
    return (PojoSerializer<Object>) found;
  }

  private static String reason(Throwable e) {
    Throwable cause = e.getCause() instanceof IOException io ? io : e;
    return String.valueOf(cause.getMessage());
  }

  private record Typed(PojoSerializer<Object> serializer) implements Json {
    @Override
    public @Nullable Object read(byte[] json) throws FaultException {
      try {
        return serializer.fromJson(new ByteArrayInputStream(json));
      } catch (RuntimeException | StackOverflowError e) {
        throw new FaultException(
            "Runtime.UnmarshalError", "Unable to unmarshal input: " + reason(e), e);
      }
    }

    @Override
    public byte[] write(@Nullable Object value) throws FaultException {
      if (value == null) {
        return NULL;
      }
      try {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        serializer.toJson(value, bytes);
        return bytes.toByteArray();
      } catch (RuntimeException | StackOverflowError e) {
        throw new FaultException(
            "Runtime.MarshalError", "Unable to marshal response: " + reason(e), e);
      }
    }
  }

  /** The function's own serializer for one type. */
  private record Custom(CustomPojoSerializer serializer, Type type)
      implements PojoSerializer<Object> {
    @Override
    public Object fromJson(InputStream json) {
      return serializer.fromJson(json, type);
    }

    @Override
    public Object fromJson(String json) {
      return serializer.fromJson(json, type);
    }

    @Override
    public void toJson(Object value, OutputStream json) {
      serializer.toJson(value, json, type);
    }
  }

  private record Nothing() implements Json {
    @Override
    public @Nullable Object read(byte[] json) {
      return null;
    }

    @Override
    public byte[] write(@Nullable Object value) {
      return NULL;
    }
  }
}
