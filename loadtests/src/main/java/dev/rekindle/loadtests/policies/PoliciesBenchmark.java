package dev.rekindle.loadtests.policies;

import dev.rekindle.api.ParameterType;
import dev.rekindle.api.PolicyChoice;
import dev.rekindle.api.PolicyDescription;
import dev.rekindle.api.client.RekindleClient;
import dev.rekindle.loadtests.run.BenchmarkException;
import dev.rekindle.loadtests.run.Cleanup;
import dev.rekindle.loadtests.run.HeavyFunction;
import dev.rekindle.loadtests.run.Machine;
import dev.rekindle.loadtests.run.Programs;
import dev.rekindle.loadtests.run.ServiceGauges;
import dev.rekindle.loadtests.run.ServiceProcess;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Invokes each function under each policy, in rounds: each round is one life of an instance under
 * each policy, in an order that changes from round to round, so that whatever the machine does hits
 * all alike. Each function under each policy is a deployment of its own.
 */
final class PoliciesBenchmark {
  /** The parameter by which a policy is told how long instances live, where it has one. */
  private static final String LIFE = "requestsPerInstance";

  /** No limit of the node is to decide here: policies are compared. */
  private static final Map<String, Object> LIMITS =
      Map.of("budget", Map.of("checkpointsPerHour", 1_000_000));

  private final PoliciesSettings settings;
  private final Cleanup cleanup;
  private final InstantSource clock;

  PoliciesBenchmark(PoliciesSettings settings, Cleanup cleanup, InstantSource clock) {
    this.settings = settings;
    this.cleanup = cleanup;
    this.clock = clock;
  }

  /**
   * Runs it.
   *
   * @throws BenchmarkException if it cannot be finished
   */
  PoliciesReport run() throws IOException {
    Machine machine = Machine.read(Programs.criu());
    var began = clock.instant();
    Path disk = cleanup.directory(Path.of(System.getProperty("java.io.tmpdir")), "rekindle-bench");
    URI url = ServiceProcess.start(disk, LIMITS, Map.of(), cleanup).url();
    RekindleClient client = new RekindleClient(url);
    ServiceGauges gauges = new ServiceGauges(url);
    List<PolicyDescription> known = client.policies();
    List<PolicyChoice> policies =
        settings.policies().isEmpty()
            ? known.stream().map(each -> new PolicyChoice(each.name(), Map.of())).toList()
            : settings.policies();
    List<PoliciesReport.Trials> all = new ArrayList<>();
    for (HeavyFunction function : settings.functions()) {
      List<PolicyTrial> trials = new ArrayList<>();
      byte[] zip = function.zip();
      for (int i = 0; i < policies.size(); i++) {
        String name = function.runtime() + "-" + (i + 1);
        PolicyChoice policy = policies.get(i);
        PolicyTrial trial =
            new PolicyTrial(client, gauges, name, function, told(policy, known), label(policy));
        trial.deploy(zip, cleanup);
        trials.add(trial);
      }
      rounds(trials);
      all.add(
          new PoliciesReport.Trials(
              function.runtime(),
              function.about(),
              trials.stream().map(PolicyTrial::row).toList()));
    }
    return new PoliciesReport(machine, began, settings.requests(), settings.evictEvery(), all);
  }

  private void rounds(List<PolicyTrial> trials) {
    Random random = new Random(1); // the orders differ within a run, not between runs
    List<PolicyTrial> order = new ArrayList<>(trials);
    for (int left = settings.requests(); left > 0; left -= settings.evictEvery()) {
      Collections.shuffle(order, random);
      for (PolicyTrial trial : order) {
        trial.live(Math.min(left, settings.evictEvery()));
      }
    }
  }

  /** The policy's name, with the parameters that are not defaults. */
  private static String label(PolicyChoice policy) {
    StringBuilder label = new StringBuilder(policy.name());
    policy.parameters().forEach((name, value) -> label.append(':').append(name + "=" + value));
    return label.toString();
  }

  /** A policy that wants to know how long instances live is told, as in the simulator. */
  private PolicyChoice told(PolicyChoice choice, List<PolicyDescription> known) {
    boolean wants =
        known.stream()
            .filter(each -> each.name().equals(choice.name()))
            .flatMap(each -> each.parameters().stream())
            .anyMatch(p -> p.name().equals(LIFE) && p.type() == ParameterType.NUMBER);
    if (!wants || choice.parameters().containsKey(LIFE)) {
      return choice;
    }
    Map<String, Object> parameters = new LinkedHashMap<>(choice.parameters());
    parameters.put(LIFE, (long) settings.evictEvery());
    return new PolicyChoice(choice.name(), parameters);
  }
}
