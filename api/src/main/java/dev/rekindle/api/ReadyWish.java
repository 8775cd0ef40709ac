package dev.rekindle.api;

/**
 * What a policy wants kept ready; the node grants it as far as memory allows.
 *
 * @param standby how many restored instances that have served nothing
 * @param idleMs how long an idle instance lives, in milliseconds
 */
public record ReadyWish(int standby, long idleMs) {}
