package dev.rekindle.warmers.jvm;

import com.amazonaws.lambda.thirdparty.com.fasterxml.jackson.databind.JavaType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A type with arguments, for serializers that know nothing of the platform's own library. */
record ReflectedType(Class<?> raw, List<Type> arguments) implements ParameterizedType {
  /** The same type in Java's own terms. */
  static Type of(JavaType type) {
    int count = type.containedTypeCount();
    if (count == 0 || type.isArrayType()) {
      return type.getRawClass();
    }
    List<Type> arguments = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      arguments.add(of(type.containedType(i)));
    }
    return new ReflectedType(type.getRawClass(), arguments);
  }

  @Override
  public Type[] getActualTypeArguments() {
    return arguments.toArray(new Type[0]);
  }

  @Override
  public Type getRawType() {
    return raw;
  }

  @Override
  public @Nullable Type getOwnerType() {
    return raw.getDeclaringClass();
  }

  /** As Java writes it. */
  @Override
  public String toString() {
    return raw.getTypeName()
        + arguments.stream().map(Type::getTypeName).collect(Collectors.joining(", ", "<", ">"));
  }
}
