package dev.rekindle.orchestrator.pool;

import dev.rekindle.orchestrator.function.DeployedFunction;
import dev.rekindle.orchestrator.function.FunctionLog;
import dev.rekindle.orchestrator.instance.CheckpointRun;
import dev.rekindle.orchestrator.instance.ColdStart;
import dev.rekindle.orchestrator.instance.FunctionJournal;
import dev.rekindle.orchestrator.instance.FunctionRuntime;
import dev.rekindle.orchestrator.instance.FunctionRuntimes;
import dev.rekindle.orchestrator.instance.HotStart;
import dev.rekindle.orchestrator.instance.InstanceStarter;
import dev.rekindle.orchestrator.instance.WorkingSetTrial;
import dev.rekindle.orchestrator.node.EventLog;
import dev.rekindle.orchestrator.node.Metrics;
import dev.rekindle.orchestrator.policy.FunctionPolicy;
import dev.rekindle.orchestrator.snapshot.Snapshots;
import java.util.random.RandomGenerator;

/**
 * Puts the pool of a version together from what the node shares.
 *
 * @param shared what all pools use
 * @param cold what every boot uses
 * @param hot what every restore uses
 * @param checkpoint what every checkpoint uses
 * @param snapshots the node's snapshots
 * @param runtimes finds the runtime of a version
 * @param random makes ids
 * @param events what happened
 * @param metrics counters and timers
 * @param queueTimeoutMs how long a request waits for an instance at most
 * @param logBytes how much of a function's output is kept
 */
public record PoolFactory(
    FunctionPool.Parts shared,
    ColdStart.Parts cold,
    HotStart.Parts hot,
    CheckpointRun.Parts checkpoint,
    Snapshots snapshots,
    FunctionRuntimes runtimes,
    RandomGenerator random,
    EventLog events,
    Metrics metrics,
    long queueTimeoutMs,
    int logBytes) {

  /** The journal of a function that was not there before. */
  FunctionJournal journal(String function) {
    return new FunctionJournal(function, events, metrics, snapshots.savings());
  }

  /** A log for a function that was not there before. */
  FunctionLog log() {
    return new FunctionLog(logBytes);
  }

  /** The pool of the version that those policies are for. */
  FunctionPool pool(FunctionPolicy policy, FunctionLog log, FunctionJournal journal) {
    DeployedFunction function = policy.function();
    FunctionRuntime runtime = runtimes.of(function, log);
    InstanceStarter starter = new InstanceStarter(cold, hot, runtime, journal);
    WorkingSetTrial trial = new WorkingSetTrial(hot, runtime, journal);
    return new FunctionPool(
        shared,
        runtime,
        policy,
        journal,
        starter,
        trial,
        new WaitingRequests(shared.loop(), journal, function.name(), queueTimeoutMs),
        new Checkpoints(checkpoint, snapshots, random, runtime, policy, starter, trial, journal));
  }
}
