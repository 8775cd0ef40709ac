package dev.rekindle.api;

/**
 * The policy in the shadow of the one in force.
 *
 * @param beliefs what it holds to be true and decided; its snapshots do not exist
 * @param gain what it would have saved, as far as that can be told
 */
public record ShadowBeliefs(PolicyBeliefs beliefs, ShadowGain gain) {}
