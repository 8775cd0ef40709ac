package dev.rekindle.api;

/**
 * How often invocations of a function started which way, since the service came up.
 *
 * @param cold booted from nothing
 * @param restored restored on the path of the request
 * @param standby served by an instance restored ahead of need
 * @param warm served by an instance that had served before
 */
public record StartCounts(long cold, long restored, long standby, long warm) {}
