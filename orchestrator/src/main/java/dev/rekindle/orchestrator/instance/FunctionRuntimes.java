package dev.rekindle.orchestrator.instance;

import dev.rekindle.orchestrator.function.DeployedFunction;
import dev.rekindle.orchestrator.function.FunctionLog;
import dev.rekindle.orchestrator.node.EventLoop;
import dev.rekindle.warmers.Warmer;
import dev.rekindle.warmers.Warmers;
import dev.rekindle.warmers.channel.HttpChannel;
import dev.rekindle.warmers.channel.InstanceChannel;
import java.util.random.RandomGenerator;

/**
 * Finds the runtime of a version.
 *
 * @param warmers the runtimes of this host
 * @param events speaks to instances with handlers
 * @param http speaks to instances that serve HTTP
 * @param loop the service's event loop
 * @param random makes the entropy of clones and the ids of traces
 * @param region what functions find in {@code AWS_REGION}
 * @param accountId the account in the functions' ARN
 */
public record FunctionRuntimes(
    Warmers warmers,
    InstanceChannel events,
    HttpChannel http,
    EventLoop loop,
    RandomGenerator random,
    String region,
    String accountId) {

  /** The runtime of one version, whose instances print to that log. */
  public FunctionRuntime of(DeployedFunction function, FunctionLog log) {
    Warmer warmer = warmers.find(function.settings().runtime()).orElse(null);
    boolean servesHttp = warmer != null && warmer.port().isPresent();
    var common = new FunctionProtocol.Common(function, loop, random, region, accountId);
    FunctionProtocol protocol =
        servesHttp
            ? new FunctionProtocol.Http(common, http)
            : new FunctionProtocol.Events(common, events);
    return new FunctionRuntime(
        function, log, warmer, warmers.bootstrapDirectory(), protocol, region);
  }
}
