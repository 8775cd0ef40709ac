package dev.rekindle.api;

/**
 * What a policy wants kept ready; the node grants it as far as memory allows.
 *
 * @param standby how many restored instances that have served nothing
 * @param instances how many instances in all; those that are missing are restored ahead
 * @param idleMs how long an idle instance lives, in milliseconds
 */
public record ReadyWish(int standby, int instances, long idleMs) {}
