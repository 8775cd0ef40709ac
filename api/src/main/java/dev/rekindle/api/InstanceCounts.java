package dev.rekindle.api;

/**
 * How many instances a function has in each {@link InstanceState}.
 *
 * @param starting that boot or are being restored
 * @param standby that are restored and unused
 * @param busy that serve an event
 * @param idle that wait for the next event
 * @param checkpointing that are being frozen
 */
public record InstanceCounts(int starting, int standby, int busy, int idle, int checkpointing) {}
