package dev.rekindle.engine;

import dev.rekindle.engine.pages.PageSession;

/**
 * A restored function whose memory comes back when it is asked for.
 *
 * @param process the function
 * @param pages the service of its memory; it ends by itself
 */
public record LazilyRestoredProcess(RestoredProcess process, PageSession pages) {}
