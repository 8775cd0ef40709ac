package dev.rekindle.orchestrator.instance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.rekindle.api.FunctionFailure;
import dev.rekindle.api.Json;
import dev.rekindle.engine.sandbox.ExitStatus;
import dev.rekindle.engine.sandbox.Sandbox;
import dev.rekindle.orchestrator.function.DeployedFunction;
import dev.rekindle.orchestrator.function.FunctionLog;
import dev.rekindle.orchestrator.policy.baseline.ColdPolicy;
import dev.rekindle.orchestrator.policy.baseline.KeepAlivePolicy;
import dev.rekindle.warmers.Launch;
import dev.rekindle.warmers.Warmer;
import io.vertx.core.Future;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Boots a function from nothing. */
final class ColdStart {
  /** What a failure shows of the function's output: enough for an error, fit for a message. */
  private static final int LAST_LINES = 10;

  private static final int LAST_CHARS = 2_000;

  private final Node node;
  private final DeployedFunction function;
  private final FunctionLog log;

  ColdStart(Node node, DeployedFunction function, FunctionLog log) {
    this.node = node;
    this.function = function;
    this.log = log;
  }

  /** A spawned program that has not said yet whether it stands. */
  private record Booting(Sandbox sandbox, int pid) {}

  /** Succeeds with an instance that takes events; fails with {@link StartFailure}. */
  Future<Instance> run() {
    long started = System.nanoTime();
    return node.workers()
        .start(this::spawn)
        .recover(e -> Future.failedFuture(platformFailure(e)))
        .compose(
            booting ->
                ready(booting)
                    .map(
                        ok ->
                            new Instance(
                                    booting.sandbox(),
                                    booting.pid(),
                                    null,
                                    node.clock().instant(),
                                    started)
                                .readyNow())
                    .recover(e -> abandon(booting, e)));
  }

  private Future<Instance> abandon(Booting booting, Throwable why) {
    return node.workers()
        .<Void>file(
            () -> {
              booting.sandbox().close();
              return null;
            })
        .transform(closed -> Future.failedFuture(why));
  }

  private Booting spawn() {
    Warmer warmer =
        node.warmers()
            .find(function.settings().runtime())
            .orElseThrow(
                () -> new StartFailure("no warmer for runtime " + function.settings().runtime()));
    warmer.check();
    Launch launch = warmer.launch(function.spec(node.config().region(), makesSnapshots()));
    Sandbox sandbox = node.engine().sandbox(Sandboxes.spec(node, function));
    try {
      sandbox.onOutput((stream, bytes) -> log.append(bytes));
      int pid = sandbox.spawn(launch.command(), launch.environment(), launch.workingDirectory());
      return new Booting(sandbox, pid);
    } catch (RuntimeException e) {
      sandbox.close();
      throw e;
    }
  }

  private boolean makesSnapshots() {
    String policy = function.settings().policy().name();
    return !policy.equals(ColdPolicy.NAME) && !policy.equals(KeepAlivePolicy.NAME);
  }

  private static Throwable platformFailure(Throwable e) {
    return e instanceof StartFailure ? e : new StartFailure(String.valueOf(e.getMessage()));
  }

  private Future<Void> ready(Booting booting) {
    CompletionStage<String> said =
        booting.sandbox().readiness().copy().orTimeout(patienceMs(), TimeUnit.MILLISECONDS);
    return node.onLoop(said)
        .recover(
            e ->
                Future.failedFuture(
                    e instanceof TimeoutException
                        ? timedOut(booting)
                        : new StartFailure("the sandbox ended: " + e.getMessage())))
        .compose(line -> line.isBlank() ? diedSilently(booting) : interpret(booting, line));
  }

  /** A server's first request waits for its port, so its own time limit holds for that, too. */
  private long patienceMs() {
    long boot = node.config().bootTimeoutMs();
    return node.servesHttp(function) ? Math.min(boot, function.settings().timeoutMs()) : boot;
  }

  private String lastOutput() {
    String tail = log.tail(LAST_LINES).strip();
    return tail.isEmpty()
        ? " It printed nothing."
        : " The last lines of its log: " + tail.substring(Math.max(0, tail.length() - LAST_CHARS));
  }

  private StartFailure timedOut(Booting booting) {
    return new StartFailure(
        new FunctionFailure(
            node.servesHttp(function)
                ? "Nobody listened on port %d ($PORT) within %d ms: let the handler's command listen there, on all addresses or on 127.0.0.1, or raise timeoutMs."
                        .formatted(node.port(function), patienceMs())
                    + lastOutput()
                : "The function did not finish loading within %d ms.".formatted(patienceMs())
                    + lastOutput(),
            Failures.TIMED_OUT,
            List.of()),
        booting.sandbox().id());
  }

  private Future<Void> interpret(Booting booting, String line) {
    try {
      JsonNode said = Json.mapper().readTree(line);
      if (said.path("ok").asBoolean()) {
        return Future.succeededFuture();
      }
      return Future.failedFuture(
          new StartFailure(Failures.ofRuntime(said), booting.sandbox().id()));
    } catch (JsonProcessingException e) {
      return Future.failedFuture(
          new StartFailure("the function wrote to the platform's readiness pipe: " + line));
    }
  }

  private String stage() {
    return node.servesHttp(function)
        ? "before it listened on port %d ($PORT)".formatted(node.port(function))
        : "while loading";
  }

  /** The readiness pipe closed without a word: the process has ended, or will not say. */
  private Future<Void> diedSilently(Booting booting) {
    CompletionStage<ExitStatus> exit =
        booting
            .sandbox()
            .exit(booting.pid())
            .copy()
            .completeOnTimeout(ExitStatus.killed(), 2, TimeUnit.SECONDS);
    return node.onLoop(exit)
        .compose(
            status -> {
              boolean memory = booting.sandbox().ranOutOfMemory();
              return Future.failedFuture(
                  new StartFailure(
                      Failures.ended(function, status, memory, stage()), booting.sandbox().id()));
            });
  }
}
