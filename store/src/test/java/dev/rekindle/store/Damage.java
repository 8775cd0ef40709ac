package dev.rekindle.store;

/** What can happen to a stored file behind the store's back. */
public enum Damage {
  FLIPPED_BIT,
  SHORTENED,
  LENGTHENED,
  REMOVED
}
