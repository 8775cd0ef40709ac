package dev.rekindle.orchestrator.policy.model;

import java.time.InstantSource;
import java.util.random.RandomGenerator;

/**
 * What a policy is given by the place that it runs in.
 *
 * @param function the function it decides for; its share of the budget goes by this name
 * @param clock tells the time
 * @param random its only source of chance
 * @param budget what all functions together may spend
 */
public record PolicyContext(
    String function, InstantSource clock, RandomGenerator random, Budget budget) {}
