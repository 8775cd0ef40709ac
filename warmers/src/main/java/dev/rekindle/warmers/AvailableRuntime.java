package dev.rekindle.warmers;

/**
 * A runtime that functions can use on this host.
 *
 * @param name what a function's settings call it, such as {@code java17}
 * @param version the version in full, which a snapshot is bound to
 */
public record AvailableRuntime(String name, String version) {}
