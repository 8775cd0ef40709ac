package dev.rekindle.api;

/**
 * What a policy's decisions cost, as reckoned.
 *
 * @param coldStarts cold starts that a caller waited for
 * @param restores restores that a caller waited for
 * @param checkpoints how many checkpoints it decided on
 * @param totalMs handlers, starts and checkpoints together
 */
public record PolicyCost(long coldStarts, long restores, long checkpoints, double totalMs) {}
