package dev.rekindle.orchestrator.policy;

import dev.rekindle.api.InvalidFieldException;
import dev.rekindle.api.NearestName;
import dev.rekindle.api.PolicyChoice;
import dev.rekindle.api.PolicyDescription;
import dev.rekindle.api.PolicyParameter;
import dev.rekindle.api.ShadowChoice;
import dev.rekindle.orchestrator.policy.adaptive.AdaptivePolicy;
import dev.rekindle.orchestrator.policy.adaptive.AdaptiveSettings;
import dev.rekindle.orchestrator.policy.baseline.AfterFirstPolicy;
import dev.rekindle.orchestrator.policy.baseline.AfterInitPolicy;
import dev.rekindle.orchestrator.policy.baseline.ColdPolicy;
import dev.rekindle.orchestrator.policy.baseline.FixedPolicy;
import dev.rekindle.orchestrator.policy.baseline.KeepAlivePolicy;
import dev.rekindle.orchestrator.policy.baseline.OnEvictPolicy;
import dev.rekindle.orchestrator.policy.baseline.RequestCentricPolicy;
import dev.rekindle.orchestrator.policy.model.Parameters;
import dev.rekindle.orchestrator.policy.model.Policy;
import dev.rekindle.orchestrator.policy.model.PolicyContext;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;

/** The policies by name. */
public final class Policies {
  private record Entry(
      PolicyDescription description, BiFunction<Parameters, PolicyContext, Policy> maker) {}

  private final Map<String, Entry> entries = new TreeMap<>();

  /** All policies of this build. */
  public Policies() {
    add(
        ColdPolicy.NAME,
        ColdPolicy.DESCRIPTION,
        List.of(),
        (values, context) -> new ColdPolicy(context));
    add(
        AfterInitPolicy.NAME,
        AfterInitPolicy.DESCRIPTION,
        List.of(),
        (values, context) -> new AfterInitPolicy(context));
    add(
        AfterFirstPolicy.NAME,
        AfterFirstPolicy.DESCRIPTION,
        List.of(AfterFirstPolicy.STANDBY),
        AfterFirstPolicy::new);
    add(FixedPolicy.NAME, FixedPolicy.DESCRIPTION, List.of(FixedPolicy.REQUEST), FixedPolicy::new);
    add(
        OnEvictPolicy.NAME,
        OnEvictPolicy.DESCRIPTION,
        List.of(OnEvictPolicy.LAST_REQUEST),
        OnEvictPolicy::new);
    add(
        KeepAlivePolicy.NAME,
        KeepAlivePolicy.DESCRIPTION,
        List.of(KeepAlivePolicy.IDLE),
        KeepAlivePolicy::new);
    add(
        AdaptivePolicy.NAME,
        AdaptivePolicy.DESCRIPTION,
        AdaptiveSettings.PARAMETERS,
        AdaptivePolicy::new);
    add(
        RequestCentricPolicy.NAME,
        RequestCentricPolicy.DESCRIPTION,
        RequestCentricPolicy.PARAMETERS,
        RequestCentricPolicy::new);
  }

  private void add(
      String name,
      String description,
      List<PolicyParameter> parameters,
      BiFunction<Parameters, PolicyContext, Policy> maker) {
    entries.put(name, new Entry(new PolicyDescription(name, description, parameters), maker));
  }

  /** What there is to choose from. */
  public List<PolicyDescription> descriptions() {
    return entries.values().stream().map(Entry::description).toList();
  }

  /**
   * Makes the policy that was chosen to run in the shadow of another.
   *
   * @throws InvalidFieldException as {@link #make} does
   */
  public Policy make(ShadowChoice choice, PolicyContext context) {
    try {
      return make(new PolicyChoice(choice.name(), choice.parameters()), context);
    } catch (InvalidFieldException e) {
      throw new InvalidFieldException(
          e.field().replaceFirst("^policy", ShadowChoice.FIELD), e.problem(), e.fix());
    }
  }

  /**
   * Makes the policy that was chosen for a function.
   *
   * @throws InvalidFieldException if there is none of that name, or it has no such parameter
   */
  public Policy make(PolicyChoice choice, PolicyContext context) {
    Entry entry = entries.get(choice.name());
    if (entry == null) {
      throw new InvalidFieldException(
          "policy.name",
          "'%s' is no policy".formatted(choice.name()),
          NearestName.of(choice.name(), entries.keySet())
                  .map(nearest -> "Did you mean '%s'? ".formatted(nearest))
                  .orElse("")
              + "Send one of "
              + String.join(", ", entries.keySet())
              + ".");
    }
    return entry.maker().apply(new Parameters(choice, entry.description().parameters()), context);
  }
}
