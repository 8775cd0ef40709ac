package dev.rekindle.api;

/**
 * What an eviction did.
 *
 * @param evicted how many instances were stopped; busy ones are left alone
 */
public record Eviction(int evicted) {}
