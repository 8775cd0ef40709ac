package dev.rekindle.orchestrator.policy;

import dev.rekindle.api.Json;
import dev.rekindle.api.PolicyChoice;
import dev.rekindle.api.ShadowChoice;
import dev.rekindle.orchestrator.policy.model.Budget;
import dev.rekindle.orchestrator.policy.model.Policy;
import dev.rekindle.orchestrator.policy.model.PolicyContext;
import dev.rekindle.orchestrator.policy.shadow.Shadow;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The policies that a function chose, new and without knowledge.
 *
 * @param inForce decides
 * @param shadow is told the same and decides for show; null if none was chosen
 */
public record ChosenPolicies(Policy inForce, @Nullable Shadow shadow) {
  /**
   * Makes them. The shadow has a budget and a source of chance of its own, so that the policy in
   * force decides as if it were not there.
   *
   * @throws dev.rekindle.api.InvalidFieldException if there is no such policy or parameter
   */
  public static ChosenPolicies make(Policies policies, PolicyChoice choice, PolicyContext context) {
    Policy inForce = policies.make(choice, context);
    ShadowChoice other = choice.shadow();
    if (other == null) {
      return new ChosenPolicies(inForce, null);
    }
    PolicyContext own =
        new PolicyContext(
            context.function(),
            context.clock(),
            new SplittableRandom(context.random().nextLong()),
            Budget.UNLIMITED);
    String pair = new String(Json.write(choice), StandardCharsets.UTF_8);
    return new ChosenPolicies(
        inForce, new Shadow(policies.make(other, own), context.clock(), pair));
  }
}
