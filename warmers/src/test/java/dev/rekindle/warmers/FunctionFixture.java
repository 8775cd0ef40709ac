package dev.rekindle.warmers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.warmers.channel.ChannelException;
import dev.rekindle.warmers.channel.Frame;
import dev.rekindle.warmers.channel.InstanceChannel;
import dev.rekindle.warmers.channel.InstanceReply;
import dev.rekindle.warmers.channel.Invocation;
import dev.rekindle.warmers.channel.RestoreContext;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Starts functions in processes of their own and talks to them. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
abstract class FunctionFixture {
  static final Duration PATIENCE = Duration.ofSeconds(60);
  static final String VERSION = "7";
  static final int MEMORY_MB = 192;

  private static Vertx vertx = Vertx.vertx();
  static InstanceChannel channel = new InstanceChannel(vertx);

  @TempDir Path temporary;
  private final List<FunctionProcess> started = new ArrayList<>();

  @BeforeAll
  static void startVertx() {
    vertx = Vertx.vertx();
    channel = new InstanceChannel(vertx);
  }

  @AfterAll
  static void stopVertx() {
    await(vertx.close());
  }

  @AfterEach
  void stopFunctions() throws InterruptedException {
    for (FunctionProcess process : started) {
      process.stop();
    }
  }

  /** The runtime under test. */
  abstract String runtime();

  /** The files of a function's code, by name. */
  Map<String, String> code() throws IOException {
    return Map.of();
  }

  /** Puts the code into the function's directory; code that is no text overrides this. */
  void install(Path task) throws IOException {
    for (Map.Entry<String, String> file : code().entrySet()) {
      Path target = task.resolve(file.getKey());
      Files.createDirectories(target.getParent());
      Files.writeString(target, file.getValue());
    }
  }

  FunctionProcess start(String handler) throws Exception {
    return start(handler, Map.of());
  }

  FunctionProcess start(String handler, Map<String, String> environment) throws Exception {
    return start(runtime(), handler, environment);
  }

  /** Starts a function in directories of its own. */
  FunctionProcess start(String runtime, String handler, Map<String, String> environment)
      throws Exception {
    Path home = Files.createTempDirectory(temporary, "f");
    Path task = Files.createDirectories(paths(home).task());
    install(task);
    RuntimePaths paths = paths(home);
    FunctionSpec function =
        new FunctionSpec("shop", VERSION, runtime, handler, MEMORY_MB, PATIENCE, environment);
    Warmer warmer = Warmers.standard(paths, paths.bootstraps()).find(runtime).orElseThrow();
    for (Map.Entry<String, Path> mount : warmer.mounts().entrySet()) {
      Files.createSymbolicLink(mount.getValue(), paths.bootstraps().resolve(mount.getKey()));
    }
    Launch launch = warmer.launch(function);
    FunctionProcess process = FunctionProcess.start(launch, home, paths.socket());
    started.add(process);
    return process;
  }

  /** Starts a function that must become ready. */
  FunctionProcess ready(String handler) throws Exception {
    return ready(start(handler));
  }

  static FunctionProcess ready(FunctionProcess process) throws Exception {
    assertThat(process.readiness().path("ok").asBoolean())
        .as("%s%n%s", process.readiness(), process.log())
        .isTrue();
    return process;
  }

  Warmer warmer() {
    return warmer(paths(temporary));
  }

  private Warmer warmer(RuntimePaths paths) {
    return Warmers.standard(paths, paths.bootstraps()).find(runtime()).orElseThrow();
  }

  private static RuntimePaths paths(Path home) {
    RuntimePaths installed = RuntimePaths.sandbox(System.getenv());
    return new RuntimePaths(
        installed.python3(),
        installed.node(),
        installed.java(),
        // Laid out as in a sandbox, where paths from the one to the other are relative.
        home.resolve("rekindle/runtime"),
        home.resolve("var/task"),
        home.resolve("s"));
  }

  static Invocation invocation(String event) {
    Instant deadline = Instant.now().plus(PATIENCE);
    return new Invocation("request-1", deadline, "shop", VERSION, MEMORY_MB, Buffer.buffer(event));
  }

  static InstanceReply reply(FunctionProcess process, String event) {
    return await(channel.invoke(process.socket(), invocation(event), PATIENCE));
  }

  /** Invokes and expects a result. */
  static JsonNode result(FunctionProcess process, String event) throws IOException {
    InstanceReply reply = reply(process, event);
    assertThat(reply).isInstanceOf(InstanceReply.Success.class);
    return Frame.JSON.readTree(((InstanceReply.Success) reply).result().getBytes());
  }

  /** Invokes and expects the function's own failure. */
  static InstanceReply.FunctionError error(FunctionProcess process, String event) {
    InstanceReply reply = reply(process, event);
    assertThat(reply).isInstanceOf(InstanceReply.FunctionError.class);
    return (InstanceReply.FunctionError) reply;
  }

  /** A restore's context whose entropy is one byte, repeated. */
  static RestoreContext restore(int entropy, Map<String, String> environment) {
    byte[] bytes = new byte[RestoreContext.ENTROPY_BYTES];
    Arrays.fill(bytes, (byte) entropy);
    return new RestoreContext(environment, Buffer.buffer(bytes), Instant.now());
  }

  static void checkpoint(FunctionProcess process) {
    await(channel.beforeCheckpoint(process.socket(), PATIENCE));
  }

  static void restored(FunctionProcess process, RestoreContext context) {
    await(channel.afterRestore(process.socket(), context, PATIENCE));
  }

  static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(90, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new AssertionError(e);
    } catch (InterruptedException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  static ChannelException failure(Future<?> future) {
    Throwable thrown = catchThrowable(() -> await(future));
    assertThat(thrown).isInstanceOf(ChannelException.class);
    return (ChannelException) thrown;
  }
}
