package dev.rekindle.orchestrator.instance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.api.FunctionFailure;
import dev.rekindle.api.Json;
import dev.rekindle.engine.SnapshotEngine;
import dev.rekindle.engine.sandbox.Sandbox;
import dev.rekindle.orchestrator.node.EventLoop;
import dev.rekindle.orchestrator.node.Workers;
import dev.rekindle.warmers.Launch;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Boots a function from nothing. */
public final class ColdStart {
  /** What a failure shows of the function's output: enough for an error, fit for a message. */
  private static final int LAST_LINES = 10;

  private static final int LAST_CHARS = 2_000;

  private final Parts parts;
  private final FunctionRuntime runtime;

  /**
   * What every boot uses.
   *
   * @param engine makes sandboxes
   * @param workers may block
   * @param loop the service's event loop
   * @param bootTimeout what a function may take to load
   */
  public record Parts(
      SnapshotEngine engine, Workers workers, EventLoop loop, Duration bootTimeout) {}

  /** A boot of one version. */
  public ColdStart(Parts parts, FunctionRuntime runtime) {
    this.parts = parts;
    this.runtime = runtime;
  }

  /** A spawned program that is not ready yet. */
  private record Booting(Sandbox sandbox, int pid) {}

  /** Succeeds with an instance that takes events; fails with {@link StartFailure}. */
  public Future<Instance> run() {
    long started = parts.loop().nanoTime();
    return parts
        .workers()
        .start(this::spawn)
        .recover(e -> Future.failedFuture(platformFailure(e)))
        .compose(
            booting ->
                ready(booting)
                    .map(unused -> instance(booting, started))
                    .recover(e -> abandon(booting, e)));
  }

  private Instance instance(Booting booting, long started) {
    return new Instance(
            booting.sandbox(), booting.pid(), null, parts.loop().clock().instant(), started)
        .ready(parts.loop().nanoTime());
  }

  private Future<Instance> abandon(Booting booting, Throwable why) {
    return parts
        .workers()
        .<Void>file(
            () -> {
              booting.sandbox().close();
              return null;
            })
        .transform(closed -> Future.failedFuture(why));
  }

  private Booting spawn() {
    Launch launch = runtime.launch();
    Sandbox sandbox = parts.engine().sandbox(runtime.sandboxSpec());
    try {
      sandbox.onOutput((stream, bytes) -> runtime.log().append(bytes));
      int pid = sandbox.spawn(launch.command(), launch.environment(), launch.workingDirectory());
      return new Booting(sandbox, pid);
    } catch (RuntimeException e) {
      sandbox.close();
      throw e;
    }
  }

  private static Throwable platformFailure(Throwable e) {
    return e instanceof StartFailure ? e : new StartFailure(String.valueOf(e.getMessage()));
  }

  private Future<Void> ready(Booting booting) {
    CompletionStage<String> line =
        booting.sandbox().readiness().copy().orTimeout(patienceMs(), TimeUnit.MILLISECONDS);
    return parts
        .loop()
        .future(line)
        .recover(
            e ->
                Future.failedFuture(
                    e instanceof TimeoutException
                        ? timedOut(booting)
                        : new StartFailure("the sandbox ended: " + e.getMessage())))
        .compose(read -> read.isBlank() ? diedSilently(booting) : interpret(booting, read));
  }

  /** A server's first request waits for its port, so its own time limit holds for that, too. */
  private long patienceMs() {
    long boot = parts.bootTimeout().toMillis();
    return runtime.servesHttp() ? Math.min(boot, runtime.function().settings().timeoutMs()) : boot;
  }

  private String lastOutput() {
    String tail = runtime.log().tail(LAST_LINES).strip();
    return tail.isEmpty()
        ? " It printed nothing."
        : " The last lines of its log: " + tail.substring(Math.max(0, tail.length() - LAST_CHARS));
  }

  private StartFailure timedOut(Booting booting) {
    String limit = "within %d ms".formatted(patienceMs());
    return new StartFailure(
        new FunctionFailure(
            (runtime.servesHttp()
                    ? "Nobody listened on port %d ($PORT) %s: let the handler's command listen there, on all addresses or on 127.0.0.1, or raise timeoutMs."
                        .formatted(runtime.port(), limit)
                    : "The function did not finish loading %s.".formatted(limit))
                + lastOutput(),
            FunctionFailure.TIMED_OUT,
            List.of()),
        booting.sandbox().id());
  }

  private Future<Void> interpret(Booting booting, String line) {
    try {
      JsonNode report = Json.mapper().readTree(line);
      if (report.path("ok").asBoolean()) {
        return Future.succeededFuture();
      }
      return Future.failedFuture(
          new StartFailure(FunctionFailures.ofRuntime(report), booting.sandbox().id()));
    } catch (JsonProcessingException e) {
      return Future.failedFuture(
          new StartFailure("the function wrote to the platform's readiness pipe: " + line));
    }
  }

  private String stage() {
    return runtime.servesHttp()
        ? "before it listened on port %d ($PORT)".formatted(runtime.port())
        : "while loading";
  }

  /** The readiness pipe closed without a line: the process has ended, or will not report. */
  private Future<Void> diedSilently(Booting booting) {
    return ProcessExit.of(parts.loop(), booting.sandbox(), booting.pid())
        .compose(
            status -> {
              boolean memory = booting.sandbox().ranOutOfMemory();
              return Future.failedFuture(
                  new StartFailure(
                      FunctionFailures.ended(runtime.function(), status, memory, stage()),
                      booting.sandbox().id()));
            });
  }
}
