package dev.rekindle.api;

/**
 * A runtime that functions can use.
 *
 * @param name what a function's settings call it, such as {@code python3} or {@code java17}
 * @param version the version in full, which snapshots are bound to
 */
public record RuntimeDescription(String name, String version) {}
