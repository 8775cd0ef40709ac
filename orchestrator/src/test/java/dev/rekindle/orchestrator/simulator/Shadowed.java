package dev.rekindle.orchestrator.simulator;

import dev.rekindle.orchestrator.policy.model.Beliefs;
import dev.rekindle.orchestrator.policy.model.Checkpointed;
import dev.rekindle.orchestrator.policy.model.Life;
import dev.rekindle.orchestrator.policy.model.Policy;
import dev.rekindle.orchestrator.policy.model.PolicyState;
import dev.rekindle.orchestrator.policy.model.Served;
import dev.rekindle.orchestrator.policy.model.SnapshotView;
import dev.rekindle.orchestrator.policy.model.StartPlan;
import dev.rekindle.orchestrator.policy.model.Started;
import dev.rekindle.orchestrator.policy.shadow.Shadow;
import java.util.List;

/** A policy with another one in its shadow, for simulations of one instance at a time. */
record Shadowed(Policy inForce, Shadow shadow) implements Policy {
  private static final String INSTANCE = "i";

  @Override
  public String name() {
    return inForce.name();
  }

  @Override
  public void arrived(int others) {
    inForce.arrived(others);
    shadow.arrived(others);
  }

  @Override
  public StartPlan start(List<SnapshotView> ready) {
    return inForce.start(ready);
  }

  @Override
  public void started(Started started) {
    inForce.started(started);
    shadow.started(INSTANCE, started, true);
  }

  @Override
  public void served(Served served) {
    inForce.served(served);
    shadow.served(INSTANCE, served, served.life().served() == 1);
  }

  @Override
  public boolean checkpoint(Life life, List<SnapshotView> snapshots) {
    boolean freezes = inForce.checkpoint(life, snapshots);
    shadow.idle(INSTANCE, freezes);
    return freezes;
  }

  @Override
  public boolean checkpointAtEviction(Life life, List<SnapshotView> snapshots) {
    boolean freezes = inForce.checkpointAtEviction(life, snapshots);
    shadow.evicting(INSTANCE, freezes);
    return freezes;
  }

  @Override
  public void checkpointed(Checkpointed checkpointed) {
    inForce.checkpointed(checkpointed);
    shadow.checkpointed(INSTANCE, checkpointed);
  }

  @Override
  public List<String> prune(List<SnapshotView> ready) {
    return inForce.prune(ready);
  }

  @Override
  public void ended(Life life) {
    inForce.ended(life);
    shadow.ended(INSTANCE);
  }

  @Override
  public Beliefs beliefs(List<SnapshotView> ready) {
    return inForce.beliefs(ready);
  }

  @Override
  public PolicyState state() {
    return inForce.state();
  }

  @Override
  public void restore(PolicyState state) {
    inForce.restore(state);
  }
}
