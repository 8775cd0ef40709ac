package dev.rekindle.warmers.jvm;

import com.amazonaws.services.lambda.runtime.LambdaLogger;
import com.amazonaws.services.lambda.runtime.LambdaRuntime;
import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Writes what the function logs to its log. */
enum FunctionLogger implements LambdaLogger {
  INSTANCE;

  /** Lets libraries find it that have no context. */
  static void install() throws ReflectiveOperationException {
    Field logger = LambdaRuntime.class.getDeclaredField("logger");
    logger.setAccessible(true);
    logger.set(null, INSTANCE);
  }

  @Override
  public void log(@Nullable String message) {
    log(message, LogLevel.UNDEFINED);
  }

  @Override
  public void log(@Nullable String message, LogLevel level) {
    if (LogFormat.isWanted(level)) {
      Log.entry(LogFormat.entry(message, level).getBytes(StandardCharsets.UTF_8));
    }
  }

  @Override
  public void log(byte[] message) {
    log(message, LogLevel.UNDEFINED);
  }

  /** Bytes are written as they are, in whatever format. */
  @Override
  public void log(byte[] message, LogLevel level) {
    if (LogFormat.isWanted(level)) {
      Log.entry(message);
    }
  }
}
