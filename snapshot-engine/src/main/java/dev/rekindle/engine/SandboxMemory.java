package dev.rekindle.engine;

/**
 * Memory of all processes of a sandbox, as the kernel's smaps_rollup accounts it.
 *
 * @param residentBytes pages in memory (Rss)
 * @param proportionalBytes shared pages divided by their sharers (Pss)
 * @param privateBytes pages that no other process maps: what ending the sandbox would free
 * @param sharedBytes pages that other processes map too
 * @param processes how many processes were counted
 */
public record SandboxMemory(
    long residentBytes,
    long proportionalBytes,
    long privateBytes,
    long sharedBytes,
    int processes) {}
