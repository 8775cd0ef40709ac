package dev.rekindle.engine.sandbox;

/**
 * Memory of all processes of a sandbox, as the kernel's smaps_rollup accounts it.
 *
 * @param residentBytes pages in memory (Rss)
 * @param proportionalBytes shared pages divided by their sharers (Pss)
 * @param privateBytes the sandbox's own pages (Pss_Anon): what ending it would free
 * @param sharedBytes the rest of the resident pages: they lie in the page cache, for all who map
 *     them
 * @param processes how many processes were counted
 */
public record SandboxMemory(
    long residentBytes,
    long proportionalBytes,
    long privateBytes,
    long sharedBytes,
    int processes) {}
